# SPDX-License-Identifier: Apache-2.0
"""Changes to a good ceremony: one each, with a name. What each verdict should be is not said here: two verifiers are
compared (docs/differential.md)."""
import hashlib

from cryptography.hazmat.primitives.asymmetric import padding

from ceremonies import (AT, BE, BS, CHALLENGE, ED, NOT_HERE, ORIGIN, Authentication, Pairs, Raw, Registration, Text, b64, cbor,
                        head)

CHANGES = {"good": lambda ceremony: None}


def change(name):
    def remember(function):
        CHANGES[name] = function
        return function
    return remember


def setting(name, **members):
    def function(ceremony):
        for member, value in members.items():
            if not hasattr(ceremony, member):
                return NOT_HERE
            setattr(ceremony, member, value)
        return None
    CHANGES[name] = function


def with_member(pairs, name, value):
    return Pairs([(key, value if key == name else old) for key, old in pairs])


def client_member(name, member, value):
    def function(ceremony):
        ceremony.client_data = with_member(ceremony.client_data, member, value)
    CHANGES["client-" + name] = function


def client_more(name, *members, first=False):
    def function(ceremony):
        ceremony.client_data = Pairs([*members, *ceremony.client_data] if first else [*ceremony.client_data, *members])
    CHANGES["client-" + name] = function


def hook(name, part, function):
    setting(name, **{"on_" + part: function})


# ---- Client data ----
client_member("type-other", "type", "payment.get")
client_member("challenge-other", "challenge", b64(bytes(32)))
client_member("challenge-padded", "challenge", CHALLENGE + "=")
client_member("challenge-stray-bits", "challenge", CHALLENGE[:-1] + "9")
client_member("challenge-newline", "challenge", CHALLENGE + "\n")
client_member("challenge-null", "challenge", None)
client_member("origin-other", "origin", "https://example.com")
client_member("origin-slash", "origin", ORIGIN + "/")
client_member("origin-case", "origin", "https://Example.org")
client_member("origin-null", "origin", None)
client_member("cross-origin", "crossOrigin", True)
client_member("cross-origin-text", "crossOrigin", "false")
client_member("cross-origin-null", "crossOrigin", None)
client_member("number-huge", "crossOrigin", Text("false,\"n\":1e999"))
client_member("nan", "crossOrigin", Text("false,\"n\":NaN"))
for form, text in {"numbers": "[-0,1E+2,1.5e-3,0.0,9007199254740993,-1e-400]", "number-minus": "-", "number-plus": "+1",
                   "number-no-digit": ".5", "number-dot-last": "1.", "number-hex": "0x1", "number-e-last": "1e",
                   "numbers-joined": "1 2", "infinity": "-Infinity", "word-case": "True", "words-joined": "truefalse",
                   "string-of-number": '"\\\\\\"1"', "string-of-quotes": '"\\"\\\\\\"{1:[-"', "string-open": '"\\"',
                   "nul-in-string": '"\\u0000"', "pair": '"\\ud83d\\ude00"', "pair-swapped": '"\\ude00\\ud83d"',
                   "escape-unknown": '"\\x41"', "escape-cut": '"\\u00"', "empty-names": '{"":{"":0}}'}.items():
    client_member(form, "crossOrigin", Text('false,"n":' + text))
