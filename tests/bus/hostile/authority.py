# SPDX-License-Identifier: Apache-2.0
"""An authority that takes its time, says nonsense, or never answers, and callers who do not wait for it: nobody gets in by
that, nothing is done for who has left, and nothing stays behind."""
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from callers import FACTORS, BusError, filled_pipe  # noqa: E402
from health import descriptors  # noqa: E402
from private_bus import DEADLINE, SOURCE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import (BUS, CALL, DESTINATION, ERROR, ERROR_NAME, MEMBER, REPLY_SERIAL, RETURN, SENDER,  # noqa: E402
                     SIGNATURE, RawConnection, body_of, message)

NAME = "org.freedesktop.PolicyKit1"
POLICY = f"""<policy user="root"><allow own="{NAME}"/></policy>
<policy context="default"><allow send_destination="{NAME}"/></policy>"""
CONFIG = "[Access]\nAuthorizer=polkit\n[RelyingParty]\nDomain=example.org\n"
USER = "factord-test-a"
YES, NO = (True, False, {}), (False, False, {})
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"


class Authority(RawConnection):
    """Owns polkit's name, and answers when the test says so."""

    def __init__(self, bus):
        super().__init__(bus)
        self.call(BUS[0], "RequestName", "su", NAME, 4, to=BUS)

    def question(self):
        while True:
            received = self.receive(DEADLINE)
            if received.kind == CALL and received.fields[MEMBER] == "CheckAuthorization":
                return received

    def answer(self, question, signature="(bba{ss})", value=YES, **more):
        to = {DESTINATION: question.fields[SENDER], REPLY_SERIAL: question.serial, SIGNATURE: signature, **more}
        self.send(message(RETURN, self.next_serial(), to, body_of(signature, value)))

    def fail(self, question, name):
        self.send(message(ERROR, self.next_serial(), {DESTINATION: question.fields[SENDER], ERROR_NAME: name,
                                                      REPLY_SERIAL: question.serial}))


class DelayedAuthority(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        cls.bus = cls.enterClassContext(PrivateBus(more_policy=POLICY))
        cls.daemon = cls.enterClassContext(Factord(cls.bus, config=CONFIG))
        cls.root = cls.enterClassContext(RawConnection(cls.bus))

    def setUp(self):
        self.authority = self.enterContext(Authority(self.bus))
        self.version()
        self.before = descriptors(self.daemon.pid), self.everything()

    def tearDown(self):
        for _ in range(1000):
            if descriptors(self.daemon.pid) <= self.before[0]:
                break
            self.version()
        self.assertEqual((descriptors(self.daemon.pid), self.everything()), self.before)
        self.daemon.check_sanitizers()

    def version(self):
        return self.root.call("org.freedesktop.DBus.Properties", "Get", "ss", "org.factord1.Admin", "Version")

    def everything(self):
        return self.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", USER, {"states": ("as", ["any"])})

    def caller(self):
        return self.enterContext(RawConnection(self.bus, USER))

    def asked(self, caller, member="RegisterTOTP", signature="sa{sv}", arguments=("", {}), fds=()):
        """A call of the user's about which the authority has been asked: (serial, question)."""
        serial = caller.start(FACTORS, member, signature, *arguments, fds=fds)
        return serial, self.authority.question()

    def denied(self, caller, serial):
        with self.assertRaises(BusError) as caught:
            caller.answer_to(serial)
        self.assertEqual((caught.exception.code, caught.exception.id), ("PermissionDenied", "AUTH-AWfge"))

    def test_the_subject_is_the_name_on_the_bus_and_no_process(self):
        caller = self.caller()
        serial, question = self.asked(caller)
        (kind, details), action, *_ = question.body
        self.assertEqual((kind, details), ("system-bus-name", {"name": caller.name}))
        self.assertEqual(action, "org.factord1.self.write")
        self.authority.answer(question, value=NO)
        self.denied(caller, serial)

    def test_no_action_is_open_to_whoever_sits_at_the_machine(self):
        policy = xml.etree.ElementTree.parse(SOURCE / "units" / "org.factord1.policy")
        defaults = [(action.get("id"), each.tag, each.text) for action in policy.iter("action")
                    for each in action.find("defaults")]
        self.assertGreater(len(defaults), 10)
        for action, who, answer in defaults:
            self.assertIn(answer, ("no", "auth_self", "auth_admin"), f"{action}, {who}")

    def test_a_yes_for_a_caller_who_has_left_does_nothing(self):
        for member, signature, arguments, fds in (
                ("RegisterTOTP", "sa{sv}", ("", {}), 0), ("RegisterPasskey", "sa{sv}", ("", {}), 0),
                ("ImportTOTP", "sha{sv}", ("", 0, {}), 1)):
            caller = self.caller()
            _, question = self.asked(caller, member, signature, arguments, [filled_pipe(URI)] * fds)
            caller.close()
            while self.root.call(BUS[0], "NameHasOwner", "s", caller.name, to=BUS)[0]:
                pass
            self.authority.answer(question)
            self.authority.call("org.freedesktop.DBus.Peer", "Ping")

    def test_a_hundred_callers_who_leave_while_the_authority_says_nothing(self):
        for _ in range(100):
            with RawConnection(self.bus, USER) as caller:
                caller.start(FACTORS, "RegisterTOTP", "sa{sv}", "", {})
                caller.call(BUS[0], "GetId", to=BUS)
        self.version()

    def test_an_authority_that_leaves_while_it_is_asked_has_not_said_yes(self):
        caller = self.caller()
        serial, _ = self.asked(caller)
        self.authority.close()
        self.denied(caller, serial)

    def test_no_authority_is_a_no(self):
        self.authority.close()
        caller = self.caller()
        self.denied(caller, caller.start(FACTORS, "RegisterTOTP", "sa{sv}", "", {}))

    def test_an_answer_of_another_shape_is_a_no(self):
        for signature, value in (("b", True), ("(bb)", (True, True)), ("s", "yes"), ("(uua{ss})", (1, 1, {})),
                                 ("v", ("b", True)), ("(bba{sv})", (True, False, {})), ("a(bba{ss})", [YES]),
                                 ("ab", [True]), ("ay", bytes(1 << 20))):
            caller = self.caller()
            serial, question = self.asked(caller)
            self.authority.answer(question, signature, value)
            self.denied(caller, serial)

    def test_an_error_is_a_no_and_its_name_stays_here(self):
        for name in ("org.freedesktop.PolicyKit1.Error.Failed", "org.freedesktop.DBus.Error.NoReply", "x.y"):
            caller = self.caller()
            serial, question = self.asked(caller)
            self.authority.fail(question, name)
            self.denied(caller, serial)

    def test_a_yes_from_somebody_else_is_not_the_authoritys(self):
        caller = self.caller()
        serial, question = self.asked(caller)
        with RawConnection(self.bus, "factord-test-b") as stranger:
            for claimed in ({}, {SENDER: NAME}, {SENDER: self.authority.name}):
                to = {DESTINATION: question.fields[SENDER], REPLY_SERIAL: question.serial, SIGNATURE: "(bba{ss})"}
                stranger.send(message(RETURN, stranger.next_serial(), {**to, **claimed}, body_of("(bba{ss})", YES)))
            stranger.call("org.freedesktop.DBus.Peer", "Ping")
        self.authority.answer(question, value=NO)
        self.denied(caller, serial)

    def test_a_second_answer_to_one_question_counts_for_nothing(self):
        caller = self.caller()
        serial, question = self.asked(caller)
        self.authority.answer(question, value=NO)
        self.authority.answer(question)
        self.denied(caller, serial)
        self.version()


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
