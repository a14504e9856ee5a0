# SPDX-License-Identifier: Apache-2.0
"""A client that shares no code with factord: python3-dbus, and nothing known but what the live introspection says.

It runs as a process of factord-test-a, with no more than the bus's address."""
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

ROUTE = ("org.factord1", "/org/factord1")
ORIGIN = "https://example.org"
DETAILS = {"sequence": "t", "changeDate": "t", "creationDate": "t", "resourceOwner": "s"}


class Introspected:
    """Calls by argument names, in the order and with the types that the XML gives them."""

    def __init__(self, address):
        import dbus
        import dbus.bus
        self.dbus = dbus
        self.bus = dbus.bus.BusConnection(address)
        self.object = self.bus.get_object(*ROUTE, introspect=False)
        text = self.object.Introspect(dbus_interface="org.freedesktop.DBus.Introspectable")
        self.methods = {method.get("name"): (interface.get("name"), method)
                        for interface in xml.etree.ElementTree.fromstring(text).iter("interface")
                        for method in interface.iter("method")}

    def call(self, name, **given):
        """The results by their names."""
        interface, method = self.methods[name]
        incoming = [argument for argument in method.iter("arg") if argument.get("direction", "in") == "in"]
        outgoing = [argument for argument in method.iter("arg") if argument.get("direction") == "out"]
        values = [given.pop(argument.get("name"), self._empty(argument.get("type"))) for argument in incoming]
        if given:
            raise TypeError(f"{name} has no {given}")
        signature = "".join(argument.get("type") for argument in incoming)
        results = self.object.get_dbus_method(name, interface)(*values, signature=signature)
        results = results if len(outgoing) > 1 else [results]
        for argument, result in zip(outgoing, results, strict=True):
            expect(self._signature(result), argument.get("type"), f"type of {name}.{argument.get('name')}")
        return {argument.get("name"): result for argument, result in zip(outgoing, results)}

    def _empty(self, signature):
        return {"a{sv}": self.dbus.Dictionary({}, signature="sv"), "s": ""}[signature]

    def _signature(self, value):
        dbus = self.dbus
        if isinstance(value, dbus.Dictionary):
            return f"a{{{value.signature}}}"
        if isinstance(value, dbus.Array):
            return f"a{value.signature}"
        return {dbus.String: "s", dbus.UInt64: "t", dbus.UInt32: "u", dbus.Int32: "i", dbus.Boolean: "b",
                dbus.types.UnixFd: "h"}[type(value)]

    def types(self, dictionary):
        return {str(name): self._signature(value) for name, value in dictionary.items()}


