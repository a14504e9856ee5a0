# SPDX-License-Identifier: Apache-2.0
"""Callers who do not read their answers: everybody else is served as before, and so are they when they have read."""
import contextlib
import os
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support"),
                str(pathlib.Path(__file__).resolve().parent / "hostile")]
import unread  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError  # noqa: E402
from enrolment import TOTP, Person  # noqa: E402
from health import Watch  # noqa: E402
from private_bus import BrokerBus, skip_unless_possible  # noqa: E402
from raw_bus import ERROR, ERROR_NAME, FACTORD, REPLY_SERIAL, RETURN, RawConnection  # noqa: E402
from target import Target  # noqa: E402

A, B = "factord-test-a", "factord-test-b"
NOTICE = "A caller does not read its answers"


class OnDbusDaemon(BusCase):
    """Which reads no more from factord when too much of it is unread, so factord sees to it that it is not."""

    def setUp(self):
        self.watch = Watch(self.daemon, self.root)
        self.victim = self.caller(B)
        self.target = Target(self.bus.address, *FACTORD, self.daemon.pid)
        self.addCleanup(self.target.close)

    def connection(self):
        return self.enterContext(RawConnection(self.bus, A))

    def answers(self, connection, serials):
        """To these calls, as far as they come before the answer to one more that the bus itself gives."""
        last = connection.start("org.freedesktop.DBus", "GetId", to=("org.freedesktop.DBus", "/org/freedesktop/DBus"))
        found, fds = {}, 0
        while (received := connection.receive()).fields.get(REPLY_SERIAL) != last:
            for fd in received.fds:
                os.close(fd)
            fds += len(received.fds)
            if received.kind in (RETURN, ERROR) and received.fields[REPLY_SERIAL] in serials:
                found[received.fields[REPLY_SERIAL]] = received.fields.get(ERROR_NAME, "")
        return found, fds

    def test_long_answers(self):
        attackers = [self.connection() for _ in range(unread.CONNECTIONS)]
        for _ in range(unread.ROUNDS):
            for attacker in attackers:
                unread.sent(attacker, unread.introspections(self.target, attacker, unread.AT_A_TIME))
            self.assertEqual(self.victim.call(FACTORS, "ListTOTP", "sa{sv}", "", {})[0], [])
        self.watch.check(self)
        if type(self) is OnDbusDaemon:  # dbus-broker lets the reader pay; a slow daemon may count before it hears of it
            self.assertIn(NOTICE, self.daemon.stderr)
        self.connection().call(FACTORS, "ListTOTP", "sa{sv}", "", {})

    def test_who_reads_at_last_is_served_again(self):
        """Five connections leave 5 MiB each; a while later they have read it."""
        callers = [self.connection() for _ in range(5)]
        described = len(self.root.call("org.freedesktop.DBus.Introspectable", "Introspect")[0])
        for _ in range(10):  # by length, since a description grows with each method
            for caller in callers:
                unread.sent(caller, unread.introspections(self.target, caller, (512 << 10) // described))
            self.target.ping()
        for caller in callers:
            self.answers(caller, ())  # by now all its calls are with factord
            self.target.ping()
            self.answers(caller, ())
            for _ in range(300):
                caller.call(FACTORS, "ListTOTP", "sa{sv}", "", {})

    def test_descriptors(self):
        attacker = self.connection()
        unread.sent(attacker, unread.introspections(self.target, attacker, unread.SOCKET_FULL))
        serials = set()
        for _ in range(2):
            serials |= {attacker.start(FACTORS, "RegisterTOTP", "sa{sv}", "", {}) for _ in range(60)}
            self.victim.call(FACTORS, "ListTOTP", "sa{sv}", "", {})
            Person(self.victim).register(TOTP)
        answers, fds = self.answers(attacker, serials)
        if type(self) is OnDbusDaemon:
            self.assertIn("org.factord1.Error.ResourceExhausted", answers.values())
            self.assertLessEqual(fds, 64)
        with contextlib.suppress(BusError):  # makes factord ask how many are unread
            attacker.call(FACTORS, "RegisterTOTP", "sa{sv}", "", {})
        self.root.call("org.freedesktop.DBus.Peer", "Ping")
        for _ in range(40):  # who reads may have any number
            *_, uri, _ = attacker.call(FACTORS, "RegisterTOTP", "sa{sv}", "", {})
            os.close(uri)


class OnDbusBroker(OnDbusDaemon):
    """Which makes the reader pay."""

    BUS = BrokerBus


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
