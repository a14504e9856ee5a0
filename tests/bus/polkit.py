# SPDX-License-Identifier: Apache-2.0
"""polkit decides: the real polkitd with rules and an agent whose answers are scripted, and everything that can go wrong
between the question and the answer."""
import contextlib
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import health  # noqa: E402
import polkit  # noqa: E402
from access import Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from bus_monitor import Monitor  # noqa: E402
from callers import ADMIN, FACTORS, BusError, Caller, options  # noqa: E402
from enrolment import CONFIG, U2F, Person  # noqa: E402
from polkit import Agent, Polkit  # noqa: E402
from polkit_case import WITH_POLKIT, AskingPolkit  # noqa: E402
from private_bus import FACTORD, Factord, PrivateBus  # noqa: E402
from raw_bus import (BUS, CALL, DESTINATION, ERROR, ERROR_NAME, MEMBER, REPLY_SERIAL, RETURN, SENDER,  # noqa: E402
                     SIGNATURE, RawConnection, body_of, message)

A, B, C, D = "factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d"
NAME_FOR_D = f'<policy user="{D}"><allow own="org.factord1"/></policy>'
AUTHORITY = "interface='org.freedesktop.PolicyKit1.Authority'"


class PolkitCase(AskingPolkit, BusCase):
    RULES = polkit.RULES_BY_USER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=WITH_POLKIT))

    def reads(self, caller, user_id=C, **more):
        """Whether that caller may list the factors of that user."""
        try:
            caller.call(FACTORS, "ListTOTP", "sa{sv}", user_id, {}, **more)
            return True
        except BusError as error:
            self.assertEqual(error.id, "AUTH-AWfge", error)
            return False


class Answers(PolkitCase):
    def test_yes_is_yes_and_no_is_no(self):
        self.assertTrue(self.reads(self.caller(B)))
        self.assertFalse(self.reads(self.caller(C), A))

    def test_nobody_is_asked_for_a_password_unless_the_message_allows_it(self):
        with Agent(self.bus, self.caller(A)) as agent:
            self.assertFalse(self.reads(self.caller(A)))
            self.assertTrue(self.reads(self.caller(A), interactive=True))
            self.assertEqual(agent.next("begin")["action"], "org.factord1.user.read")

    def test_without_an_agent_a_challenge_is_a_no(self):
        self.assertFalse(self.reads(self.caller(A), interactive=True))

    def test_a_dialog_that_is_dismissed_is_a_no(self):
        with Agent(self.bus, self.caller(A), "dismiss") as agent:
            self.assertFalse(self.reads(self.caller(A), interactive=True))
            agent.next("begin")
            agent.will("accept")
            self.assertTrue(self.reads(self.caller(A), interactive=True))

    def test_nothing_is_remembered_of_a_password_given_before(self):
        with Agent(self.bus, self.caller(A)) as agent:
            for _ in range(3):
                self.assertTrue(self.reads(self.caller(A), interactive=True))
                agent.next("begin")
            self.assertFalse(self.reads(self.caller(A)))

    def test_one_s_own_factors_take_one_s_own_password(self):
        with Agent(self.bus, self.caller(B)) as agent:
            with self.refused("AUTH-AWfge"):
                self.caller(B).call(FACTORS, "RegisterU2F", "sa{sv}", "", {})
            for user_id in ("", B):
                self.caller(B).call(FACTORS, "RegisterU2F", "sa{sv}", user_id, {}, interactive=True)
                asked = agent.next("begin")
                self.assertEqual(asked["action"], "org.factord1.self.write")
                self.assertEqual(asked["identities"], [polkit.uid_of(B)])

    def test_the_dialog_says_in_ones_own_language_what_it_is_about(self):
        about = options(org="acme")
        self.root.call(ADMIN, "AddUser", "sa{sv}", "zoë", about)
        for locale, words in (("C", ("enrol", "“zoë”", "“acme”", "RegisterU2F")),
                              ("de_DE.UTF-8", ("Einrichten", "„zoë“", "„acme“", "RegisterU2F")),
                              ("fr_FR.UTF-8", ("enregistrer", "« zoë »", "« acme »", "RegisterU2F"))):
            with self.subTest(locale), Caller(self.bus, A) as caller, Agent(self.bus, caller, locale=locale) as agent:
                caller.call(FACTORS, "RegisterU2F", "sa{sv}", "zoë", about, interactive=True)
                message = agent.next("begin")["message"]
                for word in words:
                    self.assertIn(word, message)

    def test_polkit_reads_every_action_with_its_defaults_and_its_owner(self):
        shown = self.bus.run_as("root", ["pkaction", "--verbose"]).stdout
        found = dict(re.findall(r"^org\.factord1\.([\w.]+):\n(.*?)(?=^\S|\Z)", shown, re.DOTALL | re.MULTILINE))
        self.assertEqual({name: re.search(r"implicit any: +(\w+)", text)[1] for name, text in found.items()},
                         polkit.shipped_defaults())
        for name, text in found.items():
            self.assertIn(f"org.freedesktop.policykit.owner -> {polkit.OWNER}", text, name)
            self.assertRegex(text, r"message: +Authentication is required", name)

    def test_rules_may_look_at_organization_user_and_method(self):
        caller = self.caller(D)
        about = options(org="acme")
        self.root.call(ADMIN, "AddUser", "sa{sv}", "someone", about)
        self.root.call(ADMIN, "AddUser", "sa{sv}", "another", about)
        caller.call(FACTORS, "ListTOTP", "sa{sv}", "someone", about)
        for method, user_id, given in (("ListTOTP", "someone", {}), ("ListTOTP", "another", about),
                                       ("ListU2F", "someone", about), ("RegisterU2F", "someone", about),
                                       ("ListTOTP", "someone", options(org="globex"))):
            with self.refused("AUTH-AWfge"):
                caller.call(FACTORS, method, "sa{sv}", user_id, given)


