# SPDX-License-Identifier: Apache-2.0
"""Every argument of every published method at and beyond its limits, and every option in every wrong way. What there is
to call comes from the live introspection, so a method that is new here is tried, or asks for its rules."""
import contextlib
import dataclasses
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, sealed_memfd  # noqa: E402
from health import Watch, methods  # noqa: E402
from raw_bus import RawConnection  # noqa: E402

KEY = "\U0001f511"  # four bytes
CONTROLS = ("\x01", "\t", "\n", "\x7f", "\x85", "\u2028", "\u2029")
DIRECTIONS = ("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069")
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
LONGEST_CREDENTIAL = 1_048_576
KNOWN_TARGET = "target"


@dataclasses.dataclass(frozen=True)
class Text:
    least: int
    most: int
    forbidden: tuple = ()

    def allowed(self):
        lengths = {self.most} | ({self.least} if self.least else set())
        return ["x" * length for length in sorted(lengths)] + [KEY * self.most]

    def refused(self):
        beyond = [letter * (self.most + 1) for letter in ("x", "é", KEY)]
        short = ["x" * (self.least - 1)] if self.least else []
        return beyond + short + [f"al{mark}ice" for mark in self.forbidden] + [mark for mark in self.forbidden]


IDENTIFIER = Text(1, 200, (*CONTROLS, *DIRECTIONS, ":"))
NAME = Text(1, 200, (*CONTROLS, *DIRECTIONS))
PLAIN = Text(1, 200)
CREDENTIAL = Text(55, LONGEST_CREDENTIAL)


class MethodName(Text):
    def allowed(self):
        return ["ListPasskeys", "org.factord1.Factors.ListPasskeys"]

    def refused(self):
        return [*super().refused(), "ListPasskeys ", "listPasskeys", "org.factord1.Checks.ListPasskeys"]


EXPLAIN = "ExplainAccess"  # anybody may call it, and learns of the own rights alone


def rule_of(method, argument):
    interface, name = method
    if argument == "user_id":
        return dataclasses.replace(IDENTIFIER, least=0) if interface == FACTORS or name == EXPLAIN else IDENTIFIER
    if argument == "method":
        return MethodName(1, 200)
    if argument == "public_key_credential":
        return CREDENTIAL
    if argument == "name" or argument.endswith("_name"):
        return NAME
    if argument in ("code", "type") or argument.endswith("_id"):
        return PLAIN
    raise AssertionError(f"what may argument {argument} be? Say it in rule_of()")


@dataclasses.dataclass(frozen=True)
class Option:
    types: str  # space-separated; `after` means something else in another method
    good: object
    bad: tuple = ()


def text_option(rule, good):
    return Option("s", good, tuple(rule.refused()))


def word_option(good, *more):
    return Option("s", good, ("", good.swapcase(), good + " ", good + "\n", "x" * 201, KEY * 5000, *more))


def words_option(good):
    return Option("as", [good], ([""], [good, "bogus"], [good.swapcase()], [good] * 65, [good] * 5000, ["x" * 20_000]))


OPTIONS = {
    "org": text_option(IDENTIFIER, "elsewhere"), "domain": text_option(Text(1, 253, NAME.forbidden), "example.org"),
    "appid": text_option(NAME, "https://example.org/appid"), "authenticator": word_option("platform", "Cross-Platform"),
    "user_verification": word_option("required"), "kind": word_option("passkey", "any"),
    "state": word_option("any", "locked"), "states": words_option("ready"), "kinds": words_option("totp"),
    "name": text_option(NAME, "Phone"), "issuer": text_option(IDENTIFIER, "Example"),
    "account": text_option(IDENTIFIER, "alice"), "algorithm": word_option("SHA1", "MD5"),
    "display_name": text_option(NAME, "Alice"), "source": text_option(NAME, "sshd"), "code_id": text_option(PLAIN, "x"),
    "which": word_option("outer", "inner"), "digits": Option("u", 6, (0, 5, 9, 2**32 - 1)),
    "period": Option("u", 30, (0, 14, 301, 2**32 - 1)), "limit": Option("u", 1, (0, 1001, 2**32 - 1)),
    "lifetime": Option("t", 3600, (0, 59, 86401, 2**64 - 1)), "after": Option("s t", "a"),
    "force": Option("b", True), "discoverable": Option("b", True), "keep_recovery": Option("b", True),
    "code_fd": Option("h", 0),
}


