# SPDX-License-Identifier: Apache-2.0
"""A relying party on python-fido2 (Yubico's library): what it says of a case of tests/vectors/data.

It does what that library's own server does, and hands it what it does not read itself: the JSON text of the credential.
Nothing is checked here that the library leaves out."""
import base64
import json

from cryptography import x509
from fido2 import cbor
from fido2.attestation import Attestation, UntrustedAttestation, verify_x509_chain
from fido2.client import ClientData
from fido2.cose import CoseKey
from fido2.ctap2 import AttestationObject, AttestedCredentialData, AuthenticatorData
from fido2.server import Fido2Server, U2FFido2Server
from fido2.utils import websafe_decode


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def credential_of(case):
    if "credential_raw" in case:
        return json.loads(from_base64url(case["credential_raw"]))
    return case["credential"]


def anchor_for(chain, anchors):
    """The anchor that the chain's last certificate names as its issuer; that certificate itself may be one."""
    issuer = x509.load_der_x509_certificate(chain[-1]).issuer
    for anchor in anchors:
        if anchor == chain[-1]:
            return []
        if x509.load_der_x509_certificate(anchor).subject == issuer:
            return [anchor]
    raise UntrustedAttestation("no anchor for the chain")


def attestation_check(case):
    anchors = [from_base64url(anchor) for anchor in case.get("trust_anchors", [])]

    def check(attestation, client_data_hash):
        statement = Attestation.for_type(attestation.fmt)()
        result = statement.verify(attestation.att_statement, attestation.auth_data, client_data_hash)
        if anchors and result.trust_path:
            verify_x509_chain(result.trust_path + anchor_for(result.trust_path, anchors))

    return check


def server_for(case, **more):
    rp = {"id": case["rp_id"], "name": "RP"}
    trusted = lambda origin: origin in case["origins"]
    if case.get("appid"):
        return U2FFido2Server(case["appid"], rp, verify_u2f_origin=trusted, verify_origin=trusted, **more)
    return Fido2Server(rp, verify_origin=trusted, **more)


def state_of(case):
    return {"challenge": case["challenge"], "user_verification": case["user_verification"]}


def register(case):
    response = credential_of(case)["response"]
    server = server_for(case, attestation="direct", verify_attestation=attestation_check(case))
    server.register_complete(state_of(case), ClientData(websafe_decode(response["clientDataJSON"])),
                             AttestationObject(websafe_decode(response["attestationObject"])))


def authenticate(case):
    credential = credential_of(case)
    response, stored = credential["response"], case["stored"]
    key = CoseKey.parse(cbor.decode(from_base64url(stored["public_key"])))
    record = AttestedCredentialData.create(bytes(16), from_base64url(stored["credential_id"]), key)
    server_for(case).authenticate_complete(
        state_of(case), [record], websafe_decode(credential["id"]), ClientData(websafe_decode(response["clientDataJSON"])),
        AuthenticatorData(websafe_decode(response["authenticatorData"])), websafe_decode(response["signature"]))


def refusal(case):
    """Why the library refuses the case; None: it accepts."""
    try:
        (register if case["kind"] == "registration" else authenticate)(case)
    except Exception as error:  # noqa: BLE001 (whatever it throws is a refusal)
        return f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": ")
    return None
