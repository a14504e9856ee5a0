#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# A second reader of the store, from docs/format.md alone: format_reader.py factord.db KEYFILE [CODE]
# Prints every record as a line of JSON; bytes as hex. Says of registration
# codes whether CODE (ten bytes, as hex) opens them. Ends with 1 at the first thing that is not as the page says.
# Needs python3-nacl.
import hashlib
import json
import sqlite3
import struct
import sys

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt

SUB_KEYS = {"store": b"fctdstor", "owner": b"fctdownr", "factor": b"fctdfact", "seed": b"fctdseed",
            "journal": b"fctdjrnl", "lookup": b"fctdhash", "chain": b"fctdchai", "budget": b"fctdbudg",
            "code": b"fctdcode", "code_hash": b"fctdchsh"}
TABLES = {"store": 1, "owner": 2, "factor": 3, "seed": 4, "journal": 5, "budget": 6, "code": 7}

# name: field number -> (name, type); a list in place of a type means repeated
PASSKEY, U2F = 1, 2
WEBAUTHN = {1: ("domain", "text"), 2: ("appid", "text"), 3: ("challenge", "text"), 4: ("user_verification", "text"),
            5: ("credential_id", "bytes"), 6: ("public_key", "bytes"), 7: ("algorithm", "sint"),
            8: ("sign_count", "uint"), 9: ("aaguid", "text"), 10: ("attestation", "text"),
            11: ("transports", ["text"]), 12: ("user_verified", "bool"), 13: ("backup_eligible", "bool"),
            14: ("backed_up", "bool")}
TOTP = {1: ("algorithm", "text"), 2: ("digits", "uint"), 3: ("period", "uint"), 4: ("last_step", "uint")}
STORE = {1: ("organization", "text"), 2: ("domain", "text"), 3: ("folded", "uint")}
OWNER = {1: ("organization", "text"), 2: ("user_id", "text"), 3: ("uid", "uint"), 4: ("display_name", "text"),
         5: ("handle", "bytes"), 6: ("sequence", "uint"), 7: ("created", "int"), 8: ("changed", "int"),
         9: ("factors", [{1: ("row", "int"), 2: ("version", "uint")}]), 10: ("locked", "bool")}
FACTOR = {1: ("id", "text"), 2: ("kind", "uint"), 3: ("state", "uint"), 4: ("name", "text"), 5: ("created", "int"),
          6: ("changed", "int"), 7: ("last_used", "int"), 8: ("use_count", "uint"), 9: ("expires", "int"),
          10: ("webauthn", WEBAUTHN), 11: ("totp", TOTP), 12: ("begun_by", "uint"),
          13: ("recovery", {1: ("salt", "bytes"), 2: ("operations", "uint"), 3: ("memory", "uint"),
                            4: ("hashes", ["bytes"])}), 14: ("code_id", "text")}
USE = {1: ("count", "uint"), 2: ("step", "uint"), 3: ("sign_count", "uint"), 4: ("backed_up", "bool"),
       5: ("source", "text")}
EVENT = {1: ("type", "uint"), 2: ("at", "int"), 3: ("actor", "uint"), 4: ("organization", "text"),
         5: ("user_id", "text"), 6: ("sequence", "uint"), 7: ("factor_id", "text"), 8: ("kind", "uint"), 9: ("use", USE)}
BUDGET = {1: ("kind", "uint"), 2: ("caller", "uint"), 3: ("source", "text"), 4: ("failures", "uint"),
          5: ("locks", "uint"), 6: ("locked_until", "int"), 7: ("last_failure", "int"), 8: ("last_success", "int"),
          9: ("recent", ["int"])}

CODE = {1: ("id", "text"), 2: ("kind", "uint"), 3: ("created", "int"), 4: ("expires", "int"), 5: ("failures", "uint"),
        6: ("hash", "bytes")}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def value_of(kind, raw):
    if isinstance(kind, dict):
        return parse(raw, kind)
    if kind == "int":
        return raw - (1 << 64) if raw >> 63 else raw
    if kind == "sint":
        return (raw >> 1) ^ -(raw & 1)
    return {"text": lambda: raw.decode(), "bytes": lambda: raw.hex(), "bool": lambda: bool(raw),
            "uint": lambda: raw}[kind]()


