# SPDX-License-Identifier: Apache-2.0
"""The walk of tools/try: factord on a bus and a store of its own, one factor of each kind from its registration to its
removal, and a look at what others may and what the disk tells. Every answer is checked; the first that is not what it
should be ends the walk with status 1. Then a shell in which all of it still runs."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import pwd
import shlex
import signal
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))
from private_bus import BUILD, FACTORCTL, TEST_USERS, Factord, PrivateBus  # noqa: E402

SOFT_AUTHENTICATOR = BUILD / "tests" / "support" / "soft-authenticator"
DOMAIN = "example.org"
ALICE, BOB = TEST_USERS[:2]  # two accounts without any rights
WIDTH = 110

HELP = f"""
factord is running on a bus and a store of its own; both go when you leave this shell. You are root. Try:
  factorctl totp enroll                                  a QR code for your phone, then the code it shows
  factorctl --json factor list                           your factors for a program; --help lists all commands
  factorctl --org kiosk user add anna                    a user who is no Unix account: --org kiosk … --user anna
  runuser -u {ALICE} -- factorctl passkey register   creation options; soft-authenticator answers them
  runuser -u {BOB} -- factorctl factor list --user {ALICE}        is denied
  busctl call org.factord1 /org/factord1 org.factord1.Factors ListTOTP 'sa{{sv}}' '' 0
"""


class Wrong(Exception):
    """An answer is not what it should be."""


def check(right, what):
    if not right:
        raise Wrong(what)


def shortened(value):
    """For the eye: long texts are cut, the answer itself is not touched."""
    if isinstance(value, dict):
        return {name: shortened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shortened(member) for member in value]
    return value[:60] + "…" if isinstance(value, str) and len(value) > 80 and "://" not in value else value


def laid_out(value, indent=""):
    """JSON that breaks a line only where it is too long."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= WIDTH or not isinstance(value, (dict, list)):
        return flat
    inner = indent + "  "
    if isinstance(value, list):
        parts, ends = [laid_out(member, inner) for member in value], "[]"
    else:
        parts, ends = [f"{json.dumps(name)}: {laid_out(member, inner)}" for name, member in value.items()], "{}"
    return f"{ends[0]}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{ends[1]}"


def show(text):
    for line in text.splitlines():
        print("  " + line, flush=True)


def show_json(value):
    show(laid_out(shortened(value)))


def asked_by(uri):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(uri).query))


def secret_of(uri):
    text = asked_by(uri)["secret"]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def app_code(uri):
    """What an authenticator app shows for this URI now (RFC 6238)."""
    asked = asked_by(uri)
    step = int(time.time()) // int(asked["period"])
    mac = hmac.new(secret_of(uri), step.to_bytes(8, "big"), getattr(hashlib, asked["algorithm"].lower())).digest()
    number = int.from_bytes(mac[mac[-1] & 15:][:4], "big") & 0x7FFFFFFF
    return str(number % 10 ** int(asked["digits"])).zfill(int(asked["digits"]))


