# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the permissions, the Allow= lines of the static authorizer, and that a stranger learns nothing."""
import os
import pathlib
import pwd
import signal
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, filled_pipe, options, u  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Person  # noqa: E402
from private_bus import Factord, skip_unless_possible  # noqa: E402

A, B, C, D = "factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d"
DENIED = ("org.factord1.Error.PermissionDenied", "No matching permissions found (AUTH-AWfge)")
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example"


class Configurable(Factord):
    def reconfigure(self, config):
        """Writes the configuration, sends SIGHUP, and returns when the daemon says that it is ready again."""
        with self._notify_socket() as ready:
            self.config_file.write_text(config)
            self.signal(signal.SIGHUP)
            self._await_ready(ready)


class AccessCase(BusCase):
    ACCESS = ""

    @classmethod
    def setUpClass(cls):
        cls.CONFIG = CONFIG + "[Access]\n" + cls.ACCESS
        super().setUpClass()

    def denied(self, caller, *call, **more):
        with self.assertRaises(BusError) as caught:
            caller.call(*call, **more)
        self.assertEqual((caught.exception.name, caught.exception.message), DENIED)

    def holds(self, caller, user_id, org=None):
        """Which permissions a caller holds about that user, by the answers of one method each."""
        about = Person(caller, user_id, org)
        probes = {"user.read": ("ListPasskeys", ""), "user.write": ("RemovePasskey", "s", "no-such-id"),
                  "user.credential.write": ("VerifyTOTPRegistration", "ss", "no-such-id", "123456")}
        held = set()
        for permission, probe in probes.items():
            try:
                about.call(*probe)
                held.add(permission)
            except BusError as error:
                if (error.name, error.message) != DENIED:
                    self.assertEqual(error.code, "NotFound", error)
                    held.add(permission)
        return held


