# SPDX-License-Identifier: Apache-2.0
"""Good ceremonies of others with one byte changed, at random places of each region; nothing is signed anew."""
import json
import random

from ceremonies import b64
from fido2.ctap2 import AttestationObject
from peer import from_base64url

BLOBS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature")
# Authenticator data: where its fields begin; a credential's id has a length of its own
FIELDS = [(0, "rp-id"), (32, "flags"), (33, "counter"), (37, "aaguid"), (53, "id-length"), (55, "id")]


def fields(data, credential):
    """(name, offsets) of authenticator data"""
    starts = [start for start in FIELDS if start[0] < len(data)]
    if credential is not None:
        starts.append((55 + len(credential.credential_id), "key"))
    ends = [start for start, _ in starts[1:]] + [len(data)]
    return [(name, range(start, end)) for (start, name), end in zip(starts, ends)]


def regions(case):
    """(name, member of the response, offsets) of all that can be changed"""
    response = case["credential"]["response"]
    out = [("client", "clientDataJSON", range(len(from_base64url(response["clientDataJSON"]))))]
    if case["kind"] == "authentication":
        data, signature = (from_base64url(response[name]) for name in ("authenticatorData", "signature"))
        return out + [("signature", "signature", range(len(signature)))] + \
            [(name, "authenticatorData", offsets) for name, offsets in fields(data, None)]
    whole = from_base64url(response["attestationObject"])
    data = AttestationObject(whole).auth_data
    start = whole.index(data)
    for name, offsets in fields(data, data.credential_data):
        out.append((name, "attestationObject", range(start + offsets.start, start + offsets.stop)))
    rest = [*range(start), *range(start + len(data), len(whole))]
    return out + [("object", "attestationObject", rest)]


def outer_text(case):
    return json.dumps({**case["credential"], "response": dict(sorted(case["credential"]["response"].items()))}).encode()


def text_offsets(case):
    """Those of the outer JSON that are not within a blob"""
    text = outer_text(case)
    out = set(range(len(text)))
    for name in BLOBS:
        if blob := case["credential"]["response"].get(name):
            start = text.index(blob.encode())
            out -= set(range(start, start + len(blob)))
    return sorted(out)


def without(case, *members):
    return {name: value for name, value in case.items() if name not in members}


def in_text(case, offset, mask):
    text = bytearray(outer_text(case))
    text[offset] ^= mask
    return {**without(case, "credential"), "credential_raw": b64(text)}


def in_blob(case, member, offset, mask):
    blob = bytearray(from_base64url(case["credential"]["response"][member]))
    blob[offset] ^= mask
    response = {**case["credential"]["response"], member: b64(blob)}
    return {**case, "credential": {**case["credential"], "response": response}}


def changed(case, seed, rounds):
    """`rounds` changes in every region; each base has a sequence of its own, so that one more case changes no other."""
    choice = random.Random(f"{seed} {case['id']}")
    for name, member, offsets in [*regions(case), ("text", None, text_offsets(case))]:
        for _ in range(rounds):
            offset, mask = choice.choice(offsets), choice.randrange(1, 256)
            made = in_text(case, offset, mask) if member is None else in_blob(case, member, offset, mask)
            # What the good one would store is no matter here
            yield {**without(made, "result"), "id": f"byte/{name}/{case['id']}/{offset}-{mask:02x}", "expected": "policy"}