class Walk:
    def __init__(self, bus, daemon):
        self.bus = bus
        self.daemon = daemon
        self.programs = {name.name: bus.publish(name) for name in (FACTORCTL, SOFT_AUTHENTICATOR)}
        self.names = [ALICE, DOMAIN]  # what must not be readable on the disk, …
        self.raw = []  # … nor this, in no form

    def add_raw(self, secret):
        self.raw += [secret, secret.hex().encode(), base64.b32encode(secret).rstrip(b"="),
                     base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"=")]

    def say(self, sentence):
        print(f"\n{sentence}", flush=True)

    def run(self, user, argv, status=0, data=None, files=""):
        """Shows a command as it would be typed, runs it as that user, and returns what it prints on stdout."""
        print(f"{user}{'#' if user == 'root' else '$'} {shlex.join(argv)}{files}", flush=True)
        given = {} if data is None else {"input": data}
        done = self.bus.run_as(user, [self.programs.get(argv[0], argv[0]), *argv[1:]], **given)
        if done.returncode != status:
            show(done.stdout + done.stderr)
            raise Wrong(f"exit status {done.returncode} instead of {status}")
        for line in done.stderr.splitlines():
            show(line)
        return done.stdout

    def ask(self, user, *argv, status=0, data=None, files=""):
        """factorctl --json: the answer, shown and parsed."""
        answer = json.loads(self.run(user, ["factorctl", "--json", *argv], status, data, files))
        show_json(answer)
        if status != 0:
            print(f"  (exit status {status})")
        return answer

    def begin(self):
        self.say("The daemon says how its store is.")
        text = self.run("root", ["factorctl", "store", "status"])
        show(text)
        check(f"Domain:       {DOMAIN}" in text and "open" in text, "the store is not open")

    def enrol_key(self, noun, caller, name, *whose, token=()):
        """Register, answer, verify: what passkeys and U2F tokens have in common. Returns the factor's id."""
        self.say(f"{caller} begins: an id, and the options for navigator.credentials.create() in a browser.")
        begun = self.ask(caller, noun, "register", *whose)
        options = json.dumps(begun["publicKeyCredentialCreationOptions"])
        self.say("In the place of browser and token, a program answers them.")
        credential = self.run("root", ["soft-authenticator", "create", "--origin", f"https://{DOMAIN}", *token],
                              data=options, files=" <options >credential")
        show_json(json.loads(credential))
        self.say("The answer is verified: challenge, origin, signature. The factor is ready.")
        factor = begun[f"{noun}Id"]
        details = self.ask(caller, noun, "verify", factor, "-", "--name", name, *whose, data=credential,
                           files=" <credential")["details"]
        check(details["resourceOwner"] == "local" and int(details["sequence"]) > 0, "the details are not right")
        self.names.append(name)
        self.add_raw(base64.urlsafe_b64decode(json.loads(credential)["id"] + "=="))
        self.assert_listed(noun, caller, factor, name, *whose)
        return factor

    def assert_listed(self, noun, caller, factor, name, *whose):
        listed = self.ask(caller, noun, "list", *whose)
        check([(item["id"], item["name"], item["state"]) for item in listed["result"]] == [(factor, name, "ready")],
              f"the list does not hold {name} alone")

    def enrol_totp(self):
        self.say(f"{ALICE} begins with TOTP: a secret, shown once.")
        begun = self.ask(ALICE, "totp", "register", "--name", "Phone")
        self.say("The app on the phone makes a code of it, and the code is verified.")
        self.ask(ALICE, "totp", "verify", begun["totpId"], app_code(begun["uri"]))
        self.names.append("Phone")
        self.add_raw(secret_of(begun["uri"]))
        self.assert_listed("totp", ALICE, begun["totpId"], "Phone")
        return begun["totpId"]

    def list_all(self, factors):
        self.say("All of them, for people.")
        text = self.run(ALICE, ["factorctl", "factor", "list"])
        show(text)
        check(all(factor in text for factor in factors), "a factor is missing")
        self.say("And as any program gets them, with nothing but the bus.")
        text = self.run(ALICE, ["busctl", "call", "org.factord1", "/org/factord1", "org.factord1.Factors",
                                "ListAuthenticationMethodTypes", "sa{sv}", "", "0"])
        show(text)
        check(text.startswith("asa{sv} 3 ") and all(f'"{kind}"' in text for kind in ("passkey", "u2f", "totp")),
              "the kinds are not right")

    def meet_another(self, passkey):
        self.say(f"{BOB} may neither see nor remove what is {ALICE}'s: 403, whether it exists or not.")
        for argv in (["factor", "list"], ["passkey", "remove", passkey], ["passkey", "remove", "a" * 26]):
            denied = self.ask(BOB, *argv, "--user", ALICE, status=7)
            check("AUTH-AWfge" in denied["message"], "not the error of a missing permission")

    def read_the_disk(self):
        self.say("A thief reads the disk without the key. All text in the store, and the lines of it that tell anything:")
        folder = self.daemon.state_dir
        written = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.stat().st_size]
        texts = self.run("root", ["strings", *map(str, written)])
        show(f"{len(texts.splitlines())} lines in {sum(file.stat().st_size for file in written)} bytes")
        check("CREATE TABLE" in texts, "there is no store to look into")
        patterns = [word for name in self.names for word in ("-e", name)]
        show(self.run("root", ["grep", "--text", "--count", *patterns, *map(str, written)], status=1))
        content = b"".join(file.read_bytes() for file in written)
        check(not any(secret in content for secret in [*self.raw, *(name.encode() for name in self.names)]),
              "the store gives something away")

    def remove_all(self, passkey, u2f, totp):
        self.say("Each is removed: the passkey by its owner, the token by root, the TOTP secret by its owner.")
        last = 0
        for caller, noun, factor, *whose in ((ALICE, "passkey", passkey), ("root", "u2f", u2f, "--user", ALICE),
                                             (ALICE, "totp", totp)):
            sequence = int(self.ask(caller, noun, "remove", factor, *whose)["details"]["sequence"])
            check(last == 0 or sequence == last + 1, "the sequence has a gap")
            last = sequence
        self.say("A second time there is nothing to remove: 404, with the mirrored API's own id.")
        for noun, factor, id_ in (("passkey", passkey, "COMMAND-DAfb2"), ("u2f", u2f, "COMMAND-DAfb2"),
                                  ("totp", totp, "COMMAND-Hd9sd")):
            gone = self.ask(ALICE, noun, "remove", factor, status=5)
            check(gone["code"] == 5 and gone["details"][0]["id"] == id_, f"not the error {id_}")
        self.say("Nothing is left.")
        check(not self.run(ALICE, ["factorctl", "factor", "list"]), "something is left")

    def go(self):
        self.begin()
        passkey = self.enrol_key("passkey", ALICE, "Laptop of Alice")
        u2f = self.enrol_key("u2f", "root", "Blue token", "--user", ALICE, token=("--format", "fido-u2f"))
        totp = self.enrol_totp()
        self.list_all([passkey, u2f, totp])
        self.meet_another(passkey)
        self.read_the_disk()
        self.remove_all(passkey, u2f, totp)