class Strangers(AccessCase):
    """Nobody is allowed anything here; SelfService= is on."""

    def setUp(self):
        self.stranger = self.caller(B)

    def test_a_stranger_is_told_the_same_whether_something_exists_or_not(self):
        alice = Person(self.root, A)
        ready = {kind: alice.enrol(kind) for kind in KINDS}
        somebody = self.someone("acme")
        theirs = somebody.enrol(PASSKEY)
        for user_id, org in ((A, {}), ("no-such-account", {}), (somebody.user_id, {"org": "acme"}), (C, {}),
                             ("nobody", {"org": "acme"}), ("nobody", {"org": "no-such-org"}), ("", {"org": "acme"}),
                             ("root", {}), (B, {"org": "acme"})):
            given = options(**org)
            for factor_id in (*ready.values(), theirs, "no-such-id"):
                for kind in KINDS:
                    self.denied(self.stranger, FACTORS, kind.remove, "ssa{sv}", user_id, factor_id, given)
                self.denied(self.stranger, FACTORS, "RenameFactor", "sssa{sv}", user_id, factor_id, "Name", given)
                self.denied(self.stranger, FACTORS, "VerifyTOTPRegistration", "sssa{sv}", user_id, factor_id, "1", given)
            for kind in KINDS:
                self.denied(self.stranger, FACTORS, kind.list, "sa{sv}", user_id, given)
                self.denied(self.stranger, FACTORS, kind.register, "sa{sv}", user_id, given)
            self.denied(self.stranger, ADMIN, "GetUser", "sa{sv}", user_id, given)

    def test_bad_arguments_are_not_even_looked_at(self):
        for user_id in (A, "no-such-account", "x" * 201, "a:b", "line\nbreak", "right\u202eleft", "x" * 100_000):
            for given in ({}, options(nonsense="x"), options(org=True), options(org=""), options(org="x" * 201),
                          options(state="nonsense"), options(limit=u(0))):
                self.denied(self.stranger, FACTORS, "ListPasskeys", "sa{sv}", user_id, given)
                self.denied(self.stranger, FACTORS, "RemovePasskey", "ssa{sv}", user_id, "", given)
                self.denied(self.stranger, FACTORS, "VerifyPasskeyRegistration", "ssssa{sv}", user_id, "x" * 201, "x",
                            "", given)
                self.denied(self.stranger, ADMIN, "AddUser", "sa{sv}", user_id, given)
        self.denied(self.stranger, ADMIN, "GetUser", "sa{sv}", "", {})
        self.denied(self.stranger, ADMIN, "ListUsers", "a{sv}", options(limit=u(0)))

    def test_the_right_answer_does_not_stand_in_for_the_permission_to_verify(self):
        alice = Person(self.caller(A))
        for kind in KINDS:
            pending = alice.register(kind)
            with self.refused("AUTH-AWfge"):
                Person(self.stranger, A).verify(pending, alice.answer(pending))
            alice.remove(kind, pending.id)

    def test_a_file_descriptor_is_not_read_before_the_permission_is_asked(self):
        fd = filled_pipe(URI)
        self.denied(self.stranger, FACTORS, "ImportTOTP", "sha{sv}", A, 0, {}, fds=[fd])
        with os.fdopen(fd, "rb") as pipe:
            self.assertEqual(pipe.read(), URI)

    def test_ones_own_factors_need_no_permission(self):
        me = Person(self.caller(C))
        for kind in KINDS:
            factor_id = me.enrol(kind)
            me.call("RenameFactor", "ss", factor_id, "Mine")
            self.assertEqual([item["name"] for item in me.list(kind)[0]], ["Mine"])
            me.remove(kind, factor_id)
        self.assertEqual(me.call("ListAuthenticationMethodTypes")[0], [])

    def test_oneself_may_be_named(self):
        by_name = Person(self.caller(C), C)
        factor_id = by_name.enrol(PASSKEY)
        self.assertIn(factor_id, Person(self.caller(C)).all_factors())
        self.assertEqual(self.caller(C).call(ADMIN, "GetUser", "sa{sv}", C, {})[0]["userId"], C)
        by_name.remove(PASSKEY, factor_id)

    def test_users_are_not_administered_by_themselves(self):
        for method in ("RemoveUser", "RebindUser", "AddUser"):
            self.denied(self.caller(C), ADMIN, method, "sa{sv}", C, {})
        self.denied(self.caller(C), ADMIN, "ListUsers", "a{sv}", {})

    def test_a_user_of_another_organization_with_ones_own_name_is_a_stranger(self):
        self.root.call(ADMIN, "AddUser", "sa{sv}", C, options(org="namesakes"))
        namesake = Person(self.root, C, "namesakes")
        factor_id = namesake.enrol(PASSKEY)
        for user_id in (C, ""):
            about = (user_id, options(org="namesakes"))
            self.denied(self.caller(C), FACTORS, "ListPasskeys", "sa{sv}", *about)
            self.denied(self.caller(C), FACTORS, "RegisterPasskey", "sa{sv}", *about)
            self.denied(self.caller(C), FACTORS, "RemovePasskey", "ssa{sv}", user_id, factor_id,
                        options(org="namesakes"))
        with self.refused("COMMAND-DAfb2"):
            self.caller(C).call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, {})

    def test_uid_0_holds_everything_everywhere(self):
        for user_id, org in ((A, None), (self.someone("acme").user_id, "acme"), ("nobody", "no-such-org")):
            self.assertEqual(self.holds(self.root, user_id, org),
                             {"user.read", "user.write", "user.credential.write"})

    def test_the_calling_user_is_not_meant_in_another_organization(self):
        with self.refused("FACTORD-Arg1"):
            self.root.call(FACTORS, "ListPasskeys", "sa{sv}", "", options(org="acme"))