client_member("number-leading-zero", "crossOrigin", Text("false,\"n\":01"))
client_member("lone-surrogate", "crossOrigin", Text("false,\"n\":\"\\ud800\""))
client_member("control-character", "crossOrigin", Text("false,\"n\":\"\t\""))
client_member("nested-30", "crossOrigin", Text("false,\"n\":" + "[" * 29 + "]" * 29))
client_member("nested-100", "crossOrigin", Text("false,\"n\":" + "[" * 100 + "]" * 100))
client_more("top-origin", ("topOrigin", ORIGIN))
client_more("top-origin-null", ("topOrigin", None))
client_more("unknown-member", ("other", {"a": [1, 2.5, None, "é"]}))
client_more("token-binding", ("tokenBinding", {"status": "supported"}))
client_more("challenge-twice", ("challenge", CHALLENGE))
client_more("challenge-twice-other-first", ("challenge", "AAAA"), first=True)
client_more("unknown-twice", ("a", 1), ("a", 2))
client_more("nul-in-name", ("type\0", "x"), first=True)
client_more("name-twice-by-case", ("Challenge", "AAAA"), first=True)
client_more("large", ("a", "x" * 20_000))
client_more("too-large", ("a", "x" * 40_000))
hook("client-bom", "client", lambda text: b"\xef\xbb\xbf" + text)
hook("client-bom-twice", "client", lambda text: b"\xef\xbb\xbf" * 2 + text)
hook("client-blanks", "client", lambda text: b" \r\n\t" + text + b"\n")
hook("client-nul", "client", lambda text: text + b"\0")
hook("client-two-objects", "client", lambda text: text + b"{}")
hook("client-comma", "client", lambda text: text[:-1] + b",}")
hook("client-latin-1", "client", lambda text: text[:-1] + b',"a":"\xe9"}')
hook("client-utf-16", "client", lambda text: text.decode().encode("utf-16"))
hook("client-array", "client", lambda text: b"[" + text + b"]")
hook("client-escapes", "client", lambda text: text.replace(b'"type"', b'"t\\u0079pe"'))
hook("client-empty", "client", lambda text: b"")


@change("client-reordered")
def _(ceremony):
    ceremony.client_data = Pairs(reversed(ceremony.client_data))


@change("client-no-cross-origin")
def _(ceremony):
    ceremony.client_data = Pairs(ceremony.client_data[:3])


@change("client-no-origin")
def _(ceremony):
    ceremony.client_data = Pairs([pair for pair in ceremony.client_data if pair[0] != "origin"])


# ---- Authenticator data ----
def flag(number):
    def function(ceremony):
        ceremony.flags ^= 1 << number
    CHANGES[f"auth-flag-{number}"] = function


for bit in range(8):
    flag(bit)


@change("auth-backed-up")
def _(ceremony):
    ceremony.flags |= BE | BS


@change("auth-uv-required")
def _(ceremony):
    ceremony.expected["user_verification"] = "required"


@change("auth-uv-required-but-clear")
def _(ceremony):
    ceremony.expected["user_verification"] = "required"
    ceremony.flags &= ~4


def extended(name, extensions):
    def function(ceremony):
        ceremony.flags |= ED
        ceremony.extensions = extensions
    CHANGES["auth-extensions-" + name] = function


extended("empty", Pairs())
extended("unknown", Pairs([("credProtect", 2), ("x", [1, b"2", True])]))
extended("null", Pairs([("x", Raw(b"\xf6"))]))
extended("float", Pairs([("x", Raw(b"\xf9\x3c\x00"))]))
extended("twice", Pairs([("x", 1), ("x", 1)]))
extended("array", [])
extended("indefinite", Raw(b"\xbf\xff"))
extended("tagged", Pairs([("x", Raw(b"\xc0\x60"))]))
extended("nested", Pairs([("x", Raw(b"\x81" * 12 + b"\x80"))]))
setting("auth-rp-id-other", rp_id_hash=hashlib.sha256(b"example.com").digest())
setting("auth-counter-max", sign_count=0xffffffff)
setting("auth-counter-same", sign_count=6)
setting("auth-counter-zero", sign_count=0)
hook("auth-trailing", "auth", lambda data: data + b"\0")
hook("auth-cut", "auth", lambda data: data[:-1])
hook("auth-empty", "auth", lambda data: b"")
setting("auth-aaguid-zero", attested=bytes(16))
setting("auth-id-empty", credential_id=b"")
setting("auth-id-1023", credential_id=bytes(1023))
setting("auth-id-1024", credential_id=bytes(1024))


@change("auth-attested-in-assertion")
def _(ceremony):
    if isinstance(ceremony, Registration):
        return NOT_HERE
    ceremony.flags |= AT
    ceremony.attested = bytes(16)
    return None


# ---- The credential's key ----
def key_change(name, function):
    def apply(ceremony):
        if not isinstance(ceremony, Registration):
            return NOT_HERE
        made = function(ceremony.cose)
        if made is None:
            return NOT_HERE
        ceremony.cose = made
        return None
    CHANGES["key-" + name] = apply


