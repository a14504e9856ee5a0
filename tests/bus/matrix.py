# SPDX-License-Identifier: Apache-2.0
"""Every method × every kind of caller × whom it is about, for both authorizers.

The methods come from ipc/org.factord1.xml, so that a new one is in here from its first day: one that stands not in
GUARDS, or has an argument that ARGUMENTS does not know, fails. What must come out is reckoned from GUARDS and the
rights a caller was given. A denied call is denied whatever exists and changes nothing; an allowed one may fail in any
way but that."""
import dataclasses
import os
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import polkit  # noqa: E402
from access import DENIED, URI, Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, Caller, content, filled_pipe, options  # noqa: E402
from enrolment import CONFIG  # noqa: E402
from polkit import Agent  # noqa: E402
from polkit_case import WITH_POLKIT, AskingPolkit  # noqa: E402
from private_bus import SOURCE  # noqa: E402

A, B, C, D = "factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d"
PERMISSIONS = ("user.read", "user.write", "user.credential.write", "user.passkey.write", "check")

YES, SELF_WRITE, NEVER = "yes", "self.write", "-"  # for oneself
NONE = "none"  # no permission is needed
GUARDS = {
    "RegisterPasskey": ("user.credential.write", SELF_WRITE),
    "VerifyPasskeyRegistration": ("user.credential.write", SELF_WRITE),
    "RemovePasskey": ("user.write", SELF_WRITE),
    "RemoveMyPasskey": ("user.write", SELF_WRITE),
    "ListPasskeys": ("user.read", YES),
    "RegisterU2F": ("user.credential.write", SELF_WRITE),
    "VerifyU2FRegistration": ("user.credential.write", SELF_WRITE),
    "RemoveU2F": ("user.write", SELF_WRITE),
    "ListU2F": ("user.read", YES),
    "RegisterTOTP": ("user.credential.write", SELF_WRITE),
    "VerifyTOTPRegistration": ("user.credential.write", SELF_WRITE),
    "RemoveTOTP": ("user.write", SELF_WRITE),
    "ImportTOTP": ("user.credential.write", SELF_WRITE),
    "ListTOTP": ("user.read", YES),
    "GenerateRecoveryCodes": ("user.credential.write", SELF_WRITE),
    "CreateRegistrationCode": ("user.passkey.write", NEVER),
    "RemoveRecoveryCodes": ("user.write", SELF_WRITE),
    "CheckRecoveryCode": ("check", YES),
    "RenameFactor": ("user.write", SELF_WRITE),
    "SuspendFactor": ("user.write", SELF_WRITE),
    "ResumeFactor": ("user.write", NEVER),
    "ListAuthenticationFactors": ("user.read", YES),
    "ListAuthenticationMethodTypes": ("user.read", YES),
    "CheckTOTP": ("check", YES),
    "StartPasskeyCheck": ("check", YES),
    "CheckPasskey": ("check", YES),
    "GetRequirement": ("check", YES),
    "AddUser": ("user.write", NEVER),
    "LockUser": ("user.write", NEVER),
    "UnlockUser": ("user.write", NEVER),
    "RemoveUser": ("user.write", NEVER),
    "RebindUser": ("user.write", NEVER),
    "GetUser": ("user.read", YES),
    "ListUsers": ("user.read", NEVER),
    "ExplainAccess": (NONE, NEVER),
    "Subscribe": ("user.read", YES),
    "Unsubscribe": ("user.read", YES),
}
ARGUMENTS = {
    "user_id": lambda target: target.user_id,
    "passkey_id": lambda target: target.ids.get("passkey", "none"),
    "u2f_id": lambda target: target.ids.get("u2f", "none"),
    "totp_id": lambda target: target.ids.get("totp", "none"),
    "factor_id": lambda target: target.ids.get("ready", "none"),
    "challenge_id": lambda target: "none",
    "public_key_credential": lambda target: "x" * 60,
    "passkey_name": lambda target: "Name",
    "u2f_name": lambda target: "Name",
    "name": lambda target: "Name",
    "code": lambda target: "123456",
    "uri": lambda target: 0,
    "count": lambda target: 1,
    "method": lambda target: "ListTOTP",
    "options": lambda target: options(**({"org": target.org} if target.org else {})),
}


