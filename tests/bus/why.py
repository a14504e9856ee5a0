# SPDX-License-Identifier: Apache-2.0
"""Why somebody may do something or may not: Admin.ExplainAccess and `factorctl doctor --why`, with both authorizers. What
is told must be what happens, and of nobody's rights but the caller's own."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import polkit  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, options  # noqa: E402
from enrolment import CONFIG, KINDS, Person  # noqa: E402
from polkit_case import AskingPolkit  # noqa: E402
from private_bus import FACTORCTL  # noqa: E402

A, B, C, D = "factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d"
OWN_READ = "own factors: reading them needs no permission"
# Every method that can be called without a prepared argument, and what it asks for about others
PROBES = {"ListPasskeys": (FACTORS, "sa{sv}"), "RegisterTOTP": (FACTORS, "sa{sv}"), "RemoveU2F": (FACTORS, "ssa{sv}"),
          "GetUser": (ADMIN, "sa{sv}"), "RebindUser": (ADMIN, "sa{sv}"), "RemoveMyPasskey": (FACTORS, "sa{sv}"),
          "ListUsers": (ADMIN, "a{sv}")}
PERMISSIONS = {"ListPasskeys": "user.read", "RegisterTOTP": "user.credential.write", "RemoveU2F": "user.write",
               "GetUser": "user.read", "RebindUser": "user.write", "RemoveMyPasskey": "user.write",
               "ListUsers": "user.read"}


class WhyCase(BusCase):
    def explain(self, caller, method, user_id="", **given):
        explanation, = caller.call(ADMIN, "ExplainAccess", "ssa{sv}", user_id, method, options(**given))
        return explanation

    def is_allowed(self, caller, method, user_id, **given):
        """By really calling it."""
        interface, signature = PROBES[method]
        arguments = {"ssa{sv}": (user_id, "no-such-id"), "a{sv}": ()}.get(signature, (user_id,))
        if method == "RemoveMyPasskey":
            arguments = ("no-such-id",)
        try:
            caller.call(interface, method, signature, *arguments, options(**given))
            return True
        except BusError as error:
            return error.id != "AUTH-AWfge"

    def assert_explanations_come_true(self):
        """For every caller × method × user × organization; the number of those that are allowed, and of the others."""
        counts = {True: 0, False: 0}
        for name in (A, B, C, D, "root"):
            for method in PROBES:
                takes_user = method not in ("RemoveMyPasskey", "ListUsers")
                for user_id in (A, name, "no-such-user") if takes_user else ("",):
                    for given in ({}, {"org": "acme"}) if method != "RemoveMyPasskey" else ({},):
                        caller = self.caller(name)
                        with self.subTest(caller=name, method=method, user_id=user_id, **given):
                            told = self.explain(caller, method, user_id, **given)
                            self.assertEqual(told["allowed"], self.is_allowed(caller, method, user_id, **given), told)
                            self.assertIn(told["permission"], (PERMISSIONS[method], "self.write"))
                            self.assertEqual((told["method"], told["org"]), (method, given.get("org", "local")))
                            self.assertTrue(told["decidedBy"])
                        counts[told["allowed"]] += 1
        return counts

    def doctor(self, user, *words):
        return self.bus.run_as(user, [self.bus.publish(FACTORCTL), *words])


class Static(WhyCase):
    RULES = (f"Allow=user:{B} user.read,user.write", f"Allow=group:{C} user.read org:acme",
             f"Allow=user:{C} check org:*")
    CONFIG = CONFIG + "[Access]\n" + "\n".join(RULES) + "\n"

    def line(self, rule):
        return f"factord.conf:{self.CONFIG.splitlines().index(rule) + 1}: {rule}"

    def test_what_is_told_is_what_happens(self):
        counts = self.assert_explanations_come_true()
        self.assertGreater(min(counts.values()), 40)

    def test_the_very_line_is_told_that_decides(self):
        for caller, method, given, rule in ((B, "RemoveU2F", {}, 0), (B, "ListUsers", {}, 0),
                                            (C, "ListPasskeys", {"org": "acme"}, 1)):
            told = self.explain(self.caller(caller), method, A if method != "ListUsers" else "", **given)
            self.assertEqual((told["allowed"], told["decidedBy"]), (True, self.line(self.RULES[rule])))
            self.assertNotIn("nearest", told)

    def test_all_of_an_explanation(self):
        self.assertEqual(self.explain(self.caller(C), f"{FACTORS}.RemoveU2F", A, org="globex"), {
            "allowed": False, "method": "RemoveU2F", "userId": A, "org": "globex", "authorizer": "static",
            "permission": "user.write", "nearest": self.line(self.RULES[2]) + " (other permissions)",
            "decidedBy": "no Allow= line names this caller for user.write in organization globex"})

    def test_the_nearest_line_is_told_where_none_decides(self):
        told = self.explain(self.caller(C), "ListPasskeys", A)
        self.assertEqual(told["nearest"], self.line(self.RULES[1]) + " (another organization)")

    def test_who_has_no_line_is_told_of_none(self):
        for name, given in ((A, {}), (D, {}), (D, {"org": "acme"}), (B, {"org": "acme"})):
            told = self.explain(self.caller(name), "RegisterTOTP", C, **given)
            self.assertFalse(told["allowed"])
            others = [other for other in (A, B, C, D) if other != name]
            self.assertFalse([other for other in others if other in json.dumps({**told, "userId": ""})], told)

    def test_ones_own_factors_and_uid_0_need_no_line(self):
        caller = self.caller(D)
        for user_id in ("", D):
            told = self.explain(caller, "ListPasskeys", user_id)
            self.assertEqual((told["allowed"], told["permission"], told["decidedBy"], told["userId"]),
                             (True, "user.read", OWN_READ, D))
            told = self.explain(caller, "RegisterTOTP", user_id)
            self.assertEqual((told["allowed"], told["permission"], told["decidedBy"]),
                             (True, "self.write", "own factors: SelfService=yes"))
        self.assertEqual(self.explain(caller, "RemoveMyPasskey")["permission"], "self.write")
        self.assertEqual(self.explain(self.root, "AddUser", "x", org="acme")["decidedBy"], "uid 0")

    def test_of_a_method_that_needs_a_name_the_caller_is_meant_without_one(self):
        self.assertTrue(self.explain(self.caller(D), "GetUser")["allowed"])
        told = self.explain(self.caller(D), "RemoveUser")
        self.assertEqual((told["allowed"], told["userId"]), (False, D))

    def test_the_explanation_itself_can_be_explained(self):
        told = self.explain(self.caller(D), "ExplainAccess", A, org="acme")
        self.assertEqual((told["allowed"], told["decidedBy"]), (True, OWN_READ))

    def test_whether_a_user_exists_makes_no_difference(self):
        someone = self.someone("acme").user_id
        for org in ("acme", "no-such-org", None):
            given = {"org": org} if org else {}
            for method in ("ListPasskeys", "RemoveU2F", "GetUser"):
                for name in (B, C, D):
                    told = [{**self.explain(self.caller(name), method, user_id, **given), "userId": ""}
                            for user_id in (someone, "nobody-of-that-name", A, "root")]
                    self.assertEqual(told, [told[0]] * len(told))

    def test_nothing_is_done(self):
        alice = Person(self.root, A)
        before = [alice.list(kind) for kind in KINDS]
        for method in ("RemoveUser", "RegisterPasskey", "RegisterTOTP", "RebindUser"):
            self.assertTrue(self.explain(self.root, method, A)["allowed"])
        self.assertEqual([alice.list(kind) for kind in KINDS], before)

    def test_what_cannot_be_asked_is_refused(self):
        for user_id, method, given in (("", "NoSuchMethod", {}), ("", "", {}), ("", "Factors.ListPasskeys", {}),
                                       (A, "RemoveMyPasskey", {}), ("", "RemoveMyPasskey", {"org": "acme"}),
                                       (A, "ListUsers", {}), ("a:b", "ListPasskeys", {}), ("", "ListPasskeys", {"x": "y"}),
                                       ("", "x" * 201, {}), ("x" * 201, "ListPasskeys", {})):
            with self.subTest(user_id=user_id, method=method), self.refused("FACTORD-Arg1"):
                self.explain(self.caller(D), method, user_id, **given)

    def test_the_doctor_tells_a_user_of_the_own_rights(self):
        done = self.doctor(B, "doctor", "--why", B, "RemoveU2F", "--about", A)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{B} may call RemoveU2F about {A} in organization local\n"
                                      "Authorizer:  static\nPermission:  user.write\n"
                                      f"Decided by:  {self.line(self.RULES[0])}\n")

    def test_the_doctor_ends_with_0_where_the_answer_is_no(self):
        done = self.doctor(C, "--json", "--org", "acme", "doctor", "--why", C, "RemoveU2F", "--about", A)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(json.loads(done.stdout), {
            "caller": C, **self.explain(self.caller(C), "RemoveU2F", A, org="acme")})
        self.assertIs(json.loads(done.stdout)["allowed"], False)

    def test_root_asks_for_anybody_and_gets_what_they_would_get(self):
        for user in (A, B, C, D, "root"):
            done = self.doctor("root", "--json", "doctor", "--why", user, "ListPasskeys", "--about", A)
            self.assertEqual(done.returncode, 0, done.stderr)
            told = json.loads(done.stdout)
            self.assertEqual(told.pop("caller"), user)
            self.assertEqual(told, self.explain(self.caller(user), "ListPasskeys", A))

    def test_groups_count_that_root_lends_to_the_question(self):
        done = self.doctor("root", "--json", "--org", "acme", "doctor", "--why", C, "ListPasskeys", "--about", "x")
        self.assertEqual(json.loads(done.stdout)["decidedBy"], self.line(self.RULES[1]))

    def test_nobody_but_root_asks_for_others(self):
        for user in (A, "root", "no-such-account"):
            done = self.doctor(B, "doctor", "--why", user, "ListPasskeys")
            self.assertEqual((done.returncode, done.stdout), (7, ""))
            self.assertIn("Only root may ask about the rights of somebody else", done.stderr)

    def test_root_is_told_that_there_is_no_such_account(self):
        done = self.doctor("root", "doctor", "--why", "no-such-account", "ListPasskeys")
        self.assertEqual((done.returncode, done.stdout), (5, ""))

    def test_an_error_of_the_daemon_is_one_of_the_doctor(self):
        done = self.doctor("root", "doctor", "--why", B, "NoSuchMethod")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("Argument method names no method (FACTORD-Arg1)", done.stderr)


class SelfServiceOff(WhyCase):
    CONFIG = CONFIG + "[Access]\nSelfService=no\n"

    def test_it_is_named_where_it_decides(self):
        told = self.explain(self.caller(D), "RemoveMyPasskey")
        self.assertEqual((told["allowed"], told["permission"], told["decidedBy"]), (
            False, "user.write", "SelfService=no, and no Allow= line names this caller for user.write in organization "
                                 "local"))


class WithPolkit(AskingPolkit, WhyCase):
    RULES = polkit.RULES_BY_USER

    def test_what_is_told_is_what_happens(self):
        counts = self.assert_explanations_come_true()
        self.assertGreater(min(counts.values()), 20)

    def test_all_of_an_explanation(self):
        self.assertEqual(self.explain(self.caller(C), "RemoveU2F", A), {
            "allowed": False, "method": "RemoveU2F", "userId": A, "org": "local", "authorizer": "polkit",
            "permission": "user.write", "action": "org.factord1.user.write", "answer": "no",
            "decidedBy": f"polkit, asked about org.factord1.user.write with org=local, user={A}, method=RemoveU2F: no"})

    def test_a_rule_that_looks_at_the_details_gets_those_of_the_other_method(self):
        told = self.explain(self.caller(D), "ListTOTP", "someone", org="acme")
        self.assertEqual((told["allowed"], told["answer"]), (True, "yes"))
        for other in (("ListU2F", "someone", "acme"), ("ListTOTP", "anyone", "acme"), ("ListTOTP", "someone", "local")):
            told = self.explain(self.caller(D), *other[:2], org=other[2])
            self.assertEqual((told["allowed"], told["answer"]), (False, "no"))

    def test_that_somebody_would_be_asked_for_a_password_is_told_and_nobody_is_asked(self):
        caller = self.caller(A)
        with polkit.Agent(self.bus, caller) as agent:
            told = self.explain(caller, "RegisterTOTP")
            self.assertEqual((told["allowed"], told["permission"], told["action"], told["answer"]),
                             (False, "self.write", "org.factord1.self.write", "challenge"))
            self.assertTrue(told["decidedBy"].endswith("would ask for authentication, which a dry run does not"))
            agent.will("dismiss")  # the next that it tells of is this: it was not asked before

    def test_polkit_is_not_asked_where_it_is_certain(self):
        for caller, about in ((self.root, A), (self.caller(C), C)):
            told = self.explain(caller, "ListPasskeys", about)
            self.assertTrue(told["allowed"])
            self.assertEqual(told["authorizer"], "polkit")
            self.assertNotIn("action", told)

    def test_the_doctor_tells_it_for_root_and_oneself(self):
        for caller in ("root", B):
            done = self.doctor(caller, "doctor", "--why", B, "ListPasskeys", "--about", A)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, f"{B} may call ListPasskeys about {A} in organization local\n"
                                          "Authorizer:  polkit\nPermission:  user.read\nDecided by:  polkit, asked about "
                                          f"org.factord1.user.read with org=local, user={A}, method=ListPasskeys: yes\n")

    def test_without_polkit_it_is_told_that_it_did_not_answer(self):
        self.polkit.kill()
        try:
            told = self.explain(self.caller(B), "ListPasskeys", A)
        finally:
            self.polkit.start()
        self.assertEqual((told["allowed"], told["answer"]), (False, "none"))
        self.assertTrue(told["decidedBy"].endswith("polkit did not answer"))
        self.assertTrue(self.explain(self.caller(B), "ListPasskeys", A)["allowed"])


if __name__ == "__main__":
    unittest.main()