def only_ec(function):
    return lambda key: function(key) if len(key) == 5 else None


key_change("reordered", lambda key: Pairs(reversed(key)))
key_change("more-members", lambda key: Pairs([*key, (2, b"kid")]))
key_change("key-ops", lambda key: Pairs([*key, (4, [2])]))
key_change("private", only_ec(lambda key: Pairs([*key, (-4, bytes(32))])))
key_change("alg-text", lambda key: with_member(key, 3, "ES256"))
key_change("alg-missing", lambda key: Pairs([pair for pair in key if pair[0] != 3]))
key_change("alg-es384", lambda key: with_member(key, 3, -35))
key_change("alg-es256k", lambda key: with_member(key, 3, -47))
key_change("kty-other", lambda key: with_member(key, 1, 4))
key_change("kty-missing", lambda key: Pairs(key[1:]))
key_change("curve-other", only_ec(lambda key: with_member(key, -1, 2)))
key_change("off-curve", only_ec(lambda key: with_member(key, -3, bytes(32))))
key_change("x-short", only_ec(lambda key: with_member(key, -2, bytes(31))))
key_change("x-long", only_ec(lambda key: with_member(key, -2, b"\0" + dict(key)[-2])))
key_change("compressed", only_ec(lambda key: with_member(key, -3, True)))
key_change("twice", lambda key: Pairs([*key, key[-1]]))
key_change("non-minimal", lambda key: Pairs([(Raw(b"\x18\x01"), key[0][1]), *key[1:]]))
key_change("indefinite", lambda key: Raw(b"\xbf" + cbor(Pairs(key))[1:] + b"\xff"))
key_change("array", lambda key: [])


# ---- The attestation object ----
hook("object-reordered", "object_pairs", lambda pairs: Pairs(reversed(pairs)))
hook("object-more-members", "object_pairs", lambda pairs: Pairs([*pairs, ("new", 1)]))
hook("object-enterprise", "object_pairs", lambda pairs: Pairs([*pairs, ("epAtt", False)]))
hook("object-number-key", "object_pairs", lambda pairs: Pairs([*pairs, (9, 1)]))
hook("object-fmt-twice", "object_pairs", lambda pairs: Pairs([*pairs, pairs[0]]))
hook("object-numbered", "object_pairs", lambda pairs: Pairs([(1, pairs[0][1]), (2, pairs[2][1]), (3, pairs[1][1])]))
hook("object-fmt-unknown", "object_pairs", lambda pairs: with_member(pairs, "fmt", "unheard-of"))
hook("object-fmt-case", "object_pairs", lambda pairs: with_member(pairs, "fmt", "None"))
hook("object-fmt-bytes", "object_pairs", lambda pairs: with_member(pairs, "fmt", b"none"))
hook("object-auth-data-text", "object_pairs", lambda pairs: with_member(pairs, "authData", "text"))
hook("object-no-statement", "object_pairs", lambda pairs: Pairs([pairs[0], pairs[2]]))
hook("object-statement-array", "object_pairs", lambda pairs: with_member(pairs, "attStmt", []))
hook("object-statement-null", "object_pairs", lambda pairs: with_member(pairs, "attStmt", Raw(b"\xf6")))
hook("object-trailing", "object", lambda data: data + b"\0")
hook("object-cut", "object", lambda data: data[:-1])
hook("object-indefinite", "object", lambda data: b"\xbf" + data[1:] + b"\xff")
hook("object-non-minimal", "object", lambda data: b"\xb8\x03" + data[1:])
hook("object-tagged", "object", lambda data: b"\xd9\xd9\xf7" + data)
hook("object-empty", "object", lambda data: b"")
hook("object-huge-length", "object", lambda data: data.replace(b"hauthData", b"hauthData" + head(2, 2 ** 63), 1))