@dataclasses.dataclass(frozen=True)
class Method:
    interface: str
    name: str
    arguments: tuple  # (name, type)

    @property
    def permission(self):
        return GUARDS[self.name][0]

    @property
    def own(self):
        return GUARDS[self.name][1]


@dataclasses.dataclass
class Target:
    """Whom a call is about; org None is the default organization, and not named."""
    user_id: str
    org: str | None = None
    account: str | None = None  # of the Unix user that user_id means
    exists: bool = True
    ids: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of caller: the permissions it holds, by organization ("*": all), and whether it may change its own."""
    user: str
    holds: dict
    self_write: bool = True

    def may(self, method, target):
        if self.user == "root" or self.user == target.account and (
                method.own == YES or method.own == SELF_WRITE and self.self_write):
            return True
        return method.permission == NONE or any(
            method.permission in self.holds.get(org, ()) for org in ("*", target.org or "local"))


NOBODY, ACME, GLOBEX, EVERYWHERE, ROOT = (
    Kind(A, {}), Kind(B, {"acme": PERMISSIONS}), Kind(C, {"globex": PERMISSIONS}), Kind(D, {"*": PERMISSIONS}),
    Kind("root", {}))
KINDS = (NOBODY, ACME, GLOBEX, EVERYWHERE, ROOT)


def published():
    """All methods of the contract, with what it says about who may."""
    node = xml.etree.ElementTree.parse(SOURCE / "ipc" / "org.factord1.xml")
    for interface in node.iter("interface"):
        for method in interface.iter("method"):
            yield Method(interface.get("name"), method.get("name"), tuple(
                (argument.get("name"), argument.get("type")) for argument in method.iter("arg")
                if argument.get("direction", "in") == "in"))


def documented():
    """{method: (permission, own)} as the comments of the contract have it."""
    text = (SOURCE / "ipc" / "org.factord1.xml").read_text()
    return {name: (permission, own or NEVER) for permission, own, name in re.findall(
        r"Permission: ([a-z.]*[a-z])\.(?: Own: ([a-z.]*[a-z])\.)?\s*-->\s*<method name=\"(\w+)\"", text)}


class MatrixCase(AskingPolkit, BusCase):
    """Rounds of all calls by one caller; the rights are given by a subclass, which need not ask polkit."""

    CONFIG = CONFIG

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=cls.CONFIG))
        cls.methods = list(published())

    def targets(self, user):
        """Freshly filled by root: the caller, under both its names; others of two organizations; and who is not."""
        own = [] if user == "root" else [Target("", account=user), Target(user, account=user)]
        all_ = [*own, Target("daemon"), Target("someone", "acme"), Target("someone", "globex"),
                Target("no-such-account", exists=False), Target("nobody", "acme", exists=False),
                Target("nobody", "no-such-org", exists=False)]
        for target in all_:
            if target.exists:
                self.fill(target)
        return all_

    def fill(self, target):
        about = target.account or target.user_id
        given = ARGUMENTS["options"](target)
        if target.org:
            try:
                self.root.call(ADMIN, "AddUser", "sa{sv}", about, given)
            except BusError as error:
                self.assertEqual(error.id, "FACTORD-User1")
        for kind, method in (("passkey", "RegisterPasskey"), ("u2f", "RegisterU2F"), ("totp", "RegisterTOTP")):
            target.ids[kind], asks, _ = self.root.call(FACTORS, method, "sa{sv}", about, given)
            if kind == "totp":
                content(asks)
        # Its own purse is not to be filled up by the rounds before
        for item in self.everything(about, given)[0]:
            if item["state"] == "ready" and item["kind"] == "totp":
                self.root.call(FACTORS, "RemoveTOTP", "ssa{sv}", about, item["id"], given)
        pipe = filled_pipe(URI)
        target.ids["ready"], _ = self.root.call(FACTORS, "ImportTOTP", "sha{sv}", about, 0, given, fds=[pipe])
        os.close(pipe)

    def everything(self, user_id, given):
        return self.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", user_id,
                              {**given, **options(states=["any"])})

    def store(self, targets):
        """What there is, as root sees it: with the sequence, which any event at all would change."""
        users = [self.root.call(ADMIN, "ListUsers", "a{sv}", options(org=org))
                 for org in ("local", "acme", "globex")]
        return users, [self.everything(target.account or target.user_id, ARGUMENTS["options"](target))
                       for target in targets if target.exists]

    def calls(self, targets):
        for method in self.methods:
            names = [name for name, _ in method.arguments]
            for target in targets:
                # Means the caller, whoever that is; the other one at least where it has no such challenge
                if method.name in ("RemoveMyPasskey", "CheckPasskey"):
                    if target.account is None:
                        continue
                elif "user_id" not in names or (method.interface != FACTORS and not target.user_id):
                    # About an organization; or about nobody: only in Factors an empty id is the caller
                    target = dataclasses.replace(target, account=None)
                yield method, target

    def outcomes(self, caller, calls, **more):
        """(method, target, whether it was denied) of each call; several are under way at once."""
        calls, found = list(calls), []
        for at in range(0, len(calls), 8):
            started = [(method, target, self.begin(caller, method, target, more)) for method, target in
                       calls[at:at + 8]]
            found += [(method, target, self.denied(caller, call)) for method, target, call in started]
        return found

    def begin(self, caller, method, target, more):
        arguments = [0 if type_ == "h" else ARGUMENTS[name](target) for name, type_ in method.arguments]
        pipes = [filled_pipe(URI) for _, type_ in method.arguments if type_ == "h"]
        call = caller.start(method.interface, method.name, "".join(type_ for _, type_ in method.arguments),
                            *arguments, fds=pipes, **more)
        for pipe in pipes:
            os.close(pipe)
        return call

    def denied(self, caller, call):
        try:
            for value in caller.finish(call):
                if type(value) is int:
                    os.close(value)  # the answer of RegisterTOTP
        except BusError as error:
            if error.id == "AUTH-AWfge":
                self.assertEqual((error.name, error.message), DENIED)
                return True
            self.assertTrue(error.name.startswith("org.factord1.Error."), error)
            self.assertNotIn(error.code, ("Internal", "Unavailable", "DataLoss"), error)
        return False

    def round(self, kind, caller=None, **more):
        """All calls of one caller: first those that must be denied and change nothing, then those that must not be."""
        caller = caller or self.caller(kind.user)
        targets = self.targets(kind.user)
        calls = list(self.calls(targets))
        before = self.store(targets)
        self.expect(kind, self.outcomes(caller, [call for call in calls if not kind.may(*call)], **more), True)
        self.assertEqual(self.store(targets), before)
        allowed = [call for call in calls if kind.may(*call)]
        given_up = self.polkit.given_up()
        outcomes = self.outcomes(caller, allowed, **more)
        if self.polkit.given_up() > given_up:
            outcomes = self.outcomes(caller, allowed, **more)
        self.expect(kind, outcomes, False)
        return calls

    def expect(self, kind, outcomes, denied):
        wrong = [f"{method.name} by {kind.user} about {target.user_id or 'oneself'} of {target.org or 'local'}"
                 for method, target, was_denied in outcomes if was_denied != denied]
        self.assertEqual(wrong, [], f"{'not denied' if denied else 'denied'}; polkitd says:\n{''.join(self.polkit.said)}")


class Contract(unittest.TestCase):
    def test_every_method_of_the_contract_is_in_the_matrix_and_no_other(self):
        self.assertEqual({method.name for method in published()}, set(GUARDS))
        for method in published():
            for name, _ in method.arguments:
                self.assertIn(name, ARGUMENTS, method.name)

    def test_the_contract_says_the_same_about_who_may(self):
        self.assertEqual(documented(), GUARDS)

    def test_every_permission_and_self_write_have_an_action(self):
        guards = {permission for permission, _ in GUARDS.values()} | {own for _, own in GUARDS.values()}
        self.assertLessEqual(guards - {YES, NEVER, NONE}, set(polkit.shipped_defaults()))


class Rounds:
    """The same for both authorizers: the rights are the same, only written down in another way."""

    def test_a_stranger_may_nothing_but_what_is_its_own(self):
        self.round(NOBODY)

    def test_who_administers_one_organization_may_nothing_in_another(self):
        self.round(ACME)
        self.round(GLOBEX)

    def test_who_holds_all_organizations_may_everything(self):
        calls = self.round(EVERYWHERE)
        self.assertTrue(all(EVERYWHERE.may(*call) for call in calls))

    def test_root_may_everything(self):
        calls = self.round(ROOT)
        self.assertTrue(all(ROOT.may(*call) for call in calls))

    def test_without_self_service_one_s_own_takes_the_permission(self):
        self.daemon.reconfigure(self.CONFIG.replace("[RelyingParty]", "SelfService=no\n[RelyingParty]"))
        for kind in (NOBODY, ACME, EVERYWHERE):
            self.round(dataclasses.replace(kind, self_write=False))
        self.daemon.reconfigure(self.CONFIG)


class StaticLines(Rounds, MatrixCase):
    CONFIG = CONFIG.replace("[RelyingParty]", "".join(
        f"Allow=user:{kind.user} {','.join(PERMISSIONS)} org:{org}\n" for kind in KINDS for org in kind.holds) +
        "[RelyingParty]")


class PolkitRules(Rounds, MatrixCase):
    CONFIG = WITH_POLKIT
    RULES = f"""
