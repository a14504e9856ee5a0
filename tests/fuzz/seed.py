#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""seed.py BUILD: makes corpus/TARGET/CASE.bin anew from the vectors. Of the cases that do the same to a target, as the
fuzz targets in BUILD see it, the smallest one is kept."""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors/data"
LONGEST = 16_384  # what run.py lets the engine try; longer cases are for the vectors alone
# What the target client_data expects of every input
CHALLENGE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
ORIGIN = "https://example.org"


def decoded(text):
    """The bytes, however the case spells them: bad spellings are what some cases are about."""
    kept = "".join(c for c in str(text).replace("+", "-").replace("/", "_") if c.isalnum() or c in "-_")
    return base64.urlsafe_b64decode(kept[:len(kept) - (len(kept) % 4 == 1)] + "===")


def sized(content):
    return len(content).to_bytes(2, "big") + content


def cbor(data, at=0):
    """(value, where it ends). Enough for attestation objects; some error for anything else."""
    major, low = data[at] >> 5, data[at] & 31
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    number, at = int.from_bytes(data[at + 1:at + 1 + size], "big") if size else low, at + 1 + size
    if major in (2, 3):
        return data[at:at + number] if major == 2 else data[at:at + number].decode(), at + number
    if major in (4, 5):
        items = []
        for _ in range(number * (major - 3)):
            item, at = cbor(data, at)
            items.append(item)
        return items if major == 4 else dict(zip(items[::2], items[1::2])), at
    return {0: number, 1: -1 - number}.get(major), at


def head(major, number):
    size = next(size for size in (0, 1, 2, 4) if number < (24 if size == 0 else 256 ** size))
    low = number if size == 0 else {1: 24, 2: 25, 4: 26}[size]
    return bytes([major << 5 | low]) + (number.to_bytes(size, "big") if size else b"")


def written(value):
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        content = value if isinstance(value, bytes) else value.encode()
        return head(2 if isinstance(value, bytes) else 3, len(content)) + content
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(written, value))
    return head(5, len(value)) + b"".join(written(key) + written(content) for key, content in value.items())


def compound(held):
    """The same attestation object with its statement twice, as the parts of a compound one."""
    part = {"fmt": held["fmt"], "attStmt": held["attStmt"]}
    return written({"fmt": "compound", "attStmt": [part, part], "authData": held["authData"]})


def metadata(vector):
    """A payload of FIDO metadata in which the case's anchors vouch for a model."""
    roots = [base64.b64encode(decoded(anchor)).decode() for anchor in vector["trust_anchors"]]
    reports = [{"status": "FIDO_CERTIFIED"}, {"status": "ATTESTATION_KEY_COMPROMISE", "certificate": roots[0]}]
    statement = {"description": vector["id"], "attestationRootCertificates": roots}
    entries = [{"aaguid": "01020304-0506-0708-0102-030405060708", "metadataStatement": statement, "statusReports": reports},
               {"attestationCertificateKeyIdentifiers": ["00" * 20], "metadataStatement": statement, "statusReports": []}]
    return {"legalHeader": "", "no": 1, "nextUpdate": "2099-12-31", "entries": entries}


def map_in(encoded):
    """The map of an attestation object; empty for what cannot be taken apart."""
    try:
        value = cbor(encoded)[0]
        return value if isinstance(value, dict) else {}
    except (TypeError, ValueError, IndexError, RecursionError):
        return {}


def client_data(vector):
    given = decoded(vector["credential"]["response"].get("clientDataJSON", ""))
    for origin in vector["origins"]:
        given = given.replace(f'"{origin}'.encode(), f'"{ORIGIN}'.encode())
    return given.replace(vector["challenge"].encode(), CHALLENGE.encode())


def credential(vector):
    line = [vector["challenge"], vector["rp_id"], vector["origins"][0], vector.get("stored", {}).get("public_key", "-")]
    text = decoded(vector["credential_raw"]) if "credential_raw" in vector else json.dumps(vector["credential"]).encode()
    return " ".join(line).encode() + b"\n" + text