class EveryMethod(AccessCase):
    """Generated from the live introspection, so that no method can be forgotten."""

    ACCESS = "SelfService=no\n"

    def published(self):
        text, = self.root.call("org.freedesktop.DBus.Introspectable", "Introspect")
        for interface in xml.etree.ElementTree.fromstring(text).iter("interface"):
            if interface.get("name").startswith("org.factord1."):
                for method in interface.iter("method"):
                    yield interface.get("name"), method.get("name"), [
                        (argument.get("name"), argument.get("type")) for argument in method.iter("arg")
                        if argument.get("direction", "in") == "in"]

    def arguments(self, parameters, user_id, given):
        values = {"s": "text", "u": 1, "t": 1, "b": False, "h": 0, "as": [], "a{sv}": given}
        return ["".join(type_ for _, type_ in parameters),
                *(user_id if name == "user_id" else values[type_] for name, type_ in parameters)]

    def test_every_method_about_somebody_else_is_denied(self):
        somebody = self.someone("acme")
        # What one may do oneself is told to everybody, and a challenge that is not there is nobody else's
        methods = [method for method in self.published() if method[1] not in ("ExplainAccess", "CheckPasskey")]
        self.assertGreaterEqual(len(methods), 22)
        self.assertIn((FACTORS, "RemovePasskey", [("user_id", "s"), ("passkey_id", "s"), ("options", "a{sv}")]), methods)
        pipe = filled_pipe(URI)
        for interface, name, parameters in methods:
            for user_id, given in ((A, {}), ("no-such-account", {}), (somebody.user_id, options(org="acme")),
                                   ("nobody", options(org="no-such-org"))):
                with self.subTest(f"{interface}.{name}", user_id=user_id):
                    self.denied(self.caller(B), interface, name, *self.arguments(parameters, user_id, given),
                                fds=[pipe] if any(type_ == "h" for _, type_ in parameters) else [])
        os.close(pipe)

    def test_options_come_last_everywhere(self):
        for interface, name, parameters in self.published():
            self.assertEqual(parameters[-1:], [("options", "a{sv}")], f"{interface}.{name}")


class WithoutSelfService(AccessCase):
    ACCESS = "SelfService=no\n"

    def test_changing_ones_own_factors_is_denied(self):
        passkey = Person(self.root, C).enrol(PASSKEY)
        me, caller = Person(self.caller(C)), self.caller(C)
        for about in (me, Person(caller, C)):
            for kind in KINDS:
                for call in ((kind.register, ""), (kind.remove, "s", passkey),
                             (kind.verify, "ss", passkey, "1") if kind is TOTP
                             else (kind.verify, "sss", passkey, "x" * 60, "Name")):
                    with self.refused("AUTH-AWfge"):
                        about.call(*call)
            with self.refused("AUTH-AWfge"):
                about.call("RenameFactor", "ss", passkey, "Name")
        self.denied(caller, FACTORS, "RemoveMyPasskey", "sa{sv}", passkey, {})
        pipe = filled_pipe(URI)
        self.denied(caller, FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[pipe])
        os.close(pipe)
        self.assertEqual([item["id"] for item in me.list(PASSKEY)[0]], [passkey])

    def test_reading_ones_own_factors_is_not(self):
        me = Person(self.caller(B))
        for kind in KINDS:
            self.assertEqual(me.list(kind)[0], [])
        self.assertEqual(self.caller(B).call(ADMIN, "GetUser", "sa{sv}", B, {})[0]["userId"], B)


