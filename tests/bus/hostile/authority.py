# SPDX-License-Identifier: Apache-2.0
"""An authority that takes its time or never answers, strangers who answer for it, and callers who do not wait: nobody gets
in by that, nothing is done for who has left, and nothing stays behind. What polkit may say otherwise: tests/bus/polkit.py."""
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from callers import FACTORS, BusError, filled_pipe  # noqa: E402
from health import descriptors  # noqa: E402
from private_bus import DEADLINE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import (BUS, CALL, DESTINATION, MEMBER, REPLY_SERIAL, RETURN, SENDER, SIGNATURE,  # noqa: E402
                     RawConnection, body_of, message)

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

    def question(self, about):
        """The next one about that connection."""
        while True:
            received = self.receive(DEADLINE)
            if received.kind == CALL and received.fields[MEMBER] == "CheckAuthorization":
                (_, subject), *_ = received.body
                if subject["name"] == about:
                    return received

    def answer(self, question, signature="(bba{ss})", value=YES, **more):
        to = {DESTINATION: question.fields[SENDER], REPLY_SERIAL: question.serial, SIGNATURE: signature, **more}
        self.send(message(RETURN, self.next_serial(), to, body_of(signature, value)))


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
        return serial, self.authority.question(caller.name)

    def denied(self, caller, serial):
        with self.assertRaises(BusError) as caught:
            caller.answer_to(serial)
        self.assertEqual((caught.exception.code, caught.exception.id), ("PermissionDenied", "AUTH-AWfge"))

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
            with RawConnection(self.bus, "factord-test-b") as caller:
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



if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
