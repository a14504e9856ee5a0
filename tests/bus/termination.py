# SPDX-License-Identifier: Apache-2.0
"""The end of the daemon at the worst moment: whatever it had answered is in the store afterwards, with sequences that
have no gap, and nothing is there by half."""
import contextlib
import os
import pathlib
import random
import signal
import sqlite3
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from callers import ADMIN, FACTORS, BusError, Caller, options, sealed_memfd  # noqa: E402
from health import SANITIZED, Watch, property_of  # noqa: E402
from private_bus import DEADLINE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import Closed, RawConnection  # noqa: E402

URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
ORG = {"org": ("s", "acme")}
ANY = {**ORG, "states": ("as", ["any"])}
SHARED = "everybody"
WRITERS = 64
KILLS = 20
CONFIG = "[RelyingParty]\nDomain=example.org\n"


class Writer(threading.Thread):
    """One connection that writes until the daemon is gone, and remembers what was answered: for its own user, and for
    one that all share. A call that was not answered may or may not have happened."""

    def __init__(self, bus, user, shared_factor, progress):
        super().__init__(name=user)
        self.user, self.shared_factor, self.progress = user, shared_factor, progress
        self.connection = RawConnection(bus)
        self.factors = {}  # id to name, as answered
        self.sequence = 0
        self.shared = {}  # sequence to name
        self.asked = None  # what is under way
        self.strange = None

    def run(self):
        try:
            self._call(ADMIN, "AddUser", "sa{sv}", self.user, ORG)
            for number in range(1_000_000):
                self._round(number)
        except (Closed, BusError) as error:
            gone = isinstance(error, Closed) or error.name.startswith("org.freedesktop.DBus.Error.")
            self.strange = None if gone else error
        except Exception as error:  # told by the test
            self.strange = error
        finally:
            self.connection.close()
            self.progress.release()

    def _round(self, number):
        name = f"{self.user}-{number}"
        fd = sealed_memfd(URI)
        try:
            factor_id, details = self._call(FACTORS, "ImportTOTP", "sha{sv}", self.user, 0,
                                            {**ORG, "name": ("s", name)}, fds=[fd])
        finally:
            os.close(fd)
        self._own(details, by=2)
        self.factors[factor_id] = name
        self._own(*self._call(FACTORS, "RenameFactor", "sssa{sv}", self.user, factor_id, name + "b", ORG))
        self.factors[factor_id] = name + "b"
        self.shared[self._call(FACTORS, "RenameFactor", "sssa{sv}", SHARED, self.shared_factor, name,
                               ORG)[0]["sequence"]] = name
        if len(self.factors) > 3:
            oldest = next(iter(self.factors))
            self._own(*self._call(FACTORS, "RemoveTOTP", "ssa{sv}", self.user, oldest, ORG))
            del self.factors[oldest]
        self.progress.release()

    def _call(self, interface, method, signature, *arguments, fds=()):
        self.asked = (method, arguments)
        answer = self.connection.call(interface, method, signature, *arguments, fds=fds)
        self.asked = None
        return answer

    def _own(self, details, by=1):
        if details["sequence"] != (self.sequence or 1) + by:
            raise AssertionError(f"{self.user}: {details['sequence']} after {self.sequence}")
        self.sequence = details["sequence"]


class TerminationCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_unless_possible()

    def setUp(self):
        self.bus = self.enterContext(PrivateBus())
        self.daemon = self.enterContext(Factord(self.bus, config=CONFIG))
        self.root = self.enterContext(Caller(self.bus))
        self.root.call(ADMIN, "AddUser", "sa{sv}", SHARED, options(org="acme"))
        fd = sealed_memfd(URI)
        self.shared_factor, _ = self.root.call(FACTORS, "ImportTOTP", "sha{sv}", SHARED, 0, options(org="acme"),
                                               fds=[fd])
        os.close(fd)
        self.round = 0

    def in_the_middle_of_writes(self, end, writers=WRITERS, rounds=None):
        """Runs end() after that many rounds of all writers together; the writers, who have stopped by then."""
        self.round += 1
        progress = threading.Semaphore(0)
        all_ = [Writer(self.bus, f"writer-{self.round}-{number}", self.shared_factor, progress)
                for number in range(writers)]
        for writer in all_:
            writer.start()
        for _ in range(rounds or 2 * writers):
            self.assertTrue(progress.acquire(timeout=DEADLINE))
        end()
        for writer in all_:
            writer.join(DEADLINE)
            self.assertFalse(writer.is_alive())
            self.assertIsNone(writer.strange)
        return all_

    def list(self, connection, user):
        return connection.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", user, ANY)

    def assert_all_is_there(self, writers, shared_before):
        with RawConnection(self.bus) as connection:
            for writer in writers:
                if writer.sequence:
                    self.assert_own(writer, *self.list(connection, writer.user))
            return self.assert_shared(writers, shared_before, *self.list(connection, SHARED))

    def assert_own(self, writer, items, details):
        """As it was answered, or with the one call that was under way when the daemon ended: wholly, or not at all."""
        now = {item["id"]: item["name"] for item in items}
        method, arguments = writer.asked if writer.asked and writer.asked[1][0] == writer.user else (None, ())
        if details["sequence"] == writer.sequence:
            self.assertEqual(now, writer.factors)
        elif method == "ImportTOTP":
            self.assertEqual(details["sequence"], writer.sequence + 2)
            new = set(now) - set(writer.factors)
            self.assertEqual([now[factor_id] for factor_id in new], [arguments[2]["name"][1]])
            self.assertEqual({id_: now[id_] for id_ in now if id_ not in new}, writer.factors)
        else:
            self.assertEqual(details["sequence"], writer.sequence + 1)
            self.assertIn(method, ("RenameFactor", "RemoveTOTP"))
            if method == "RenameFactor":
                self.assertEqual(now, {**writer.factors, arguments[1]: arguments[2]})
            else:
                self.assertEqual(now, {id_: name for id_, name in writer.factors.items() if id_ != arguments[1]})
        self.assertTrue(all(item["state"] == "ready" for item in items))

    def assert_shared(self, writers, before, items, details):
        answered = [sequence for writer in writers for sequence in writer.shared]
        self.assertEqual(len(answered), len(set(answered)), "a number was given twice")
        names = {sequence: name for writer in writers for sequence, name in writer.shared.items()}
        under_way = {writer.asked[1][2] for writer in writers if writer.asked and writer.asked[1][0] == SHARED}
        last = details["sequence"]
        missing = set(range(before + 1, last + 1)) - set(answered)
        self.assertGreaterEqual(last, max(answered, default=before))
        self.assertGreater(min(answered, default=last + 1), before)
        self.assertLessEqual(len(missing), len(under_way), "more has happened than was asked for")
        if last in names or last > before:
            self.assertIn(items[0]["name"], {names[last]} if last in names else under_way)
        return last

    def assert_database_is_sound(self):
        with contextlib.closing(sqlite3.connect(self.daemon.state_dir / "factord.db")) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])

    def shared_sequence(self):
        _, details = self.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", SHARED, options(org="acme"))
        return details["sequence"]


class EndInTheMiddle(TerminationCase):
    def test_sigterm_amid_parallel_writes_ends_with_0_and_loses_nothing_answered(self):
        before = self.shared_sequence()
        writers = self.in_the_middle_of_writes(lambda: self.assertEqual(self.daemon.stop(), 0))
        self.assertGreater(sum(len(writer.shared) for writer in writers), WRITERS)
        self.assert_database_is_sound()
        self.daemon.start()
        self.assert_all_is_there(writers, before)

    def test_sigterm_and_sigint_together_end_with_0(self):
        def end():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                self.daemon.signal(number)
            self.assertEqual(self.daemon.wait(), 0)
        before = self.shared_sequence()
        writers = self.in_the_middle_of_writes(end, writers=8)
        self.daemon.start()
        self.assert_all_is_there(writers, before)

    def test_kill_amid_parallel_writes_loses_nothing_answered_in_any_of_20_rounds(self):
        chance = random.Random(20)
        for number in range(KILLS):
            with self.subTest(round=number):
                before = self.shared_sequence()
                writers = self.in_the_middle_of_writes(lambda: self.assertEqual(self.daemon.kill(), -signal.SIGKILL),
                                                       writers=16, rounds=chance.randint(1, 64))
                self.daemon.start()
                last = self.assert_all_is_there(writers, before)
                renamed = self.root.call(FACTORS, "RenameFactor", "sssa{sv}", SHARED, self.shared_factor, "Next",
                                         options(org="acme"))[0]
                self.assertEqual(renamed["sequence"], last + 1)
        self.assertEqual(self.daemon.stop(), 0)
        self.assert_database_is_sound()
        self.daemon.start()

    def test_kill_at_the_birth_of_the_store_leaves_one_that_opens(self):
        for moment in ("factord.db.new", "factord.db.new-journal", "factord.db.new-wal", "factord.db",
                       "factord.db-wal"):
            with self.subTest(moment=moment):
                newborn = Factord(self.bus)
                newborn.spawn()
                # The bus name is the other daemon's, so it ends by itself once it has made its store
                running = True
                while not any((newborn.state_dir / name).exists() for name in (moment, "factord.db")):
                    self.assertTrue(running, "it ended too early")
                    running = pathlib.Path(f"/proc/{newborn.pid}/exe").exists()
                newborn.kill()
                # What counts is that the store is taken, or made anew
                newborn.spawn()
                self.assertNotEqual(newborn.wait(), 0)
                self.assertIn("org.factord1", newborn.stderr.splitlines()[-1])
                self.assertTrue((newborn.state_dir / "factord.db").exists())


