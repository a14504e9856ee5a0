# SPDX-License-Identifier: Apache-2.0
"""CheckTOTP on the bus: oathtool is the app, a login service and the users themselves ask whether its codes are good."""
import collections
import itertools
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, CHECKS, FACTORS, BusError, Caller, filled_pipe, options  # noqa: E402
from enrolment import CONFIG, TOTP, totp_code, wrong_code  # noqa: E402
from raw_bus import ERROR, RawConnection, method_call  # noqa: E402

A, B, C = "factord-test-a", "factord-test-b", "factord-test-c"
# Long steps: no test sees the end of one. The neighbours of the present step are good, too.
URI = "otpauth://totp/Example:someone?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&period=300&algorithm=SHA1&digits=8"
OTHER_URI = URI.replace("secret=JBSWY3DP", "secret=MFRGGZDF")
BEFORE, NOW, AFTER = "now -300 seconds", "now", "now +300 seconds"
SERVICES = f"Allow=user:{B} check org:*\nAllow=user:{C} check org:*\n"
USED_OR_WRONG, WAIT = "EVENT-8isk2", "FACTORD-Thr1"


def outcome(caller, call):
    """Of a call that was started: "" for success, or the id of its failure."""
    try:
        caller.finish(call)
        return ""
    except BusError as error:
        return error.id


class ChecksCase(BusCase):
    CONFIG = CONFIG.replace("[RelyingParty]", SERVICES + "[RelyingParty]")

    def someone_with_an_app(self):
        person = self.someone()
        self.import_for(person)
        return person

    def import_for(self, person, uri=URI):
        pipe = filled_pipe(uri.encode())
        totp_id, _ = person.call("ImportTOTP", "h", 0, fds=[pipe])
        return totp_id

    def start(self, person, code, caller=None, **more):
        return (caller or self.root).start(CHECKS, "CheckTOTP", "ssa{sv}", person.user_id, code,
                                           options(**person.org, **more))

    def check(self, person, code, caller=None, **more):
        caller = caller or self.root
        return caller.finish(self.start(person, code, caller, **more))[0]

    def outcomes(self, calls):
        return collections.Counter(outcome(*call) for call in calls)

    def lock_codes(self, person, caller=None, **more):
        for _ in range(5):
            with self.refused(USED_OR_WRONG):
                self.check(person, wrong_code(URI), caller, **more)

    def waits(self, person, caller=None, **more):
        """Whether that caller must wait. Takes no attempt where it must."""
        try:
            self.check(person, "0", caller, **more)
        except BusError as error:
            self.assertIn(error.id, (USED_OR_WRONG, WAIT))
            return error.id == WAIT
        raise AssertionError("0 is no code")