def registration_seeds(vector):
    encoded = decoded(vector["credential"]["response"].get("attestationObject", ""))
    held = map_in(encoded)
    yield "cbor", encoded
    if not held:
        return
    if isinstance(held.get("authData"), bytes):
        yield "authenticator_data", held["authData"]
    digest = hashlib.sha256(decoded(vector["credential"]["response"].get("clientDataJSON", ""))).digest()
    yield "statement_" + vector.get("attestation_format", "none").replace("-", "_"), digest + encoded
    if vector["expected"] == "ok":
        yield "statement_compound", digest + compound(held)
    statement = held.get("attStmt")
    chain = statement.get("x5c", []) if isinstance(statement, dict) else []
    anchors = [decoded(anchor) for anchor in vector.get("trust_anchors", [])]
    for certificate in [*(chain if isinstance(chain, list) else []), *anchors]:
        if isinstance(certificate, bytes):
            yield "certificate", certificate


def ceremony_seeds(vector):
    yield "credential", credential(vector)
    yield "json", credential(vector).split(b"\n", 1)[1]
    if not isinstance(vector.get("credential", {}).get("response"), dict):
        return
    yield "client_data", client_data(vector)
    yield "json", client_data(vector)
    yield from registration_seeds(vector)
    if vector.get("trust_anchors"):
        yield "metadata", b"\0" + json.dumps(metadata(vector)).encode()
    if "stored" in vector:
        yield "authenticator_data", decoded(vector["credential"]["response"].get("authenticatorData", ""))
        yield "cbor", decoded(vector["stored"]["public_key"])


def seeds(vector):
    """(target, input) of every target that the case has something for."""
    kind = vector["kind"]
    if kind in ("registration", "authentication"):
        yield from ceremony_seeds(vector)
    elif kind == "signature":
        parts = [decoded(vector[name]) for name in ("public_key", "signature", "message")]
        yield "cose_key", sized(parts[0]) + sized(parts[1]) + parts[2]
    elif kind == "base32":
        yield "base32_seed", vector["text"].encode()
    elif kind == "uri":
        yield "otpauth", vector["uri"].encode()


def write_all(folder):
    written = set()
    for file in sorted(VECTORS.glob("*.json")):
        for vector in json.loads(file.read_text()):
            for target, content in seeds(vector):
                if 0 < len(content) <= LONGEST and (target, content) not in written:
                    written.add((target, content))
                    (folder / target).mkdir(exist_ok=True)
                    path = folder / target / f"{vector['id']}.bin"
                    path = path if not path.exists() else path.with_suffix(f".{len(written)}.bin")
                    path.write_bytes(content)


def minimise(build, everything, target):
    """The engine names what it keeps by its hash; the cases' names come back."""
    program = build / "tests/fuzz" / f"fuzz-{target}"
    if not program.is_file():
        print(f"{target}: left out, there is no {program}")
        return
    with tempfile.TemporaryDirectory() as kept:
        # A merge passes over what breaks the target; no case may
        subprocess.run([program, "-runs=0", everything / target], check=True, stderr=subprocess.DEVNULL, cwd=kept)
        subprocess.run([program, "-merge=1", f"-artifact_prefix={everything}/", kept, everything / target], check=True, stderr=subprocess.DEVNULL)
        names = {hashlib.sha1(path.read_bytes()).hexdigest(): path for path in sorted((everything / target).iterdir())}
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for path in pathlib.Path(kept).iterdir():
            names[path.name].rename(folder / names[path.name].name)
        print(f"{target}: {len(list(folder.iterdir()))} of {len(names)} cases")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        everything = pathlib.Path(scratch)
        write_all(everything)
        for folder in sorted(everything.iterdir()):
            minimise(build, everything, folder.name)


main()