class Questions(PolkitCase):
    """What goes over the wire."""

    def questions(self, monitor):
        return [received.body for received in monitor.seen() if received.fields[MEMBER] == "CheckAuthorization"]

    def test_a_question_names_the_connection_and_never_a_process(self):
        with Monitor(self.bus, AUTHORITY) as monitor:
            self.assertTrue(self.reads(self.caller(B)))
            self.assertFalse(self.reads(self.caller(C), B, interactive=True))
            first, second = self.questions(monitor)
            self.assertEqual(first[:4], (("system-bus-name", {"name": self.caller(B).name}), "org.factord1.user.read",
                                         {"org": "local", "user": C, "method": "ListTOTP"}, 0))
            self.assertEqual(second[:4], (("system-bus-name", {"name": self.caller(C).name}), "org.factord1.user.read",
                                          {"org": "local", "user": B, "method": "ListTOTP"}, 1))
            self.assertNotEqual(first[4], second[4])

    def test_root_and_reading_ones_own_are_not_asked_about(self):
        with Monitor(self.bus, AUTHORITY) as monitor:
            self.assertTrue(self.reads(self.root))
            self.root.call(ADMIN, "AddUser", "sa{sv}", "by-root", options(org="acme"))
            for user_id in ("", C):
                self.assertTrue(self.reads(self.caller(C), user_id))
            self.caller(C).call(ADMIN, "GetUser", "sa{sv}", C, {})
            self.assertEqual(self.questions(monitor), [])

    def test_everything_else_is_asked_once_whatever_it_is(self):
        caller = self.caller(C)
        calls = [(FACTORS, "ListTOTP", "sa{sv}", A, {}), (FACTORS, "ListTOTP", "sa{sv}", "no-such-user", {}),
                 (FACTORS, "RegisterU2F", "sa{sv}", "", {}), (FACTORS, "RemoveMyPasskey", "sa{sv}", "none", {}),
                 (FACTORS, "RemoveTOTP", "ssa{sv}", A, "none", {}), (ADMIN, "ListUsers", "a{sv}", {}),
                 (FACTORS, "ListTOTP", "sa{sv}", "a:b", options(nonsense="x")), (ADMIN, "AddUser", "sa{sv}", "", {})]
        asked = []
        with Monitor(self.bus, AUTHORITY) as monitor:
            for call in calls:
                with self.subTest(call), self.refused("AUTH-AWfge"):
                    caller.call(*call)
                asked.append([(body[1].removeprefix("org.factord1."), body[2]["user"]) for body in
                              self.questions(monitor)])
        self.assertEqual(asked, [[("user.read", A)], [("user.read", "no-such-user")], [("self.write", C)],
                                 [("self.write", C)], [("user.write", A)], [("user.read", "")], [("user.read", "")],
                                 [("user.write", "")]])

    def test_the_unit_s_user_who_is_not_root_may_ask(self):
        """The owner annotation of our actions allows it; without it polkitd refuses details and other subjects."""
        for owner, may in ((f"unix-user:{D}", True), ("unix-user:nobody", False)):
            with self.subTest(owner), PrivateBus(polkit.BUS_POLICY + NAME_FOR_D) as bus, \
                    Polkit(bus, polkit.RULES_BY_USER, owner), \
                    UnprivilegedFactord(bus, D) as daemon, Caller(bus, B) as caller:
                self.assertIn(f"\nUid:\t{polkit.uid_of(D)}\t", pathlib.Path(f"/proc/{daemon.pid}/status").read_text())
                self.assertEqual(self.reads(caller), may)


