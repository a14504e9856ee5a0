# SPDX-License-Identifier: Apache-2.0
"""Good ceremonies of a browser and an authenticator, made here and signed after they were changed.

A change is a function of a ceremony: it sets members (flags, key, statement, ...) before the signature is made, or
wraps one of the `on_...` hooks, which take the bytes of a part as they would be sent."""
import base64
import copy
import datetime
import hashlib
import json
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RP_ID, ORIGIN = "example.org", "https://example.org"
CHALLENGE = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
TIME = datetime.datetime(2025, 1, 1)
AAGUID = bytes(range(16))
CREDENTIAL_ID = bytes(range(100, 132))
USER_HANDLE = b"user"


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Raw(bytes):
    """CBOR that stands as it is"""


class Pairs(list):
    """A map, in this order, with whatever stands twice"""


def head(major, number):
    for info, size in ((24, "B"), (25, "H"), (26, "I"), (27, "Q")):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * struct.calcsize(size):
            return bytes([major << 5 | info]) + struct.pack(">" + size, number)
    raise ValueError(number)


def cbor(value):
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, Pairs):
        return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value)
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    raise TypeError(value)


class Key:
    """A private key, its COSE form and how it signs. Keys on curves are the same in every run."""

    def __init__(self, name, number=1):
        self.name = name
        self.private = {"es256": lambda: ec.derive_private_key(number << 200 | 1, ec.SECP256R1()),
                        "eddsa": lambda: ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)),
                        "rs256": lambda: rsa.generate_private_key(65537, 2048)}[name]()
        self.algorithm = {"es256": -7, "eddsa": -8, "rs256": -257}[name]

    def as_ps256(self, salt):
        """The same RSA key, for signatures with PSS"""
        out = copy.copy(self)
        out.algorithm, out.salt = -37, salt
        return out

    def cose(self):
        public = self.private.public_key()
        if self.name == "eddsa":
            point = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
            return Pairs([(1, 1), (3, -8), (-1, 6), (-2, point)])
        numbers = public.public_numbers()
        if self.name == "rs256":
            return Pairs([(1, 3), (3, self.algorithm), (-1, numbers.n.to_bytes(256, "big")), (-2, b"\1\0\1")])
        return Pairs([(1, 2), (3, -7), (-1, 1), (-2, numbers.x.to_bytes(32, "big")), (-3, numbers.y.to_bytes(32, "big"))])

    def sign(self, message):
        if self.name == "eddsa":
            return self.private.sign(message)
        if self.name == "rs256":
            scheme = padding.PSS(padding.MGF1(hashes.SHA256()), self.salt) if self.algorithm == -37 else padding.PKCS1v15()
            return self.private.sign(message, scheme, hashes.SHA256())
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))


def certificate(key, subject, extensions=()):
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in subject])
    builder = x509.CertificateBuilder(name, name, key.private.public_key(), x509.random_serial_number(),
                                      TIME - datetime.timedelta(days=365), TIME + datetime.timedelta(days=365))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key.private, hashes.SHA256()).public_bytes(Encoding.DER)