# ---- The statement and signatures ----
hook("statement-more-members", "statement", lambda pairs: Pairs([*pairs, ("more", 1)]))
hook("statement-alg-other", "statement", lambda pairs: with_member(pairs, "alg", -257 if ("alg", -257) not in pairs else -7))
hook("statement-no-alg", "statement", lambda pairs: Pairs([pair for pair in pairs if pair[0] != "alg"]))
hook("statement-no-sig", "statement", lambda pairs: Pairs([pair for pair in pairs if pair[0] != "sig"]))
hook("statement-x5c-empty", "statement", lambda pairs: Pairs([*(pair for pair in pairs if pair[0] != "x5c"), ("x5c", [])]))
hook("statement-x5c-null", "statement", lambda pairs: Pairs([*(pair for pair in pairs if pair[0] != "x5c"), ("x5c", Raw(b"\xf6"))]))
hook("signature-cut", "signature", lambda signature: signature[:-1])
hook("signature-trailing", "signature", lambda signature: signature + b"\0")
hook("signature-empty", "signature", lambda signature: b"")
hook("signature-zero", "signature", lambda signature: bytes(len(signature)))

ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
L = 2 ** 252 + 27742317777372353535851937790883648493


def der_parts(signature):
    r_size = signature[3]
    return (int.from_bytes(signature[4:4 + r_size], "big"), int.from_bytes(signature[6 + r_size:], "big"))


def der_integer(number):
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def mirrored(signature):
    """s and -s: the one that is not there"""
    if signature[:1] != b"\x30":
        return signature[:-32] + ((int.from_bytes(signature[-32:], "little") + L) % 2 ** 256).to_bytes(32, "little")
    r, s = der_parts(signature)
    body = der_integer(r) + der_integer(ORDER - s)
    return b"\x30" + bytes([len(body)]) + body


def as_ber(signature):
    return b"\x30\x81" + signature[1:] if signature[:1] == b"\x30" else signature + b"\0"


def as_raw(signature):
    return b"".join(part.to_bytes(32, "big") for part in der_parts(signature)) if signature[:1] == b"\x30" else b"\0" + signature


hook("signature-other-s", "signature", mirrored)
hook("signature-ber", "signature", as_ber)
hook("signature-raw", "signature", as_raw)


def with_ps256(name, salt):
    def apply(ceremony):
        if ceremony.key.name != "rs256":
            return NOT_HERE
        ceremony.key = ceremony.attestation_key = ceremony.key.as_ps256(salt)
        ceremony.cose = ceremony.key.cose()
        return None
    CHANGES["ps256-" + name] = apply


with_ps256("salt-of-32", 32)
with_ps256("salt-of-20", 20)
with_ps256("salt-longest", padding.PSS.MAX_LENGTH)


def certificate_change(name, function):
    def apply(ceremony):
        if not getattr(ceremony, "x5c", None):
            return NOT_HERE
        ceremony.x5c = function(ceremony.x5c)
        return None
    CHANGES["x5c-" + name] = apply


certificate_change("trailing", lambda x5c: [x5c[0] + b"\0"])
certificate_change("garbage", lambda x5c: [b"garbage"])
certificate_change("text", lambda x5c: ["text"])
certificate_change("twice", lambda x5c: x5c * 2)
certificate_change("more-garbage", lambda x5c: x5c + [b"garbage"])


# ---- The outer object ----
def outer_change(name, function):
    def apply(outer):
        outer = {**outer, "response": dict(outer["response"])}
        function(outer)
        return outer
    hook("outer-" + name, "outer", apply)


def outer_member(name, member, value):
    outer_change(name, lambda outer: outer.update({member: value}))


def response_member(name, member, function):
    def apply(outer):
        if member in outer["response"]:
            outer["response"][member] = function(outer["response"][member])
    outer_change(name, apply)