def parse(data, fields):
    record, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        raw, at = varint(data, at)
        if tag & 7 == 2:
            size, raw = raw, data[at:at + raw]
            assert len(raw) == size, "cut short"
            at += size
        else:
            assert tag & 7 == 0, "wire type"
        name, kind = fields[tag >> 3]
        if kind == ["int"]:
            record.setdefault(name, []).extend(value_of("int", one) for one in packed(raw))
        elif isinstance(kind, list):
            record.setdefault(name, []).append(value_of(kind[0], raw))
        else:
            record[name] = value_of(kind, raw)
    return record


def packed(data):
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value


def kdf(key, context):
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=struct.pack("<QQ", 1, 0), person=context).digest()


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<I", len(data)) + data


class Reader:
    def __init__(self, path, master_key):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        assert self.one("PRAGMA application_id") == (0x66637464,), "no store"
        assert self.one("PRAGMA user_version") == (3,), "another version"
        (self.store_id,) = self.one("SELECT uuid FROM store WHERE id = 1")
        data_key, self.generation = self.unlock(master_key)
        self.keys = {use: kdf(data_key, context) for use, context in SUB_KEYS.items()}

    def one(self, sql):
        return self.db.execute(sql).fetchone()

    def unlock(self, master_key):
        for row, kind, generation, wrapped in self.db.execute(
                "SELECT id, type, generation, wrapped FROM key_slot ORDER BY id"):
            aad = b"fctdslot" + self.store_id + struct.pack("<qqI", row, kind, generation)
            try:
                return decrypt(wrapped[24:], aad, wrapped[:24], kdf(master_key, b"fctdslot")), generation
            except Exception:
                continue
        raise AssertionError("locked: no slot opens")

    def unseal(self, table, row, owner, version, sealed):
        head = struct.pack("<BI", 1, self.generation)
        assert sealed[:5] == head, "format or generation"
        aad = head + self.store_id + struct.pack("<BqqQ", TABLES[table], row, owner, version)
        return decrypt(sealed[29:], aad, sealed[5:29], self.keys[table])

    def record(self, table, row, owner, version, sealed, fields):
        plain = self.unseal(table, row, owner, version, sealed).rstrip(b"\0")
        assert plain[-1:] == b"\x80", "padding"
        return parse(plain[:-1], fields)

    def hash(self, data):
        digest = hashlib.blake2b(data, digest_size=8, key=self.keys["lookup"]).digest()
        return struct.unpack("<q", digest)[0]

    def store(self):
        (sealed,) = self.one("SELECT sealed FROM store WHERE id = 1")
        return self.record("store", 1, 0, 1, sealed, STORE)

    def owners(self):
        for row, by_org, by_id, by_uid, version, sealed in self.db.execute("SELECT * FROM owner ORDER BY id"):
            owner = self.record("owner", row, row, version, sealed, OWNER)
            org = text(owner["organization"])
            assert by_org == self.hash(b"\1" + org), "organization_hash"
            assert by_id == self.hash(b"\2" + org + text(owner["user_id"])), "owner_hash"
            uid = b"\3" + struct.pack("<I", owner["uid"]) if "uid" in owner else b"\4" + struct.pack("<q", row)
            assert by_uid == self.hash(uid), "uid_hash"
            yield row, owner

    def factors(self, owner_row, owner):
        heads = {head["row"]: head["version"] for head in owner.get("factors", [])}
        rows = self.db.execute("SELECT * FROM factor WHERE owner = ? ORDER BY id", (owner_row,)).fetchall()
        assert {row[0] for row in rows} == set(heads), "factors listed"
        for row, _, by_id, by_credential, sealed, seed in rows:
            factor = self.record("factor", row, owner_row, heads[row], sealed, FACTOR)
            assert by_id == self.hash(b"\5" + struct.pack("<q", owner_row) + text(factor["id"])), "id_hash"
            credential = bytes.fromhex(factor.get("webauthn", {}).get("credential_id", ""))
            subject = b"\7" + struct.pack("<q", row)
            if credential:
                subject = b"\6" + text(credential)
            elif "begun_by" in factor:
                subject = b"\10" + struct.pack("<I", factor["begun_by"])
            assert by_credential == self.hash(subject), "credential_hash"
            plain = self.unseal("seed", row, owner_row, 1, seed)
            (size,) = struct.unpack("<H", plain[:2])
            assert not plain[2 + size:].strip(b"\0"), "seed padding"
            yield factor, plain[2:2 + size]

    def budgets(self, owner_row):
        for row, _, by_key, version, sealed in self.db.execute("SELECT * FROM budget WHERE owner = ? ORDER BY id",
                                                               (owner_row,)):
            budget = self.record("budget", row, owner_row, version, sealed, BUDGET)
            key = struct.pack("<qB", owner_row, budget["kind"])
            if "caller" in budget:
                key = b"\11" + key + struct.pack("<I", budget["caller"]) + text(budget.get("source", ""))
            else:
                key = b"\12" + key
            assert by_key == self.hash(key), "key_hash"
            yield budget

    def codes(self, owner_row):
        for row, _, by_id, version, sealed in self.db.execute(
                "SELECT * FROM registration_code WHERE owner = ? ORDER BY id", (owner_row,)):
            code = self.record("code", row, owner_row, version, sealed, CODE)
            assert by_id == self.hash(b"\13" + text(code["id"])), "id_hash of a code"
            yield code

    def is_code(self, code, secret):
        """Whether these ten bytes are that registration code."""
        return hashlib.blake2b(text(code["id"]) + secret, digest_size=32,
                               key=self.keys["code_hash"]).hexdigest() == code["hash"]

    def uses(self, folded):
        """What lies over the rows: the latest event of each owner row, the latest use of each factor, and when whoever
        guessed at codes was right, by owner row."""
        owners, factors, right = {}, {}, {}
        for number, owner, event in self.events():
            if number > folded and "use" in event:
                owners[owner] = event
                factors[event["factor_id"]] = event
                if event["kind"] not in (PASSKEY, U2F):
                    key = event["kind"], event.get("actor", 0), event["use"].get("source", "")
                    right.setdefault(owner, {})[key] = event["at"]
        return owners, factors, right

    def events(self):
        link = bytes(32)
        rows = self.db.execute("SELECT number, owner, sealed, chain FROM journal ORDER BY number")
        for expected, (number, owner, sealed, chain) in enumerate(rows, 1):
            assert number == expected, "a gap in the journal"
            link = hashlib.blake2b(link + struct.pack("<q", number) + sealed, digest_size=32,
                                   key=self.keys["chain"]).digest()
            assert link == chain, "the journal's chain"
            yield number, owner, self.record("journal", number, owner, 1, sealed, EVENT)