def open_shell(bus):
    rc = bus.folder / "bashrc"
    rc.write_text(f"PATH={shlex.quote(str(bus.folder))}:$PATH\nPS1='factord-try# '\ncat <<'END'\n{HELP}END\n")
    # Ctrl-C belongs to what runs in the shell. A handler, for an ignored signal would be ignored in there as well.
    signal.signal(signal.SIGINT, lambda *_: None)
    subprocess.run(["bash", "--rcfile", str(rc), "-i"], env={**os.environ, **bus.environment()}, check=False)


def accounts():
    return {entry.pw_name for entry in pwd.getpwall()}


def stay(shell):
    with PrivateBus() as bus:
        config = f"[Access]\nAuthorizer=static\n[RelyingParty]\nDomain={DOMAIN}\nAttestation=direct\n"
        with Factord(bus, config=config) as daemon:
            print(f"\n3. The walk. factord runs on a bus of its own, with an empty store below {bus.folder}.\n"
                  "Long texts in answers are cut here, and here alone.")
            Walk(bus, daemon).go()
            print("\nEvery answer was what it should be.")
            if shell:
                open_shell(bus)


def main():
    shell = sys.argv[1:] != ["--no-shell"]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    before = accounts()
    try:
        stay(shell)
    except Wrong as wrong:
        sys.exit(f"tools/try: {wrong}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for name in accounts() - before & set(TEST_USERS):
            subprocess.run(["userdel", name], check=False)


main()
