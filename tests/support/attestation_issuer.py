# SPDX-License-Identifier: Apache-2.0
"""Who vouches for soft authenticators, and the FIDO metadata that says so, for tests of the attestation policy.

    vendor = Issuer(folder)                             # a key of its own; .certificate is that of its CA
    credential(options, "--format", "packed-x5c", "--issuer-key", vendor.key_file)
    blob = Blob(number=3, entries=[entry(AAGUID, "A token", roots=[vendor], statuses=["REVOKED"])])
    blob.text, blob.root                                # the JWS, and the PEM of the root that it leads to
"""
import base64
import datetime
import itertools
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

ISSUER_NAME = "Soft Attestation CA"  # what soft-authenticator writes into the certificates
SIGNER_NAME = "mds.fidoalliance.org"
SERIAL = itertools.count(1)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def certificate(subject, issuer, key, issuer_key, authority=False, dns=None):
    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
               .public_key(key.public_key()).serial_number(next(SERIAL))
               .not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(2049, 1, 1))
               .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True))
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def der(what):
    return what.public_bytes(serialization.Encoding.DER)


def pem(what):
    return what.public_bytes(serialization.Encoding.PEM).decode()


class Issuer:
    _numbers = itertools.count(1)

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        self.key_file = pathlib.Path(folder) / f"issuer-{next(self._numbers)}.key"
        self.key_file.write_bytes(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                                    serialization.NoEncryption()))
        self.certificate = certificate(ISSUER_NAME, ISSUER_NAME, key, key, authority=True)


def entry(aaguid, description, roots=(), statuses=()):
    """One model of authenticators; roots are Issuers."""
    return {"aaguid": aaguid,
            "metadataStatement": {"description": description, "protocolFamily": "fido2",
                                  "attestationRootCertificates": [base64.b64encode(der(root.certificate)).decode()
                                                                  for root in roots]},
            "statusReports": [{"status": status, "effectiveDate": "2021-01-01"} for status in statuses]}


class Blob:
    def __init__(self, entries, number=1, next_update="2048-12-31", signer=SIGNER_NAME):
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = pem(certificate("Root", "Root", root_key, root_key, authority=True))
        leaf = certificate("Signer", "Root", key, root_key, dns=signer)
        header = {"alg": "ES256", "typ": "JWT", "x5c": [base64.b64encode(der(leaf)).decode()]}
        payload = {"no": number, "nextUpdate": next_update, "entries": entries}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))
        pair = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        self.text = signed + "." + base64url(b"".join(number.to_bytes(32, "big") for number in pair))