class UnprivilegedFactord(Factord):
    """The daemon under the uid of a user, as the unit runs it."""

    def __init__(self, bus, user):
        super().__init__(bus, config=WITH_POLKIT, program=bus.folder / "unprivileged")
        self.program.write_text(f"#!/bin/sh\nexec setpriv --reuid={user} --regid={polkit.gid_of(user)} --clear-groups "
                                f"{bus.publish(FACTORD)} \"$@\"\n")
        self.program.chmod(0o755)
        for path in (self.folder, self.state_dir):
            os.chown(path, polkit.uid_of(user), polkit.gid_of(user))

    @contextlib.contextmanager
    def _notify_socket(self):
        with super()._notify_socket() as ready:
            os.chmod(ready.getsockname(), 0o666)
            yield ready


class Interruptions(PolkitCase):
    """Between the question and its answer."""

    def setUp(self):
        self.addCleanup(self.assert_all_is_well)

    def assert_all_is_well(self):
        self.assertTrue(self.reads(self.caller(B)))
        self.assertFalse(self.reads(self.caller(C), A))

    def hanging(self):
        """A caller whose dialog is open, its agent, and its call."""
        caller = self.enterContext(Caller(self.bus, A))
        agent = self.enterContext(Agent(self.bus, caller, "hang"))
        call = caller.start(FACTORS, "ListTOTP", "sa{sv}", C, {}, interactive=True)
        return caller, agent, call, agent.next("begin")["cookie"]

    def test_the_dialog_of_a_caller_that_leaves_is_closed(self):
        caller, agent, _, cookie = self.hanging()
        caller.close()
        self.assertEqual(agent.next("cancel")["cookie"], cookie)

    def test_an_open_dialog_keeps_nobody_else_waiting(self):
        caller, agent, call, _ = self.hanging()
        self.assertTrue(self.reads(self.caller(B)))
        self.assertFalse(self.reads(self.caller(A)))
        self.assertTrue(self.reads(caller, A))
        caller.close()
        agent.next("cancel")

    def test_one_user_s_open_dialogs_do_not_use_up_the_places_of_others(self):
        watch = health.Watch(self.daemon, self.root)
        caller = self.enterContext(Caller(self.bus, A))
        agent = self.enterContext(Agent(self.bus, caller, "hang"))
        for _ in range(60):
            caller.start(FACTORS, "ListTOTP", "sa{sv}", C, {}, interactive=True)
        begun = {agent.next("begin")["cookie"] for _ in range(8)}
        self.assertTrue(self.reads(self.caller(B)))
        caller.close()
        self.assertEqual({agent.next("cancel")["cookie"] for _ in range(8)}, begun)
        self.assertTrue(self.reads(self.caller(B)))
        watch.check(self)

    def test_a_dialog_dies_with_the_daemon_and_the_caller_is_told(self):
        caller, agent, call, cookie = self.hanging()
        self.daemon.restart()
        with self.assertRaises(BusError) as caught:
            caller.finish(call)
        self.assertEqual(caught.exception.name, "org.factord1.Error.Unavailable")
        self.assertEqual(agent.next("cancel")["cookie"], cookie)

    def test_a_daemon_that_is_killed_leaves_no_dialog_behind(self):
        _, agent, _, cookie = self.hanging()
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(agent.next("cancel")["cookie"], cookie)

    def test_rules_that_have_gone_decide_nothing_any_more(self):
        for config in (CONFIG, WITH_POLKIT.replace("=polkit\n", "=polkit\nSelfService=no\n")):
            caller, agent, call, cookie = self.hanging()
            self.daemon.reconfigure(config)
            with self.refused("AUTH-AWfge"):
                caller.finish(call)
            self.assertEqual(agent.next("cancel")["cookie"], cookie)
            self.daemon.reconfigure(WITH_POLKIT)

    def test_a_reload_that_changes_no_rule_leaves_questions_open(self):
        caller, agent, call, _ = self.hanging()
        self.daemon.reconfigure(WITH_POLKIT + "[Totp]\nSkew=2\n")
        self.assertTrue(self.reads(self.caller(B)))
        agent.close()  # a dialog that goes away has not been answered with a password
        with self.refused("AUTH-AWfge"):
            caller.finish(call)
        self.daemon.reconfigure(WITH_POLKIT)

    def test_a_polkitd_that_is_stopped_is_a_no_after_a_while(self):
        self.polkit.stop()
        self.addCleanup(self.polkit.resume)
        calls = [self.caller(B).start(FACTORS, "ListTOTP", "sa{sv}", C, {}) for _ in range(20)]
        self.assertTrue(self.reads(self.caller(B), B))
        self.assertTrue(self.reads(self.root))
        for call in calls:
            with self.refused("AUTH-AWfge"):
                self.caller(B).finish(call)

    def test_a_caller_that_leaves_while_polkitd_is_stopped_is_forgotten(self):
        watch = health.Watch(self.daemon, self.root)
        with Monitor(self.bus, AUTHORITY) as monitor:
            self.polkit.stop()
            self.addCleanup(self.polkit.resume)
            with Caller(self.bus, B) as caller:
                for _ in range(20):
                    caller.start(FACTORS, "ListTOTP", "sa{sv}", C, {})
                self.assertTrue(self.reads(caller, B))
            self.assertTrue(self.reads(self.caller(B), B))
            self.polkit.resume()
            self.assertTrue(self.reads(self.caller(B)))
            calls = [received.fields[MEMBER] for received in monitor.seen()]
            self.assertGreaterEqual(calls.count("CancelCheckAuthorization"), 8)
        watch.check(self)

    def test_a_polkitd_that_dies_while_it_is_asked_is_a_no_and_its_successor_is_asked_anew(self):
        caller, _, call, _ = self.hanging()
        self.polkit.kill()
        with self.refused("AUTH-AWfge"):
            caller.finish(call)
        self.assertFalse(self.reads(self.caller(B)))
        self.assertTrue(self.reads(self.caller(B), B))
        self.assertTrue(self.reads(self.root))
        self.polkit.start()
        self.assertTrue(self.reads(self.caller(B)))

    def test_callers_that_come_ask_and_go_leave_nothing(self):
        for _ in range(3):
            with Caller(self.bus, B) as caller:
                self.reads(caller)
        watch = health.Watch(self.daemon, self.root)
        for _ in range(40):
            with RawConnection(self.bus, B) as connection:
                for _ in range(10):
                    connection.start(FACTORS, "ListTOTP", "sa{sv}", C, {})
        self.assertTrue(self.reads(self.caller(B)))
        watch.check(self)