def expect(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def expect_error(client, name, message, method, **given):
    try:
        client.call(method, **given)
    except client.dbus.DBusException as error:
        expect((error.get_dbus_name(), error.get_dbus_message()), (name, message), method)
    else:
        raise AssertionError(f"{method} succeeded")


def expect_listed(client, method, item, types):
    answer = client.call(method)
    items = next(value for name, value in answer.items() if name != "details")
    expect(client.types(answer["details"]), {**DETAILS, "totalResult": "t"}, f"{method} details")
    expect(int(answer["details"]["totalResult"]), 1, f"{method} total")
    expect({name: items[0][name] for name in item}, item, method)
    found = client.types(items[0])
    expect({name: found.get(name) for name in types}, types, f"{method} item")


ITEM = {"id": "s", "kind": "s", "state": "s", "name": "s", "creationDate": "t", "changeDate": "t", "lastUsed": "t",
        "useCount": "t"}
WEBAUTHN_ITEM = {**ITEM, "domain": "s", "aaguid": "s", "algorithm": "i", "attestation": "s", "transports": "as",
                 "backupEligible": "b", "backedUp": "b", "userVerified": "b", "signCount": "u",
                 "authenticatorName": "s"}


def walk_webauthn(client, soft_authenticator, suffix, word):
    plural = {"passkey": "ListPasskeys", "u2f": "ListU2F"}[word]
    registered = client.call(f"Register{suffix}")
    factor_id = registered[f"{word}_id"]
    expect(client.types(registered["details"]), DETAILS, "details")
    sequence = int(registered["details"]["sequence"])
    browser = subprocess.run([soft_authenticator, "create", "--origin", ORIGIN], check=True, text=True,
                             input=str(registered["creation_options"]), stdout=subprocess.PIPE)
    verified = client.call(f"Verify{suffix}Registration", **{
        f"{word}_id": factor_id, "public_key_credential": browser.stdout, f"{word}_name": "Independent"})
    expect(int(verified["details"]["sequence"]), sequence + 1, "sequence of verify")
    expect_listed(client, plural, {"id": factor_id, "kind": word, "state": "ready", "name": "Independent"},
                  WEBAUTHN_ITEM)
    removed = client.call(f"Remove{suffix}", **{f"{word}_id": factor_id})
    expect(int(removed["details"]["sequence"]), sequence + 2, "sequence of remove")
    expect(removed["details"]["creationDate"], registered["details"]["creationDate"], "creationDate")
    expect_error(client, "org.factord1.Error.NotFound", "WebAuthN Token could not be found (COMMAND-DAfb2)",
                 f"Remove{suffix}", **{f"{word}_id": factor_id})


def walk_totp(client):
    registered = client.call("RegisterTOTP")
    totp_id = registered["totp_id"]
    with open(registered["uri"].take(), "rb") as file:
        secret = file.read().partition(b"secret=")[2].partition(b"&")[0]
    app = subprocess.run(["oathtool", "--totp", "--base32", "-"], check=True, input=secret + b"\n",
                         stdout=subprocess.PIPE)
    verified = client.call("VerifyTOTPRegistration", totp_id=totp_id, code=app.stdout.decode().strip())
    without_creation = {name: type_ for name, type_ in DETAILS.items() if name != "creationDate"}
    expect(client.types(verified["details"]), without_creation, "details of verify")
    expect_listed(client, "ListTOTP", {"id": totp_id, "kind": "totp", "state": "ready"},
                  {**ITEM, "algorithm": "s", "digits": "u", "period": "u"})
    removed = client.call("RemoveTOTP", totp_id=totp_id)
    expect(client.types(removed["details"]), without_creation, "details of remove")
    expect_error(client, "org.factord1.Error.NotFound",
                 "Multifactor OTP (OneTimePassword) doesn't exist (COMMAND-Hd9sd)", "RemoveTOTP", totp_id=totp_id)


def walk(address, soft_authenticator, what):
    client = Introspected(address)
    if what == "totp":
        walk_totp(client)
    else:
        walk_webauthn(client, soft_authenticator, {"passkey": "Passkey", "u2f": "U2F"}[what], what)
    expect(client.call("ListAuthenticationFactors")["factors"], [], "factors at the end")


class IndependentClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from enrolment import CONFIG, SOFT_AUTHENTICATOR
        from private_bus import Factord, PrivateBus
        cls.bus = cls.enterClassContext(PrivateBus())
        cls.enterClassContext(Factord(cls.bus, config=CONFIG))
        cls.soft_authenticator = cls.bus.publish(SOFT_AUTHENTICATOR)

    def walk(self, what):
        done = self.bus.run_as("factord-test-a", ["/usr/bin/python3", "-I", self.bus.publish(__file__),
                                                  "--walk", self.bus.address, self.soft_authenticator, what])
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_passkey_is_registered_verified_listed_and_removed(self):
        self.walk("passkey")

    def test_a_u2f_token_is_registered_verified_listed_and_removed(self):
        self.walk("u2f")

    def test_a_totp_secret_is_registered_verified_listed_and_removed(self):
        self.walk("totp")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--walk"]:
        walk(*sys.argv[2:])
    else:
        from private_bus import skip_unless_possible
        skip_unless_possible()
        unittest.main()
