# SPDX-License-Identifier: Apache-2.0
"""A person who enrols factors over the bus, with soft-authenticator for the token and oathtool for the TOTP app.

    alice = Person(caller)                              # the calling Unix user
    bob = Person(root, "bob", org="acme")               # somebody else
    pending = alice.register(PASSKEY)
    details = alice.verify(pending)                     # answers the options as a browser would
    items, details = alice.list(PASSKEY)
    alice.remove(PASSKEY, pending.id)
"""
import dataclasses
import json
import pathlib
import shutil
import subprocess
import urllib.parse
import uuid

import private_bus
from callers import FACTORS, content, options

SOFT_AUTHENTICATOR = private_bus.BUILD / "tests" / "support" / "soft-authenticator"
ORIGIN = "https://example.org"
CONFIG = "[Access]\nAuthorizer=static\n[RelyingParty]\nDomain=example.org\nAllowedDomains=other.example\n"


@dataclasses.dataclass(frozen=True)
class Kind:
    word: str  # as in lists
    suffix: str
    list: str

    @property
    def register(self):
        return f"Register{self.suffix}"

    @property
    def verify(self):
        return f"Verify{self.suffix}Registration"

    @property
    def remove(self):
        return f"Remove{self.suffix}"


PASSKEY = Kind("passkey", "Passkey", "ListPasskeys")
U2F = Kind("u2f", "U2F", "ListU2F")
TOTP = Kind("totp", "TOTP", "ListTOTP")
KINDS = (PASSKEY, U2F, TOTP)


@dataclasses.dataclass(frozen=True)
class Pending:
    kind: Kind
    id: str
    asks: str  # creation options as JSON, or the otpauth URI
    details: dict


def credential(creation_options, *arguments, origin=ORIGIN):
    """What navigator.credentials.create() would give for these options."""
    done = subprocess.run([SOFT_AUTHENTICATOR, "create", "--origin", origin, *arguments], input=creation_options,
                          check=True, text=True, stdout=subprocess.PIPE, timeout=private_bus.DEADLINE)
    return done.stdout.strip()


class Token:
    """An authenticator that keeps one credential, and its counter, in a file of that folder."""

    def __init__(self, folder):
        self._file = pathlib.Path(folder) / f"token-{uuid.uuid4()}"

    def enrol(self, person, kind, *arguments, **asked):
        """The id of the factor."""
        pending = person.register(kind, **asked)
        person.verify(pending, credential(pending.asks, "--key-file", self._file, *arguments))
        return pending.id

    def sign(self, request_options, *arguments, origin=ORIGIN):
        """What navigator.credentials.get() would give for these options; the counter goes up by one."""
        done = subprocess.run([SOFT_AUTHENTICATOR, "get", "--origin", origin, "--key-file", self._file, *arguments],
                              input=request_options, check=True, text=True, stdout=subprocess.PIPE,
                              timeout=private_bus.DEADLINE)
        return done.stdout.strip()

    def clone(self):
        """Another with the same key, and for now the same counter."""
        other = Token(self._file.parent)
        shutil.copy(self._file, other._file)
        return other


def without_exclusions(creation_options):
    """For an authenticator that does not care whether it is known already."""
    return json.dumps({**json.loads(creation_options), "excludeCredentials": []})


def uri_parameters(uri):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(uri).query, strict_parsing=True))


def totp_code(uri, at="now"):
    """The code an authenticator app shows for this URI; at is a time as oathtool reads it ("now", "@1700000000")."""
    asked = uri_parameters(uri)
    mode = "--totp" if asked["algorithm"] == "SHA1" else f"--totp={asked['algorithm'].lower()}"
    done = subprocess.run(["oathtool", mode, "--base32", f"--digits={asked['digits']}",
                           f"--time-step-size={asked['period']}s", f"--now={at}", "-"],
                          input=asked["secret"] + "\n", check=True, text=True, stdout=subprocess.PIPE,
                          timeout=private_bus.DEADLINE)
    return done.stdout.strip()


def wrong_code(uri, around=3):
    """A code of the right length that is none of those near now."""
    codes = {totp_code(uri, f"now {step * int(uri_parameters(uri)['period']):+} seconds")
             for step in range(-around, around + 1)}
    return next(code for number in range(100) if (code := f"{number:0{len(min(codes))}}") not in codes)


class Person:
    """A user and the caller who acts about them; user_id "" is the caller."""

    def __init__(self, caller, user_id="", org=None):
        self.caller = caller
        self.user_id = user_id
        self.org = {"org": org} if org else {}

    def call(self, method, signature="", *arguments, **more):
        """A method of Factors about this user: signature and arguments without user_id and options."""
        return self.caller.call(FACTORS, method, f"s{signature}a{{sv}}", self.user_id, *arguments,
                                options(**self.org), **more)

    def start(self, method, signature="", *arguments):
        return self.caller.start(FACTORS, method, f"s{signature}a{{sv}}", self.user_id, *arguments,
                                 options(**self.org))

    def register(self, kind, **asked):
        factor_id, asks, details = self.caller.call(FACTORS, kind.register, "sa{sv}", self.user_id,
                                                    options(**self.org, **asked))
        return Pending(kind, factor_id, content(asks).decode() if kind is TOTP else asks, details)

    @staticmethod
    def answer(pending, *arguments):
        return totp_code(pending.asks) if pending.kind is TOTP else credential(pending.asks, *arguments)

    def verification(self, pending, answer=None, factor_id=None, name="My key"):
        """Method, signature and arguments of the verify call, for call() and start()."""
        arguments = [factor_id or pending.id, answer or self.answer(pending)]
        return pending.kind.verify, "ss" if pending.kind is TOTP else "sss", *arguments, *(
            [] if pending.kind is TOTP else [name])

    def verify(self, pending, answer=None, factor_id=None, name="My key"):
        return self.call(*self.verification(pending, answer, factor_id, name))[0]

    def enrol(self, kind, **asked):
        """Registered and verified; the id."""
        pending = self.register(kind, **asked)
        self.verify(pending)
        return pending.id

    def remove(self, kind, factor_id):
        return self.call(kind.remove, "s", factor_id)[0]

    def list(self, kind, **asked):
        return self.caller.call(FACTORS, kind.list, "sa{sv}", self.user_id, options(**self.org, **asked))

    def all_factors(self):
        """Of every kind and state, by id."""
        items, _ = self.caller.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", self.user_id,
                                    options(**self.org, states=["any"]))
        return {item["id"]: item for item in items}

    def sequence(self):
        return self.caller.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", self.user_id,
                                options(**self.org))[1]["sequence"]