PACKED_SUBJECT = ((x509.NameOID.COUNTRY_NAME, "SE"), (x509.NameOID.ORGANIZATION_NAME, "Vendor"),
                  (x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"), (x509.NameOID.COMMON_NAME, "Key"))


class Ceremony:
    """What both kinds share; `parts` of the outer object are put together by case()."""

    def __init__(self, base, kind, key):
        self.base, self.kind, self.key = base, kind, key
        self.client_data = Pairs([("type", {"registration": "webauthn.create", "authentication": "webauthn.get"}[kind]),
                                  ("challenge", CHALLENGE), ("origin", ORIGIN), ("crossOrigin", False)])
        self.rp_id_hash = hashlib.sha256(RP_ID.encode()).digest()
        self.flags, self.sign_count, self.extensions = UP | UV, 7, None
        self.credential_id, self.cose = CREDENTIAL_ID, key.cose()
        self.attested = AAGUID
        self.expected = {}
        same = lambda part: part
        self.on_client = self.on_auth = self.on_signature = self.on_text = self.on_outer = same

    def client_bytes(self):
        members = (json.dumps(name) + ":" + (value if isinstance(value, Text) else json.dumps(value))
                   for name, value in self.client_data)
        return self.on_client(("{" + ",".join(members) + "}").encode())

    def auth_bytes(self):
        data = self.rp_id_hash + struct.pack(">BI", self.flags, self.sign_count)
        if self.attested is not None:
            data += self.attested + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor(self.cose)
        if self.extensions is not None:
            data += cbor(self.extensions)
        return self.on_auth(data)

    def case(self, change):
        """A case of a vectors file; its id is change/base."""
        outer = {"id": b64(self.credential_id), "rawId": b64(self.credential_id), "type": "public-key",
                 "authenticatorAttachment": "cross-platform", "clientExtensionResults": {}, "response": self.response()}
        text = self.on_text(json.dumps(self.on_outer(outer)).encode())
        return {"id": f"{change}/{self.base}", "kind": self.kind, "rp_id": RP_ID, "origins": [ORIGIN],
                "user_verification": "preferred", "challenge": CHALLENGE, "credential_raw": b64(text), "expected": "policy",
                "verify_time": int(TIME.replace(tzinfo=datetime.timezone.utc).timestamp()), **self.of_kind(), **self.expected}


class Text(str):
    """JSON that stands as it is"""


class Registration(Ceremony):
    def __init__(self, base, key, fmt, attestation_key=None, x5c=()):
        super().__init__(base, "registration", key)
        self.flags |= AT
        self.fmt, self.attestation_key, self.x5c = fmt, attestation_key or key, list(x5c)
        self.on_statement = self.on_object_pairs = self.on_object = self.on_auth  # the same as they come

    def statement(self, auth, client):
        client_hash = hashlib.sha256(client).digest()
        if self.fmt == "none":
            return Pairs()
        if self.fmt == "fido-u2f":
            x, y = dict(self.key.cose())[-2], dict(self.key.cose())[-3]
            signed = b"\0" + auth[:32] + client_hash + self.credential_id + b"\4" + x + y
            return Pairs([("sig", self.on_signature(self.attestation_key.sign(signed))), ("x5c", self.x5c)])
        out = Pairs([("alg", self.attestation_key.algorithm),
                     ("sig", self.on_signature(self.attestation_key.sign(auth + client_hash)))])
        return out + [("x5c", self.x5c)] if self.x5c else out

    def response(self):
        auth, client = self.auth_bytes(), self.client_bytes()
        statement = self.on_statement(Pairs(self.statement(auth, client)))
        pairs = self.on_object_pairs(Pairs([("fmt", self.fmt), ("attStmt", statement), ("authData", auth)]))
        return {"clientDataJSON": b64(client), "attestationObject": b64(self.on_object(cbor(pairs))), "transports": ["usb"]}

    def of_kind(self):
        return {"algs": [-7, -8, -257, -37], "trust_anchors": []}


class Authentication(Ceremony):
    def __init__(self, base, key):
        super().__init__(base, "authentication", key)
        self.attested = None
        self.user_handle = b64(USER_HANDLE)

    def response(self):
        auth, client = self.auth_bytes(), self.client_bytes()
        signature = self.on_signature(self.key.sign(auth + hashlib.sha256(client).digest()))
        return {"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(signature),
                "userHandle": self.user_handle}

    def of_kind(self):
        return {"stored": {"credential_id": b64(CREDENTIAL_ID), "public_key": b64(cbor(self.key.cose())), "sign_count": 6,
                           "backup_eligible": False, "backup_state": False, "user_handle": b64(USER_HANDLE)}}


def bases():
    """One good ceremony of each sort; copies of them are changed."""
    es256, eddsa, rs256, vendor = Key("es256"), Key("eddsa"), Key("rs256"), Key("es256", 2)
    packed = certificate(vendor, PACKED_SUBJECT, [x509.BasicConstraints(False, None)])
    u2f = certificate(vendor, ((x509.NameOID.COMMON_NAME, "U2F"),))
    return [Registration("none-es256", es256, "none"), Registration("self-es256", es256, "packed"),
            Registration("self-eddsa", eddsa, "packed"), Registration("self-rs256", rs256, "packed"),
            Registration("packed-es256", es256, "packed", vendor, [packed]),
            Registration("u2f-es256", es256, "fido-u2f", vendor, [u2f]),
            Authentication("auth-es256", es256), Authentication("auth-eddsa", eddsa), Authentication("auth-rs256", rs256)]


def changed(ceremony, change):
    """A copy that the change was done to; None where the change is about another kind of ceremony."""
    made = copy.copy(ceremony)
    made.expected = dict(made.expected)
    if isinstance(made, Registration):
        made.x5c = list(made.x5c)
    return None if change(made) == NOT_HERE else made


NOT_HERE = "not here"