def nested(levels):
    """A dictionary in a dictionary in a dictionary, each in a variant."""
    value = ("s", "the end")
    for _ in range(levels):
        value = ("a{sv}", [("inner", value)])
    return value


SAMPLES = [("y", 1), ("b", True), ("n", -1), ("q", 1), ("i", -1), ("u", 6), ("x", -1), ("t", 6), ("d", 0.5), ("s", "x"),
           ("o", "/org/factord1"), ("g", "a{sv}"), ("h", 0), ("as", ["ready"]), ("as", []), ("ay", bytes(4096)),
           ("ai", [1, 2]), ("a{ss}", [("a", "b")]), ("a{sv}", []), ("aa{sv}", [[]] * 100), ("(s)", ("x",)),
           ("(su)", ("x", 1)), ("v", ("s", "x")), ("av", [("s", "x")] * 100), ("a(sv)", [("x", ("s", "x"))]),
           ("ah", [0]), nested(1), nested(20), ("aaaaas", [[[[["x"]]]]])]


class InputCase(BusCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.raw = cls.enterClassContext(RawConnection(cls.bus))
        cls.stranger = cls.enterClassContext(RawConnection(cls.bus, "factord-test-a"))
        cls.methods = methods(cls.root)
        cls.uri = sealed_memfd(URI)
        for org in ("acme", "elsewhere"):
            cls.raw.call(ADMIN, "AddUser", "sa{sv}", KNOWN_TARGET, {"org": ("s", org)})
        of_target = ("sa{sv}", KNOWN_TARGET, {"org": ("s", "acme")})
        cls.pending = {"passkey_id": cls.raw.call(FACTORS, "RegisterPasskey", *of_target)[0],
                       "u2f_id": cls.raw.call(FACTORS, "RegisterU2F", *of_target)[0],
                       "totp_id": cls.raw.call(FACTORS, "RegisterTOTP", *of_target)[0]}
        cls.known = {}

    def setUp(self):
        self.watch = Watch(self.daemon, self.root)
        self.before = self.everything()

    def tearDown(self):
        self.assertEqual(self.everything(), self.before)
        # A message of 4 MiB is held by the bus library in a few copies; malloc keeps some of the room for the next.
        self.watch.check(self, growth=48 << 20)

    def everything(self):
        """All that a refused call could have changed."""
        acme, any_state = ("org", ("s", "acme")), ("states", ("as", ["any"]))
        return (self.raw.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", KNOWN_TARGET, [acme, any_state]),
                self.raw.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", "", [any_state]),
                self.raw.call(ADMIN, "ListUsers", "a{sv}", [acme]), self.raw.call(ADMIN, "ListUsers", "a{sv}", []))

    def call(self, method, arguments, options, by=None):
        """A call of `method` that is good but for what the arguments and options say: the error, or None."""
        values, signature = [], ""
        for name, type_ in self.methods[method]:
            signature += type_
            good = {"user_id": KNOWN_TARGET, "uri": 0, "public_key_credential": "{" + "x" * 60, "code": "000000",
                    "method": "ListPasskeys", "name": "Name", "options": options, **self.pending}
            of_type = {"u": 1, "h": 0}.get(type_, good.get(name, "a" * 26))
            values.append(arguments.get(name, of_type))
        try:
            (by or self.raw).call(*method, signature, *values, fds=[self.uri])
        except BusError as error:
            return error
        return None

    @contextlib.contextmanager
    def trying(self, method):
        """The block's calls change nothing."""
        with self.subTest(method=method[1]):
            yield
            self.assertEqual(self.everything(), self.before)

    def org_of(self, method, org="acme"):
        """The options that name the organization, where the method has that option."""
        return [("org", ("s", org))] if self.knows(method, "org") else []

    def knows(self, method, option):
        """Whether the method has this option; tried on another user, who may change by it."""
        if (method, option) not in self.known:
            sample = (OPTIONS[option].types.split()[0], OPTIONS[option].good)
            org = [("org", ("s", "elsewhere"))] if option != "org" else []
            # Beyond the limit: refused, whether known or not, before anything is done.
            error = self.call(method, {"user_id": "x" * 201}, [*org, (option, sample)])
            if error is None or "user_id" in error.message:
                error = self.call(method, {"user_id": "nobody-here"}, [*org, (option, sample)])
            self.known[method, option] = error is None or "An option is not known" not in error.message
        return self.known[method, option]

    def assert_bad_argument(self, error, naming=""):
        self.assertIsNotNone(error, "it was taken")
        self.assertEqual((error.name, error.id), ("org.factord1.Error.InvalidArgument", "FACTORD-Arg1"), error)
        self.assertIn(naming, error.message)


class BadArguments(InputCase):
    def test_the_methods_of_the_mirrored_operations_are_among_those_tried(self):
        names = {name for _, name in self.methods}
        self.assertLessEqual({"RemovePasskey", "RemoveMyPasskey", "VerifyPasskeyRegistration", "RemoveU2F",
                              "RemoveTOTP", "ImportTOTP", "AddUser", "ListUsers"}, names)

    def test_a_text_beyond_its_limits_is_refused_by_the_name_of_the_argument(self):
        for method in self.methods:
            with self.trying(method):
                for name, type_ in self.methods[method]:
                    for bad in rule_of(method, name).refused() if type_ == "s" else ():
                        with self.subTest(argument=name, bad=bad[:10], length=len(bad)):
                            error = self.call(method, {name: bad}, self.org_of(method))
                            self.assert_bad_argument(error, f"Argument {name} ")

    def test_a_text_at_its_limits_is_not_what_a_call_fails_by(self):
        for method in self.methods:
            for name, type_ in self.methods[method]:
                for good in rule_of(method, name).allowed() if type_ == "s" else ():
                    with self.subTest(method=method[1], argument=name, length=len(good)):
                        elsewhere = {"user_id": "nobody-here", **{id_: "a" * 26 for id_ in self.pending}}
                        error = self.call(method, {**elsewhere, name: good}, self.org_of(method, "elsewhere"))
                        self.assertNotEqual(error and error.id, "FACTORD-Arg1", error)

    def test_an_option_of_the_wrong_type_is_refused_whether_the_method_has_it_or_not(self):
        for method in self.methods:
            with self.trying(method):
                for name, option in OPTIONS.items():
                    org = self.org_of(method) if name != "org" else []
                    for sample in SAMPLES:
                        if sample[0] in option.types.split():
                            continue
                        with self.subTest(option=name, type=sample[0]):
                            self.assert_bad_argument(self.call(method, {}, [*org, (name, sample)]))

    def test_an_option_out_of_its_range_is_refused_by_its_name(self):
        tried = set()
        for method in self.methods:
            with self.trying(method):
                for name in [name for name in OPTIONS if self.knows(method, name)]:
                    for bad in OPTIONS[name].bad:
                        with self.subTest(option=name, bad=str(bad)[:20]):
                            org = self.org_of(method) if name != "org" else []
                            error = self.call(method, {}, [*org, (name, (OPTIONS[name].types, bad))])
                            self.assert_bad_argument(error)
                            self.assertRegex(error.message, f"Option {name} |Argument options is refused")
                            tried.add(name)
        self.assertLessEqual({"org", "domain", "appid", "authenticator", "name", "issuer", "account", "algorithm",
                              "digits", "period", "state", "states", "kinds", "display_name", "limit"}, tried)

    def test_an_unknown_option_is_refused_and_not_echoed(self):
        for method in self.methods:
            with self.trying(method):
                for name in ("", "Org", "org ", "org\n", "ünknown", "x" * 20_000, KEY * 200):
                    with self.subTest(option=name[:10]):
                        error = self.call(method, {}, [*self.org_of(method), (name, ("s", "x"))])
                        self.assert_bad_argument(error)
                        self.assertLess(len(error.message), 200)

    def test_a_hundred_options_are_refused(self):
        for method in self.methods:
            with self.trying(method):
                many = [(f"option-{number}", ("s", "x")) for number in range(100)]
                self.assert_bad_argument(self.call(method, {}, many))

    def test_a_key_that_stands_twice_is_refused(self):
        for method in self.methods:
            with self.trying(method):
                for first, second in ((("s", "acme"), ("s", "acme")), (("s", "acme"), ("s", "elsewhere")),
                                      (("s", "acme"), ("u", 1))):
                    error = self.call(method, {}, [("org", first), ("org", second)])
                    self.assert_bad_argument(error)

    def test_many_huge_values_in_options_are_refused(self):
        for method in self.methods:
            with self.trying(method):
                for sample in (("s", "x" * (1 << 20)), ("ay", bytes(1 << 20)), ("as", ["x" * 10_000] * 100),
                               ("aa{sv}", [[]] * 10_000), ("av", [nested(10)] * 100)):
                    self.assert_bad_argument(self.call(method, {}, [*self.org_of(method), ("name", sample)]))

    def test_whoever_has_no_permission_learns_nothing_of_what_was_wrong(self):
        for method in self.methods:
            with self.trying(method):
                if not self.org_of(method) or method[1] == EXPLAIN:
                    continue  # about the caller's own factors, or rights
                cases = [({}, [("bogus", ("s", "x"))]), ({}, [("digits", ("s", "x"))])]
                cases += [({name: "x" * (LONGEST_CREDENTIAL + 1)}, []) for name, type_ in self.methods[method]
                          if type_ == "s"]
                for arguments, options in cases:
                    error = self.call(method, arguments, [*self.org_of(method), *options], by=self.stranger)
                    self.assertIsNotNone(error)
                    self.assertEqual((error.name, error.id), ("org.factord1.Error.PermissionDenied", "AUTH-AWfge"))


class BadCredentials(InputCase):
    """What is no credential, given where one is verified: the registration stays pending."""

    def test_the_longest_credential_is_read_and_one_character_more_is_not(self):
        for letter in ("x", KEY):
            self.refuse(letter * 54, "FACTORD-Arg1")
            self.refuse(letter * 55, "WEBAU-sEr8c")
            self.refuse(letter * LONGEST_CREDENTIAL, "WEBAU-sEr8c")
            self.refuse(letter * (LONGEST_CREDENTIAL + 1), "FACTORD-Arg1")

    def test_json_that_is_nested_without_end_is_unreadable(self):
        deep = 10_000
        for bad in ("[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep, "[" * LONGEST_CREDENTIAL,
                    '{"a":' * (LONGEST_CREDENTIAL // 5), '{"id":' + "[" * deep + "]" * deep + "}",
                    '{"id":[' + "1," * 70_000 + "1]}"):
            self.refuse(bad, "WEBAU-sEr8c")

    def test_what_is_no_json_object_is_unreadable(self):
        for bad in ("", "null", '"' + "x" * 100 + '"', "{", '{"id":"' + "x" * 100, '{"id":"x",}', '{"id":"x","id":"x"}',
                    '\ufeff{"id":"x"}', '{"id":"x"} {}', '{"id":"\\ud800"}', '{"id":"\\x"}', "{'id':'x'}", '{"id":01}',
                    '{"id":NaN}', '{"id":"x" /* */}', '[{"id":"x"}]'):
            self.refuse(bad + " " * 60, "WEBAU-sEr8c")

    def test_json_that_is_no_credential_is_refused(self):
        whole = ('{"id":"%s","rawId":"%s","type":"public-key",'
                 '"response":{"clientDataJSON":"%s","attestationObject":"%s"}}')
        for bad in ("{}", '{"id":1,"rawId":[],"type":{},"response":null}',
                    '{"id":1e999,"x":123456789012345678901234567890}',
                    '{"id":"","rawId":"","type":"public-key","response":{}}', '{"id":"%s"}' % ("\\u0000" * 100),
                    whole % ("AA", "AB", "", ""), whole % ("A", "A", "!!!", "==="), whole % ("AA", "AA", "e30", "oA"),
                    whole % ("AA", "AA", "A" * 500_000, "n" * 500_000),
                    whole % ("AA", "AA", "W1tbW1tbW1tb" * 1000, "gYGBgYGBgYGB" * 1000)):
            self.refuse(bad + " " * 60, "WEBAU-sEr8c", "WEBAU-3Vb9s")

    def refuse(self, credential, *ids):
        for verify in ("VerifyPasskeyRegistration", "VerifyU2FRegistration"):
            with self.subTest(method=verify, credential=credential[:20], length=len(credential)):
                error = self.call((FACTORS, verify), {"public_key_credential": credential}, [("org", ("s", "acme"))])
                self.assertIsNotNone(error, "it was taken")
                self.assertEqual(error.name, "org.factord1.Error.InvalidArgument")
                self.assertIn(error.id, ids)


if __name__ == "__main__":
    unittest.main()
