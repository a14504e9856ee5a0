# SPDX-License-Identifier: Apache-2.0
"""Every attack on the real daemon, by way of dbus-daemon and of dbus-broker: afterwards it is alive, has as many
descriptors and about as much memory as before, no children, and its store holds the same."""
import pathlib
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from attack import all_attacks, carry_out  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, options  # noqa: E402
from enrolment import PASSKEY, TOTP, Person  # noqa: E402
from private_bus import BrokerBus, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import RawConnection  # noqa: E402
from target import Target  # noqa: E402

SEED = 20200
USERS = ("factord-test-a", "factord-test-b")


class Attacked(BusCase):
    BUS = None

    @classmethod
    def setUpClass(cls):
        if cls.BUS is None:
            raise unittest.SkipTest("what the two classes below share")
        skip_unless_possible()
        if missing := getattr(cls.BUS, "MISSING", None):
            raise unittest.SkipTest(f"no {', '.join(missing)}")
        cls.bus = cls.enterClassContext(cls.BUS())
        # In memory: what is written is not the point here, and a disk may take a minute to write it
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="factord-", dir="/dev/shm"))
        cls.daemon = cls.enterClassContext(Factord(cls.bus, config=cls.CONFIG, state_dir=folder))
        cls._callers = {}
        cls.root = cls.caller("root")
        cls.fill_store()
        cls.target = Target(cls.bus.address, "org.factord1", "/org/factord1", cls.daemon.pid, users=USERS, seed=SEED,
                            observe=cls.everything)
        cls.addClassCleanup(cls.target.close)

    @classmethod
    def fill_store(cls):
        for user in ("victim", "other"):
            cls.root.call(ADMIN, "AddUser", "sa{sv}", user, options(org="acme"))
            for kind in (PASSKEY, TOTP):
                Person(cls.root, user, "acme").enrol(kind)
        for user in USERS:
            Person(cls.root, user).enrol(TOTP)

    @classmethod
    def everything(cls):
        """What root lists: all of the users in the store, and of the attackers what is not merely pending. That their
        own number of events rises is their right."""
        every, kept = options(org="acme", states=["any"]), options(states=["ready", "suspended", "quarantined"])
        listed = lambda user, given: cls.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", user, given)
        return (cls.root.call(ADMIN, "ListUsers", "a{sv}", options(org="acme")),
                [listed(user, every) for user in ("victim", "other")], [listed(user, kept)[0] for user in USERS])

    def attacked(self, name):
        carry_out(self.target, name)
        self.daemon.check_sanitizers()
        with RawConnection(self.bus, "factord-test-c") as somebody:  # who was not there before
            somebody.call(FACTORS, "ListTOTP", "sa{sv}", "", {})


def test_of(name):
    return lambda self: self.attacked(name)


for name_ in all_attacks():
    setattr(Attacked, f"test_{name_}", test_of(name_))


class OnDbusDaemon(Attacked):
    BUS = PrivateBus


class OnDbusBroker(Attacked):
    BUS = BrokerBus


if __name__ == "__main__":
    skip_unless_possible()
    del Attacked
    unittest.main()