class Codes(ChecksCase):
    def test_a_good_code_says_who_and_what_was_proven(self):
        person = self.someone()
        totp_id = self.import_for(person)
        result = self.check(person, totp_code(URI))
        details = result.pop("details")
        self.assertEqual(result, {"userId": person.user_id, "org": "acme", "factorId": totp_id, "kind": "totp",
                                  "factors": ["possession"], "userVerified": False})
        self.assertEqual(details["sequence"], person.sequence())
        self.assertEqual(details["resourceOwner"], "acme")
        item, = person.list(TOTP)[0]
        self.assertEqual((item["useCount"], item["lastUsed"]), (1, details["changeDate"]))

    def test_a_code_is_good_once_and_none_before_it_ever_after(self):
        person = self.someone_with_an_app()
        self.check(person, totp_code(URI))
        for code in (totp_code(URI), totp_code(URI, BEFORE), f" {totp_code(URI)[:4]} {totp_code(URI)[4:]}\n"):
            with self.refused(USED_OR_WRONG):
                self.check(person, code)
        self.check(person, totp_code(URI, AFTER))

    def test_white_space_is_no_matter_and_other_digits_are_no_digits(self):
        person = self.someone_with_an_app()
        code = totp_code(URI)
        with self.refused(USED_OR_WRONG):
            self.check(person, "".join(chr(0x660 + int(digit)) for digit in code))  # Arabic-Indic
        self.check(person, f"\t{code[:4]} {code[4:]} ")

    def test_a_spent_code_stays_spent_when_the_daemon_is_killed_or_ends(self):
        person = self.someone_with_an_app()
        for end in (self.daemon.kill, self.daemon.stop):
            code = totp_code(URI, BEFORE if end == self.daemon.kill else NOW)
            self.check(person, code)
            end()
            self.daemon.start()
            with self.refused(USED_OR_WRONG):
                self.check(person, code)
        self.check(person, totp_code(URI, AFTER))

    def test_every_secret_that_is_ready_is_tried(self):
        person = self.someone()
        for uri in (URI, OTHER_URI):
            totp_id = self.import_for(person, uri)
            self.assertEqual(self.check(person, totp_code(uri))["factorId"], totp_id)
        for uri in (URI, OTHER_URI):
            with self.refused(USED_OR_WRONG):
                self.check(person, totp_code(uri))

    def test_a_secret_that_was_taken_in_twice_has_each_code_once(self):
        person = self.someone()
        secrets = {self.import_for(person), self.import_for(person, URI.replace("digits=8", "digits=6"))}
        self.check(person, totp_code(URI))
        for code in (totp_code(URI), totp_code(URI)[-6:]):
            with self.refused(USED_OR_WRONG):
                self.check(person, code)
        used = {self.check(person, totp_code(URI, AFTER)[-6:])["factorId"]}
        self.assertLess(used, secrets)
        with self.refused(USED_OR_WRONG):
            self.check(person, totp_code(URI, AFTER))

    def test_a_secret_that_is_pending_or_removed_is_none(self):
        person = self.someone()
        person.register(TOTP)
        with self.refused("COMMAND-3Mif9s"):
            self.check(person, "123456")
        totp_id = self.import_for(person)
        person.remove(TOTP, totp_id)
        with self.refused("COMMAND-3Mif9s"):
            self.check(person, totp_code(URI))

    def test_a_bad_call_is_told_what_is_bad(self):
        with self.refused("COMMAND-M9dsd"):
            self.root.call(CHECKS, "CheckTOTP", "ssa{sv}", "nobody-here", "123456", options(org="acme"))
        for user_id, code, given in (("", "123456", {}), ("daemon", "", {}), ("daemon", "1" * 201, {}),
                                     ("daemon", "123456", {"source": "a\nb"}), ("daemon", "123456", {"force": True})):
            with self.refused("FACTORD-Arg1"):
                self.root.call(CHECKS, "CheckTOTP", "ssa{sv}", user_id, code, options(**given))

    def test_a_locked_user_is_checked_no_more_until_unlocked(self):
        person = self.someone_with_an_app()
        about = ("sa{sv}", person.user_id, options(**person.org))
        self.root.call(ADMIN, "LockUser", *about)
        with self.refused("COMMAND-SF3fg"):
            self.check(person, totp_code(URI))
        self.root.call(ADMIN, "UnlockUser", *about)
        self.check(person, totp_code(URI))


