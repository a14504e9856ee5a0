# SPDX-License-Identifier: Apache-2.0
"""ProtectLastFactor=: what a user logs in with last is neither removed nor suspended, but by who may and says so."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from access import DENIED, Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, Caller, filled_pipe, options  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Person  # noqa: E402

A, B = "factord-test-a", "factord-test-b"
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
PROTECTED = CONFIG.replace("[RelyingParty]", f"Allow=user:{B} user.write\n[RelyingParty]") + \
    "[Policy]\nProtectLastFactor=yes\n"


class GuardCase(BusCase):
    def removal(self, kind, person, factor_id, caller=None, **given):
        """Whether it was removed; else the error's id."""
        return self.outcome(caller or person.caller, kind.remove, person, factor_id, given)

    def suspension(self, person, factor_id, caller=None, **given):
        return self.outcome(caller or person.caller, "SuspendFactor", person, factor_id, given)

    @staticmethod
    def outcome(caller, method, person, factor_id, given):
        try:
            caller.call(FACTORS, method, "ssa{sv}", person.user_id, factor_id, options(**person.org, **given))
        except BusError as error:
            return error.id
        return True

    def remove_all(self, user):
        """So that every test begins with nothing."""
        for item in Person(self.root, user).all_factors().values():
            kind = next(kind for kind in KINDS if kind.word == item["kind"])
            self.assertIs(self.removal(kind, Person(self.root, user), item["id"], force=True), True)


class Protected(GuardCase):
    CONFIG = PROTECTED

    def test_the_last_factor_of_every_kind_stays_and_nothing_is_written(self):
        for kind in KINDS:
            with self.subTest(kind=kind.word):
                person = self.someone()
                factor_id = person.enrol(kind)
                before = person.sequence()
                for outcome in (self.removal(kind, person, factor_id), self.suspension(person, factor_id),
                                self.removal(kind, person, factor_id, force=False)):
                    self.assertEqual(outcome, "FACTORD-Last1")
                self.assertEqual((person.sequence(), person.all_factors()[factor_id]["state"]), (before, "ready"))

    def test_the_refusal_has_its_name_and_text(self):
        person = self.someone()
        factor_id = person.enrol(TOTP)
        with self.refused("FACTORD-Last1"):
            person.remove(TOTP, factor_id)

    def test_a_factor_of_another_kind_lets_it_go(self):
        person = self.someone()
        first, second = person.enrol(PASSKEY), person.enrol(TOTP)
        self.assertIs(self.suspension(person, first), True)
        self.assertEqual(self.removal(TOTP, person, second), "FACTORD-Last1")
        self.root.call(FACTORS, "ResumeFactor", "ssa{sv}", person.user_id, first, options(**person.org))
        self.assertIs(self.removal(TOTP, person, second), True)

    def test_what_cannot_be_used_is_removed_freely(self):
        person = self.someone()
        last, suspended = person.enrol(PASSKEY), person.enrol(U2F)
        pending = person.register(PASSKEY).id
        self.assertIs(self.suspension(person, suspended), True)
        self.assertIs(self.removal(U2F, person, suspended), True)
        self.assertIs(self.removal(PASSKEY, person, pending), True)
        self.assertEqual(self.removal(PASSKEY, person, last), "FACTORD-Last1")

    def test_the_owner_cannot_force_it_and_who_holds_the_permission_can(self):
        self.addCleanup(self.remove_all, A)
        alice = Person(self.caller(A), A)
        for kind in KINDS:
            with self.subTest(kind=kind.word):
                factor_id = alice.enrol(kind)
                self.assertEqual(self.removal(kind, alice, factor_id), "FACTORD-Last1")
                self.assertEqual(self.removal(kind, alice, factor_id, force=True), "AUTH-AWfge")
                self.assertEqual(self.suspension(alice, factor_id, force=True), "AUTH-AWfge")
                self.assertEqual(self.removal(kind, alice, factor_id, self.caller(B)), "FACTORD-Last1")
                self.assertIs(self.removal(kind, alice, factor_id, self.caller(B), force=True), True)

    def test_one_s_own_passkey_likewise(self):
        self.addCleanup(self.remove_all, A)
        self.addCleanup(self.remove_all, B)
        for user, forced in ((A, DENIED[1]), (B, None)):
            with self.subTest(user=user):
                me = self.caller(user)
                factor_id = Person(me).enrol(PASSKEY)
                with self.refused("FACTORD-Last1"):
                    me.call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, {})
                try:
                    me.call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, options(force=True))
                    self.assertIsNone(forced)
                except BusError as error:
                    self.assertEqual(error.message, forced)

    def test_removing_the_user_is_always_possible(self):
        person = self.someone()
        person.enrol(TOTP)
        self.root.call(ADMIN, "RemoveUser", "sa{sv}", person.user_id, options(**person.org))

    def test_of_many_removals_at_once_one_factor_is_left(self):
        callers = [self.enterContext(Caller(self.bus)) for _ in range(6)]
        for method in ("RemoveTOTP", "SuspendFactor") * 15:
            person = self.someone()
            ids = [self.imported(person) for _ in range(2)]
            calls = [(caller, caller.start(FACTORS, method, "ssa{sv}", person.user_id, factor_id,
                                           options(**person.org)))
                     for caller in callers for factor_id in ids]
            outcomes = [self.finished(*call) for call in calls]
            ready = [item["id"] for item in person.all_factors().values() if item["state"] == "ready"]
            self.assertEqual(len(ready), 1, outcomes)
            # The one that went was asked for six times; to suspend it again is as good as the first time.
            self.assertEqual(outcomes.count("FACTORD-Last1"), 6, outcomes)
            self.assertEqual(outcomes.count(True), 1 if method == "RemoveTOTP" else 6, outcomes)
            self.assertEqual(person.sequence(), 6)  # added, two imports of two events each, and one change

    def imported(self, person):
        pipe = filled_pipe(URI)
        factor_id, _ = self.root.call(FACTORS, "ImportTOTP", "sha{sv}", person.user_id, 0, options(**person.org),
                                      fds=[pipe])
        os.close(pipe)
        return factor_id

    @staticmethod
    def finished(caller, call):
        try:
            caller.finish(call)
        except BusError as error:
            return error.id
        return True


class Unprotected(GuardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=cls.CONFIG))

    def test_the_last_factor_goes_as_any_other(self):
        for kind in KINDS:
            for given in ({}, {"force": True}):
                with self.subTest(kind=kind.word, **given):
                    person = self.someone()
                    self.assertIs(self.removal(kind, person, person.enrol(kind), **given), True)
                    factor_id = person.enrol(kind)
                    self.assertIs(self.suspension(person, factor_id, **given), True)

    def test_it_is_switched_on_while_the_daemon_runs(self):
        person = self.someone()
        factor_id = person.enrol(TOTP)
        self.daemon.reconfigure(PROTECTED)
        self.addCleanup(self.daemon.reconfigure, self.CONFIG)
        self.assertEqual(self.suspension(person, factor_id), "FACTORD-Last1")

    def test_force_takes_the_permission_all_the_same(self):
        self.addCleanup(self.remove_all, A)
        alice = Person(self.caller(A), A)
        factor_id = alice.enrol(TOTP)
        self.assertEqual(self.removal(TOTP, alice, factor_id, force=True), "AUTH-AWfge")
        self.assertIs(self.removal(TOTP, alice, factor_id), True)


if __name__ == "__main__":
    unittest.main()