polkit.addRule(function(action, subject) {{
  if (action.id.indexOf("org.factord1.") != 0) return undefined;
  var org = {{"{B}": "acme", "{C}": "globex"}}[subject.user];
  var yes = action.id == "org.factord1.self.write" || subject.user == "{D}" || org && org == action.lookup("org");
  return yes ? polkit.Result.YES : polkit.Result.NO;
}});
"""


class RulesSayNoToOneself(MatrixCase):
    CONFIG = WITH_POLKIT
    RULES = 'polkit.addRule(function(action, subject) { return polkit.Result.NO; });'

    def test_a_no_to_self_write_leaves_one_s_own_to_be_read(self):
        self.round(dataclasses.replace(NOBODY, self_write=False))

    def test_root_does_not_depend_on_rules(self):
        self.round(ROOT)


class Defaults(MatrixCase):
    """No rules: what the shipped defaults want, with somebody in front of the machine, or not, or no polkit at all."""

    CONFIG = WITH_POLKIT

    def test_with_the_right_password_everything_opens_that_a_password_can_open(self):
        opened = [name for name, default in polkit.shipped_defaults().items() if default.startswith("auth_")]
        self.assertIn("self.write", opened)
        with Caller(self.bus, A) as caller, Agent(self.bus, caller):
            self.round(Kind(A, {"*": opened}), caller, interactive=True)

    def test_a_password_that_nobody_may_be_asked_for_opens_nothing(self):
        with Caller(self.bus, A) as caller, Agent(self.bus, caller):
            self.round(Kind(A, {}, self_write=False), caller)

    def test_a_dismissed_dialog_opens_nothing(self):
        with Caller(self.bus, A) as caller, Agent(self.bus, caller, "dismiss"):
            self.round(Kind(A, {}, self_write=False), caller, interactive=True)

    def test_without_polkitd_nothing_is_open(self):
        self.polkit.kill()
        self.round(Kind(A, {}, self_write=False), interactive=True)
        self.round(ROOT)
        self.polkit.start()


if __name__ == "__main__":
    polkit.skip_unless_possible()
    unittest.main()