OTHER_ID = b64(b"another credential")
outer_member("type-other", "type", "password")
outer_member("id-other", "id", OTHER_ID)
outer_member("raw-id-other", "rawId", OTHER_ID)
outer_change("ids-other", lambda outer: outer.update(id=OTHER_ID, rawId=OTHER_ID))
outer_change("ids-padded", lambda outer: outer.update(id=outer["id"] + "=", rawId=outer["id"] + "="))
outer_change("no-raw-id", lambda outer: outer.pop("rawId"))
outer_change("no-id", lambda outer: outer.pop("id"))
outer_change("no-type", lambda outer: outer.pop("type"))
outer_change("no-extensions", lambda outer: outer.pop("clientExtensionResults"))
outer_change("no-attachment", lambda outer: outer.pop("authenticatorAttachment"))
outer_change("no-transports", lambda outer: outer["response"].pop("transports", None))
outer_member("attachment-unknown", "authenticatorAttachment", "implant")
outer_member("attachment-number", "authenticatorAttachment", 1)
outer_member("extensions-unknown", "clientExtensionResults", {"credProps": {"rk": True}, "x": [1]})
outer_member("extensions-null", "clientExtensionResults", None)
outer_member("extensions-array", "clientExtensionResults", [])
outer_member("extensions-appid", "clientExtensionResults", {"appid": True})
outer_member("extensions-appid-text", "clientExtensionResults", {"appid": "true"})
outer_member("unknown-member", "more", [1, {"a": None}])
outer_member("dotted-name", "response.clientDataJSON", "AAAA")
outer_member("response-null", "response", None)
response_member("transports-unknown", "transports", lambda _: ["usb", "thought"])
response_member("transports-32", "transports", lambda _: ["usb"] * 32)
response_member("transports-33", "transports", lambda _: ["usb"] * 33)
response_member("transports-mixed", "transports", lambda _: ["usb", 1])
response_member("transports-text", "transports", lambda _: "usb")
response_member("user-handle-null", "userHandle", lambda _: None)
response_member("user-handle-empty", "userHandle", lambda _: "")
response_member("user-handle-other", "userHandle", lambda _: b64(b"another"))
response_member("user-handle-number", "userHandle", lambda _: 5)
response_member("client-padded", "clientDataJSON", lambda text: text + "=" * (-len(text) % 4 or 4))
response_member("client-newline", "clientDataJSON", lambda text: text + "\n")
response_member("client-blank", "clientDataJSON", lambda text: text[:8] + " " + text[8:])
response_member("client-null", "clientDataJSON", lambda _: None)
response_member("signature-illegal", "signature", lambda text: text[:8] + "!!!!" + text[8:])
response_member("signature-standard-alphabet", "signature", lambda text: text.replace("-", "+").replace("_", "/"))
response_member("object-padded", "attestationObject", lambda text: text + "=")
response_member("auth-data-number", "authenticatorData", lambda _: 5)
hook("text-trailing", "text", lambda text: text + b"{}")
hook("text-blanks", "text", lambda text: b"\n " + text + b"\n")
hook("text-bom", "text", lambda text: b"\xef\xbb\xbf" + text)
hook("text-utf-16", "text", lambda text: text.decode().encode("utf-16"))
hook("text-comment", "text", lambda text: text[:-1] + b"/**/}")
hook("text-id-twice", "text", lambda text: b'{"id":"AA",' + text[1:])
hook("text-cut", "text", lambda text: text[:-1])
hook("text-escapes", "text", lambda text: text.replace(b"rawId", b"raw\\u0049d"))
hook("text-latin-1", "text", lambda text: text[:-1] + b',"a":"\xe9"}')
hook("text-deep", "text", lambda text: text[:-1] + b',"a":' + b"[" * 500 + b"]" * 500 + b"}")
hook("text-large", "text", lambda text: text[:-1] + b',"a":"' + b"x" * 150_000 + b'"}')
hook("text-empty", "text", lambda text: b"")


@change("allowed-other")
def _(ceremony):
    if not isinstance(ceremony, Authentication):
        return NOT_HERE
    ceremony.expected["allow_credentials"] = [b64(b"another")]
    return None


@change("record-eligible")
def _(ceremony):
    if not isinstance(ceremony, Authentication):
        return NOT_HERE
    ceremony.expected["stored"] = {**ceremony.of_kind()["stored"], "backup_eligible": True}
    return None


@change("discoverable-no-handle")
def _(ceremony):
    if not isinstance(ceremony, Authentication):
        return NOT_HERE
    ceremony.expected["user_identified"] = False
    ceremony.user_handle = None
    return None