class Attempts(ChecksCase):
    def test_after_five_wrong_codes_in_a_row_the_caller_must_wait_and_is_told_how_long(self):
        person = self.someone_with_an_app()
        self.lock_codes(person)
        with self.refused(WAIT) as caught:
            self.check(person, totp_code(URI))
        self.assertRegex(caught.exception.text, r"^Too many attempts: wait (30|2\d) seconds$")

    def test_a_right_code_in_between_begins_the_count_anew(self):
        person = self.someone_with_an_app()
        for code in (BEFORE, NOW):
            for _ in range(4):
                with self.refused(USED_OR_WRONG):
                    self.check(person, wrong_code(URI))
            self.check(person, totp_code(URI, code))

    def test_a_stranger_s_guesses_slow_the_stranger(self):
        person = self.someone_with_an_app()
        self.lock_codes(person, self.caller(B))
        self.assertTrue(self.waits(person, self.caller(B)))
        self.assertFalse(self.waits(person, self.caller(C)))
        self.check(person, totp_code(URI))

    def test_sources_of_one_login_service_have_tries_of_their_own(self):
        person = self.someone_with_an_app()
        self.lock_codes(person, source="sshd 192.0.2.1")
        self.assertTrue(self.waits(person, source="sshd 192.0.2.1"))
        self.assertFalse(self.waits(person, source="gdm seat0"))
        self.assertFalse(self.waits(person))

    def test_who_checks_the_own_codes_has_one_source_whatever_it_says(self):
        alice = self.caller(A)
        pipe = filled_pipe(URI.encode())
        totp_id, _ = alice.call(FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[pipe])
        for number in range(5):
            with self.refused(USED_OR_WRONG):
                alice.call(CHECKS, "CheckTOTP", "ssa{sv}", A, wrong_code(URI), options(source=f"tty{number}"))
        with self.refused(WAIT):
            alice.call(CHECKS, "CheckTOTP", "ssa{sv}", A, totp_code(URI), options(source="tty6"))
        # Root's tries are its own
        self.root.call(CHECKS, "CheckTOTP", "ssa{sv}", A, totp_code(URI), {})
        self.root.call(FACTORS, "RemoveTOTP", "ssa{sv}", A, totp_id, {})

    def test_the_lock_outlives_the_daemon_and_unlocking_ends_it(self):
        person = self.someone_with_an_app()
        self.lock_codes(person)
        self.daemon.kill()
        self.daemon.start()
        self.assertTrue(self.waits(person))
        self.root.call(ADMIN, "UnlockUser", "sa{sv}", person.user_id, options(**person.org))
        self.check(person, totp_code(URI))

    def test_an_attempt_outlives_a_daemon_that_is_killed(self):
        person = self.someone_with_an_app()
        for _ in range(4):
            self.assertFalse(self.waits(person))
        self.daemon.kill()
        self.daemon.start()
        self.assertFalse(self.waits(person))
        self.assertTrue(self.waits(person))

    def test_subscribers_hear_of_uses_and_locks_and_not_of_attempts(self):
        person = self.someone()
        totp_id = self.import_for(person)
        with Caller(self.bus) as watcher:
            watcher.call(FACTORS, "Subscribe", "sa{sv}", person.user_id, options(**person.org))
            self.check(person, totp_code(URI))
            self.lock_codes(person)
            heard = [arguments[2:] for _, _, arguments in watcher.signals(2)]
            self.assertEqual(heard, [("totp", totp_id, "used"), ("totp", "", "locked")])
            self.assertEqual(watcher.signals_so_far(), [])


class ManyAtOnce(ChecksCase):
    """Twenty connections of one login service, a thousand calls."""

    CONFIG = ChecksCase.CONFIG + "[Limits]\nRequestsPerConnection=1000\nRequestsPerUid=2000\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connections = [cls.enterClassContext(Caller(cls.bus, B)) for _ in range(20)]

    def at_once(self, person, codes):
        calls = [(caller, self.start(person, code, caller)) for code, caller in
                 zip(codes, self.connections * (1 + len(codes) // 20))]
        return self.outcomes(calls)

    def test_wrong_codes_use_up_exactly_the_allowed_attempts(self):
        person = self.someone_with_an_app()
        self.assertEqual(self.at_once(person, [wrong_code(URI)] * 1000), {USED_OR_WRONG: 5, WAIT: 995})

    def test_one_right_code_succeeds_once(self):
        person = self.someone_with_an_app()
        self.assertEqual(self.at_once(person, [totp_code(URI)] * 1000), {"": 1, USED_OR_WRONG: 5, WAIT: 994})
        item, = person.list(TOTP)[0]
        self.assertEqual(item["useCount"], 1)


class Quotas(ChecksCase):
    CONFIG = ChecksCase.CONFIG + "[Limits]\nRequestsPerConnection=3\n[Lockout]\nMaxOTPAttempts=60\n"

    def in_one_write(self, count, *arguments):
        with RawConnection(self.bus, B) as connection:
            connection.send(b"".join(method_call(connection.next_serial(), CHECKS, "CheckTOTP", *arguments)
                                     for _ in range(count)))
            answers = (connection.receive() for _ in range(10 * count))
            errors = (answer.body[0] for answer in answers if answer.kind == ERROR)
            return collections.Counter(BusError("", message).id for message in itertools.islice(errors, count))

    def test_a_call_that_a_quota_refuses_is_no_attempt(self):
        person, caller = self.someone_with_an_app(), self.caller(B)
        found = self.in_one_write(50, "ssa{sv}", person.user_id, wrong_code(URI), {"org": ("s", person.org["org"])})
        self.assertGreater(found["FACTORD-Quo1"], 0)
        self.assertEqual(set(found), {"FACTORD-Quo1", USED_OR_WRONG})
        left = 0
        while not self.waits(person, caller):
            left += 1
        self.assertEqual(found[USED_OR_WRONG] + left, 60)


if __name__ == "__main__":
    unittest.main()