def later(owner, event):
    if event is None or event["sequence"] <= owner.get("sequence", 0):
        return {}
    return {"sequence": event["sequence"], "changed": event["at"]}


def used(factor, event):
    if event is None or event["use"]["count"] <= factor.get("use_count", 0):
        return factor
    use = event["use"]
    factor |= {"use_count": use["count"], "last_used": event["at"], "changed": event["at"]}
    if "totp" in factor:
        factor["totp"]["last_step"] = use["step"]
    elif "webauthn" in factor:
        factor["webauthn"] |= {"sign_count": use.get("sign_count", 0), "backed_up": use.get("backed_up", False)}
    return factor


def guesses(budgets, right):
    """With those who were right since, of whom there may be no row."""
    for budget in budgets:
        key = budget["kind"], budget.get("caller"), budget.get("source", "")
        at = right.pop(key, 0)
        yield budget | ({"last_success": at} if at > budget.get("last_success", 0) else {})
    for (kind, caller, source), at in right.items():
        yield {"kind": kind, "caller": caller, "source": source, "last_success": at}


def main(path, key_file, secret=""):
    with open(key_file, "rb") as file:
        reader = Reader(path, file.read())
    store = reader.store()
    print(json.dumps({"store": store}))
    users, factors, right = reader.uses(store.get("folded", 0))
    for row, owner in reader.owners():
        print(json.dumps({"owner": owner | later(owner, users.get(row))}))
        for factor, seed in reader.factors(row, owner):
            print(json.dumps({"factor": used(factor, factors.get(factor["id"])), "seed": seed.hex()}))
        for budget in guesses(reader.budgets(row), right.get(row, {})):
            print(json.dumps({"budget": budget}))
        for code in reader.codes(row):
            opens = {"opens": reader.is_code(code, bytes.fromhex(secret))} if secret else {}
            print(json.dumps({"code": code | opens}))
    for number, _, event in reader.events():
        print(json.dumps({"event": event, "number": number}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except AssertionError as error:
        sys.exit(f"not as documented: {error}")