class CallersAndTheirEnd(TerminationCase):
    def test_callers_who_leave_amid_their_calls_harm_nobody(self):
        watch = Watch(self.daemon, self.root)
        for number in range(50):
            with RawConnection(self.bus) as leaving:
                leaving.call(ADMIN, "AddUser", "sa{sv}", f"leaver-{number}", ORG)
                for name in range(20):
                    leaving.start(FACTORS, "RenameFactor", "sssa{sv}", SHARED, self.shared_factor, f"{number}-{name}",
                                  ORG)
                leaving.start(FACTORS, "RegisterPasskey", "sa{sv}", f"leaver-{number}", ORG)
        watch.check(self)
        before = self.shared_sequence()
        name = self.root.call(FACTORS, "ListTOTP", "sa{sv}", SHARED, options(org="acme"))[0][0]["name"]
        self.daemon.restart()
        self.assertEqual(self.shared_sequence(), before)
        self.assertEqual(self.root.call(FACTORS, "ListTOTP", "sa{sv}", SHARED, options(org="acme"))[0][0]["name"], name)


class BusThatGoesAway(TerminationCase):
    def test_the_daemon_ends_by_itself_and_nothing_answered_is_lost(self):
        before = self.shared_sequence()

        def end():
            self.bus._process.kill()
            # Not 0, so that a service manager knows that this was not asked for; and no signal.
            self.assertIn(self.daemon.wait(), range(1, 128))
        writers = self.in_the_middle_of_writes(end, writers=16)
        self.assert_database_is_sound()
        with PrivateBus() as another:
            self.bus = self.daemon.bus = another
            self.daemon.start()
            self.assert_all_is_there(writers, before)
            self.assertEqual(self.daemon.stop(), 0)


class HangUps(TerminationCase):
    def test_a_storm_of_sighup_amid_writes_disturbs_no_call(self):
        watch = Watch(self.daemon, self.root)
        before = self.shared_sequence()

        def storm():
            for _ in range(2000):
                self.daemon.signal(signal.SIGHUP)
            self.assertEqual(property_of(self.root, "StoreState"), "open")
            if not SANITIZED:
                watch.check(self)
            self.assertEqual(self.daemon.stop(), 0)
        writers = self.in_the_middle_of_writes(storm, writers=16)
        self.daemon.start()
        self.assert_all_is_there(writers, before)

    def test_a_configuration_that_is_wrong_or_gone_by_then_leaves_the_one_before_in_force(self):
        good = self.daemon.config_file.read_text()
        for text in ("[Nonsense]\n", "[RelyingParty]\nDomain=Not A Domain\n", "\0\xff" * 1000, None):
            with self.subTest(text=text and text[:20]):
                if text is None:
                    self.daemon.config_file.unlink()
                else:
                    self.daemon.config_file.write_text(text)
                said = len(self.daemon.stderr)
                self.daemon.signal(signal.SIGHUP)
                while "stays in force" not in self.daemon.stderr[said:]:
                    property_of(self.root, "Version")
                self.assertEqual(property_of(self.root, "Domain"), "example.org")
        self.daemon.config_file.write_text(good.replace("example.org", "example.net"))
        self.daemon.signal(signal.SIGHUP)
        while property_of(self.root, "Domain") != "example.net":
            self.assertLess(len(self.daemon.stderr), 1 << 20)


if __name__ == "__main__":
    unittest.main()