class EndlessRules(PolkitCase):
    RULES = polkit.RULES_BY_USER.replace(
        "if (", 'if (action.id == "org.factord1.user.read" && action.lookup("user") == "daemon") while (true) {}\n  if (', 1)

    def test_an_endless_rule_costs_only_its_own_caller_the_answer(self):
        # polkitd lets go of such a rule after 15 s, in which it answers nobody
        caller = self.caller(B)
        calls = [caller.start(FACTORS, "ListTOTP", "sa{sv}", user, {}) for user in ("daemon", C)]
        with self.refused("AUTH-AWfge"):
            caller.finish(calls[0])
        caller.finish(calls[1])
        self.assertEqual(self.polkit.given_up(), 1)


class FakeAuthority(BusCase):
    """Answers that the real polkitd does not give. The test itself is the authority, and answers by hand."""

    CONFIG = WITH_POLKIT
    BUS_POLICY = """
      <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
      <policy context="default"><allow send_destination="org.freedesktop.PolicyKit1"/></policy>
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = cls.enterClassContext(RawConnection(cls.bus))
        cls.authority.call("org.freedesktop.DBus", "RequestName", "su", "org.freedesktop.PolicyKit1", 4, to=BUS)

    def asked(self, member="CheckAuthorization"):
        while True:
            received = self.authority.receive()
            if received.kind == CALL and received.fields[MEMBER] == member:
                return received

    def answer(self, question, signature, *body, kind=RETURN, error=None):
        fields = {DESTINATION: question.fields[SENDER], REPLY_SERIAL: question.serial}
        if signature:
            fields[SIGNATURE] = signature
        if error:
            fields[ERROR_NAME] = error
        self.authority.send(message(kind, self.authority.next_serial(), fields, body_of(signature, *body)))

    def ask(self, caller):
        return caller.start(FACTORS, "ListTOTP", "sa{sv}", C, {})

    def test_only_the_documented_yes_is_one(self):
        caller = self.caller(B)
        call = self.ask(caller)
        self.answer(self.asked(), "(bba{ss})", (True, False, {}))
        caller.finish(call)
        for signature, *body in (
                ("(bba{ss})", (False, True, {})), ("(bba{ss})", (False, False, {"polkit.retains": "yes"})), ("",),
                ("b", True), ("bb", True, True), ("s", "yes"), ("(b)", (True,)), ("(bb)", (True, True)),
                ("(bba{sv})", (True, False, {})), ("(uba{ss})", (1, False, {})), ("bba{ss}", True, False, {}),
                ("(bba{ss})s", (True, False, {}), "more"), ("a{ss}", {"is_authorized": "true"}), ("v", ("b", True))):
            with self.subTest(signature=signature, body=body):
                call = self.ask(caller)
                self.answer(self.asked(), signature, *body)
                with self.refused("AUTH-AWfge"):
                    caller.finish(call)

    def test_an_error_is_a_no_whatever_is_in_it(self):
        caller = self.caller(B)
        for name, *body in (("org.freedesktop.PolicyKit1.Error.Failed", "s", "no"),
                            ("org.freedesktop.PolicyKit1.Error.NotAuthorized",),
                            ("org.example.Error", "(bba{ss})", (True, True, {}))):
            with self.subTest(name):
                call = self.ask(caller)
                self.answer(self.asked(), *(body or ("",)), kind=ERROR, error=name)
                with self.refused("AUTH-AWfge") as caught:
                    caller.finish(call)
                self.assertNotIn("olkit", caught.exception.message)

    def test_a_second_answer_is_not_looked_at(self):
        caller = self.caller(B)
        for first, second in ((True, False), (False, True)):
            call = self.ask(caller)
            question = self.asked()
            self.answer(question, "(bba{ss})", (first, False, {}))
            self.answer(question, "(bba{ss})", (second, False, {}))
            if first:
                caller.finish(call)
            else:
                with self.refused("AUTH-AWfge"):
                    caller.finish(call)

    def test_a_yes_that_comes_too_late_changes_nothing(self):
        caller = self.caller(A)
        call = caller.start(FACTORS, "RegisterU2F", "sa{sv}", B, {})
        question = self.asked()
        with self.refused("AUTH-AWfge"):
            caller.finish(call)
        self.assertEqual(self.asked("CancelCheckAuthorization").body, (question.body[4],))
        self.answer(question, "(bba{ss})", (True, False, {}))
        self.assertEqual(Person(self.root, B).list(U2F, state="any")[0], [])

    def test_a_caller_that_leaves_while_its_question_waits_in_line_is_not_asked_about(self):
        caller, places = self.caller(A), 8
        calls = [self.ask(caller) for _ in range(places)]
        questions = [self.asked() for _ in calls]
        with RawConnection(self.bus, A) as leaving:
            leaving.start(FACTORS, "ListTOTP", "sa{sv}", B, {})
            leaving.call("org.freedesktop.DBus.Peer", "Ping", to=("org.factord1", "/org/factord1"))
        while self.authority.call(BUS[0], "NameHasOwner", "s", leaving.name, to=BUS)[0]:
            pass
        calls.append(self.ask(caller))
        for question in questions:
            self.answer(question, "(bba{ss})", (True, False, {}))
        question = self.asked()
        self.assertEqual(question.body[0][1]["name"], caller.name)
        self.answer(question, "(bba{ss})", (True, False, {}))
        for call in calls:
            caller.finish(call)

    def test_a_yes_for_a_caller_that_has_left_changes_nothing(self):
        with Caller(self.bus, A) as caller:
            caller.start(FACTORS, "RegisterU2F", "sa{sv}", B, {}, interactive=True)
            question = self.asked()
        self.assertEqual(self.asked("CancelCheckAuthorization").body, (question.body[4],))
        self.answer(question, "(bba{ss})", (True, False, {}))
        self.assertEqual(Person(self.root, B).list(U2F, state="any")[0], [])

    def test_each_answer_counts_for_its_own_question(self):
        with Caller(self.bus, A) as one, Caller(self.bus, B) as other:
            calls = {}
            for caller in (one, other):
                calls[caller.name] = caller, self.ask(caller), self.asked()
            for name, yes in ((other.name, False), (one.name, True)):
                self.answer(calls[name][2], "(bba{ss})", (yes, False, {}))
            one.finish(calls[one.name][1])
            with self.refused("AUTH-AWfge"):
                other.finish(calls[other.name][1])


if __name__ == "__main__":
    polkit.skip_unless_possible()
    unittest.main()