class AllowLines(AccessCase):
    """Every test writes the rules it is about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=CONFIG))

    def rules(self, *lines):
        self.daemon.reconfigure(CONFIG + "[Access]\n" + "\n".join(lines) + "\n")

    def test_a_uid_a_user_and_a_group_can_be_named(self):
        uid, group = pwd.getpwnam(B).pw_uid, D  # a test user's own group has its name
        self.rules(f"Allow=uid:{uid} user.read", f"Allow=user:{C} user.write", f"Allow=group:{group} user.read")
        self.assertEqual(self.holds(self.caller(B), A), {"user.read"})
        self.assertEqual(self.holds(self.caller(C), A), {"user.write"})
        self.assertEqual(self.holds(self.caller(D), A), {"user.read"})
        self.assertEqual(self.holds(self.caller(A), B), set())

    def test_each_permission_opens_its_methods_and_no_others(self):
        for permission in ("user.read", "user.write", "user.credential.write"):
            self.rules(f"Allow=user:{B} {permission}")
            self.assertEqual(self.holds(self.caller(B), A), {permission})

    def test_a_line_may_hold_several_permissions_and_lines_add_up(self):
        self.rules(f"Allow=user:{B} user.read,user.write", f"Allow=user:{B} user.credential.write")
        self.assertEqual(self.holds(self.caller(B), A), {"user.read", "user.write", "user.credential.write"})

    def test_a_line_without_org_holds_in_the_default_organization_only(self):
        self.rules(f"Allow=user:{B} user.read")
        somebody = self.someone("acme").user_id
        self.assertEqual(self.holds(self.caller(B), A), {"user.read"})
        self.assertEqual(self.holds(self.caller(B), A, "local"), {"user.read"})
        self.assertEqual(self.holds(self.caller(B), somebody, "acme"), set())
        self.assertEqual(self.holds(self.caller(B), "nobody", "no-such-org"), set())

    def test_a_line_with_org_holds_there_and_nowhere_else(self):
        self.rules(f"Allow=user:{B} user.read org:acme")
        self.assertEqual(self.holds(self.caller(B), self.someone("acme").user_id, "acme"), {"user.read"})
        self.assertEqual(self.holds(self.caller(B), "nobody", "acme"), {"user.read"})
        self.assertEqual(self.holds(self.caller(B), self.someone("globex").user_id, "globex"), set())
        self.assertEqual(self.holds(self.caller(B), A), set())

    def test_a_line_with_org_star_holds_everywhere(self):
        self.rules(f"Allow=user:{B} user.read org:*")
        for user_id, org in ((A, None), (self.someone("acme").user_id, "acme"), ("nobody", "no-such-org")):
            self.assertEqual(self.holds(self.caller(B), user_id, org), {"user.read"})

    def test_a_holder_of_user_write_administers_users_of_its_organization(self):
        self.rules(f"Allow=user:{B} user.write,user.read org:acme")
        caller = self.caller(B)
        caller.call(ADMIN, "AddUser", "sa{sv}", "made-by-b", options(org="acme"))
        self.assertIn("made-by-b", [user["userId"] for user in
                                    caller.call(ADMIN, "ListUsers", "a{sv}", options(org="acme"))[0]])
        caller.call(ADMIN, "RemoveUser", "sa{sv}", "made-by-b", options(org="acme"))
        self.denied(caller, ADMIN, "AddUser", "sa{sv}", "made-by-b", options(org="globex"))
        self.denied(caller, ADMIN, "AddUser", "sa{sv}", "made-by-b", {})
        self.denied(caller, ADMIN, "ListUsers", "a{sv}", {})

    def test_a_helpdesk_enrols_and_removes_for_others(self):
        self.rules(f"Allow=user:{B} user.read,user.write,user.credential.write")
        alice = Person(self.caller(B), A)
        for kind in KINDS:
            factor_id = alice.enrol(kind)
            self.assertIn(factor_id, Person(self.caller(A)).all_factors())
            alice.remove(kind, factor_id)

    def test_sighup_changes_the_rules_for_connections_that_stand(self):
        caller = self.caller(B)
        self.rules(f"Allow=user:{B} user.read")
        self.assertEqual(self.holds(caller, A), {"user.read"})
        self.rules("SelfService=no")
        self.assertEqual(self.holds(caller, A), set())
        with self.refused("AUTH-AWfge"):
            Person(caller).register(U2F)
        self.rules(f"Allow=user:{B} user.write", "SelfService=yes")
        self.assertEqual(self.holds(caller, A), {"user.write"})
        Person(caller).register(U2F)

    def test_a_configuration_with_a_fault_leaves_the_rules_as_they_were(self):
        self.rules(f"Allow=user:{B} user.read")
        for fault in ("Allow=user:no-such-account user.read", "Allow=group:no-such-group user.read",
                      f"Allow=user:{B} user.everything", f"Allow=user:{B}", f"Allow=uid:-1 user.read",
                      f"Allow=uid:4294967295 user.read", f"Allow={B} user.read", f"Allow=user:{B} user.read org:",
                      f"Allow=user:{B} user.read acme", "Nonsense=yes", "SelfService=perhaps", "[Nonsense]",
                      "Authorizer=nobody", "no key"):
            with self.subTest(fault):
                said = len(self.daemon.stderr)
                self.rules(f"Allow=user:{B} user.write", fault)
                self.assertEqual(self.holds(self.caller(B), A), {"user.read"})
                self.assertIn(f"{self.daemon.config_file}:8:", self.daemon.stderr[said:])
        self.rules(f"Allow=user:{B} user.write")
        self.assertEqual(self.holds(self.caller(B), A), {"user.write"})


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
