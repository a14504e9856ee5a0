# SPDX-License-Identifier: Apache-2.0
"""Recovery codes from end to end: made, handed out once, used once, whatever happens to the daemon meanwhile."""
import collections
import fcntl
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import CHECKS, FACTORS, BusError, Caller, content, filled_pipe, options, sealed_memfd, u  # noqa: E402

A, B = "factord-test-a", "factord-test-b"
WRONG = "aaaa-aaaa-aaaa-aaaa"


def generate(person, count=10):
    fd, details = person.call("GenerateRecoveryCodes", "u", count)
    return content(fd).decode().splitlines(), details


def start(person, code, caller=None, **more):
    """Begins a check of this code; finish it with finish()."""
    caller = caller or person.caller
    fd = sealed_memfd(code.encode())
    try:
        return caller, caller.start(CHECKS, "CheckRecoveryCode", "sha{sv}", person.user_id, 0,
                                    options(**person.org, **more), fds=[fd])
    finally:
        os.close(fd)


def finish(started):
    caller, call = started
    return caller.finish(call)[0]


def check(person, code, **more):
    return finish(start(person, code, **more))


def outcome(started):
    """ "" for a success, else the id of the error."""
    try:
        finish(started)
    except BusError as error:
        return error.id
    return ""


class RecoveryCodes(BusCase):
    def codes_left(self, person):
        (item,) = [item for item in person.all_factors().values() if item["kind"] == "recovery-codes"]
        return item["codesLeft"]


class MakingAndUsing(RecoveryCodes):
    def test_they_come_in_a_sealed_memfd_a_line_each_and_never_twice(self):
        user = self.someone()
        seen = set()
        for count in (1, 10, 50):
            fd, _ = user.call("GenerateRecoveryCodes", "u", count)
            everything = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
            self.assertEqual(fcntl.fcntl(fd, fcntl.F_GET_SEALS) & everything, everything)
            self.assertEqual(os.lseek(fd, 0, os.SEEK_CUR), 0)
            lines = content(fd).decode().split("\n")
            self.assertEqual(lines.pop(), "")
            self.assertEqual(len(lines), count)
            for line in lines:
                self.assertTrue(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", line), line)
            self.assertFalse(seen & set(lines))
            seen |= set(lines)
        self.assertEqual(len(user.all_factors()), 1)

    def test_one_to_fifty_may_be_asked_for(self):
        user = self.someone()
        for count in (0, 51, 2**32 - 1):
            with self.subTest(count), self.refused("FACTORD-Arg1") as caught:
                generate(user, count)
            self.assertIn("count must be 1 to 50", caught.exception.message)
        self.assertEqual(user.all_factors(), {})

    def test_a_code_is_good_once_and_the_answer_says_for_what(self):
        user = self.someone()
        codes, made = generate(user)
        result = check(user, codes[7])
        (factor_id,) = user.all_factors()
        details = result.pop("details")
        self.assertEqual(result, {"userId": user.user_id, "org": "acme", "factorId": factor_id,
                                  "kind": "recovery-codes", "factors": ["knowledge"], "userVerified": False})
        self.assertEqual((details["sequence"], details["creationDate"]), (made["sequence"] + 1, made["creationDate"]))
        with self.refused("EVENT-8isk2"):
            check(user, codes[7])
        self.assertEqual(self.codes_left(user), 9)

    def test_a_code_may_come_through_a_pipe_and_as_people_type_it(self):
        user = self.someone()
        codes, _ = generate(user)
        for code, typed in zip(codes, (codes[0].upper(), codes[1].replace("-", ""), codes[2].replace("-", " ") + "\n",
                                       f"  {codes[3]}\r\n")):
            pipe = filled_pipe(typed.encode())
            self.root.call(CHECKS, "CheckRecoveryCode", "sha{sv}", user.user_id, 0, options(**user.org), fds=[pipe])
            os.close(pipe)
            with self.subTest(typed), self.refused("EVENT-8isk2"):
                check(user, code, source=code)

    def test_who_it_is_must_be_said(self):
        pipe = filled_pipe(WRONG.encode())
        with self.refused("FACTORD-Arg1"):
            self.root.call(CHECKS, "CheckRecoveryCode", "sha{sv}", "", 0, {}, fds=[pipe])
        os.close(pipe)

    def test_nobody_and_nothing_is_told_apart_after_the_permission_alone(self):
        user = self.someone()
        with self.refused("COMMAND-3Mif9s"):
            check(user, WRONG)
        user.user_id = "nobody-of-that-name"
        with self.refused("COMMAND-M9dsd"):
            check(user, WRONG)
        for user_id in ("nobody-of-that-name", self.someone().user_id):
            user.user_id = user_id
            with self.refused("AUTH-AWfge"):
                check(user, WRONG, caller=self.caller(B))

    def test_subscribers_hear_of_each_use_and_when_few_are_left(self):
        user = self.someone()
        codes, _ = generate(user, 5)
        (factor_id,) = user.all_factors()
        self.root.signals_so_far()
        user.call("Subscribe")
        for code in codes:
            check(user, code)
        with self.refused("COMMAND-3Mif9s"):
            check(user, codes[0])
        generate(user)
        heard = [(arguments[3] == factor_id, arguments[2], arguments[4])
                 for _, _, arguments in self.root.signals_so_far()]
        self.assertEqual(heard, [(mine, "recovery-codes", change) for mine, change in
                                 [(True, "used")] + [(True, "used"), (True, "low")] * 4 +
                                 [(True, "removed"), (False, "added")]])

    def test_no_code_is_in_the_log_or_in_the_store(self):
        user = self.someone()
        codes, _ = generate(user)
        check(user, codes[0])
        stored = b"".join(path.read_bytes() for path in pathlib.Path(self.daemon.state_dir).rglob("*") if path.is_file())
        for code in codes:
            for form in (code, code.replace("-", ""), code.upper()):
                self.assertNotIn(form, self.daemon.stderr)
                self.assertNotIn(form.encode(), stored)


class ManyAtOnce(RecoveryCodes):
    def keep_busy(self, sets):
        """So many sets are being made. The first one takes a second, longer than some dozen calls that need no
        derivation."""
        users = [self.someone() for _ in range(sets)]
        return [user.start("GenerateRecoveryCodes", "u", 20) for user in users]

    def test_of_a_hundred_tries_of_one_code_one_succeeds(self):
        user = self.someone()
        codes, _ = generate(user, 10)
        counted = collections.Counter(outcome(call) for call in
                                      [start(user, codes[0], source=f"door {i % 25}") for i in range(100)])
        self.assertEqual(counted[""], 1, counted)
        self.assertLessEqual(set(counted), {"", "EVENT-8isk2", "FACTORD-Quo1", "FACTORD-Thr1"})
        self.assertEqual(self.codes_left(user), 9)

    def test_different_codes_all_succeed(self):
        user = self.someone()
        codes, _ = generate(user, 18)
        started = [start(user, code, source=f"door {i % 6}") for i, code in enumerate(codes)]
        self.assertEqual([outcome(call) for call in started], [""] * 18)
        self.assertEqual(self.codes_left(user), 0)

    def test_what_finds_no_room_is_refused_and_counts_no_attempt(self):
        user = self.someone()
        codes, _ = generate(user, 10)
        busy = self.keep_busy(20)
        refused = [outcome(call) for call in [start(user, WRONG) for _ in range(20)]]
        self.assertEqual(set(refused), {"FACTORD-Quo1"})
        made = 0
        for call in busy:
            try:
                content(self.root.finish(call)[0])
                made += 1
            except BusError as error:
                self.assertEqual(error.id, "FACTORD-Quo1")
        self.assertEqual(made, 18)
        check(user, codes[0])

    def test_other_calls_are_answered_meanwhile(self):
        user = self.someone()
        busy = self.keep_busy(18)
        for _ in range(20):
            user.all_factors()
        with self.refused("FACTORD-Quo1"):  # they are still at it
            generate(user, 1)
        for call in busy:
            content(self.root.finish(call)[0])

    def test_one_uid_leaves_room_to_another(self):
        user = self.someone()
        greedy = self.caller(A)
        busy = [greedy.start(FACTORS, "GenerateRecoveryCodes", "sua{sv}", "", 10, {}) for _ in range(10)]
        codes, _ = generate(user, 1)
        check(user, codes[0])
        refused = 0
        for call in busy:
            try:
                content(greedy.finish(call)[0])
            except BusError as error:
                self.assertIn("DerivationsPerUid=6", error.message)
                refused += 1
        self.assertEqual(refused, 4)

    def test_codes_that_are_replaced_while_one_is_checked_let_nobody_in_afterwards(self):
        user = self.someone()
        for _ in range(5):
            codes, _ = generate(user, 3)
            replacing = self.root.start(FACTORS, "GenerateRecoveryCodes", "sua{sv}", user.user_id, 1, options(org="acme"))
            checks = [start(user, code, source=code) for code in codes]
            content(self.root.finish(replacing)[0])
            for code in codes:
                self.assertEqual(outcome(start(user, code, source=f"later {code}")), "EVENT-8isk2")
            self.assertLessEqual({outcome(call) for call in checks}, {"", "EVENT-8isk2"})
            self.assertEqual(self.codes_left(user), 1)


class Guessing(RecoveryCodes):
    def test_five_wrong_ones_lock_and_the_owner_s_own_are_still_taken(self):
        user = self.someone()
        codes, _ = generate(user)
        for _ in range(5):
            with self.refused("EVENT-8isk2"):
                check(user, WRONG, source="a stranger")
        with self.refused("FACTORD-Thr1") as caught:
            check(user, codes[0], source="a stranger")
        self.assertIn("wait", caught.exception.message)
        check(user, codes[0], source="the owner")

    def test_a_hundred_wrong_ones_at_once_use_up_five_tries(self):
        user = self.someone()
        generate(user)
        counted = collections.Counter(outcome(call) for call in [start(user, WRONG) for _ in range(100)])
        self.assertEqual(set(counted), {"EVENT-8isk2", "FACTORD-Thr1"})
        self.assertEqual(counted["EVENT-8isk2"], 5)

    def test_tries_of_who_left_before_the_answer_count(self):
        user = self.someone()
        codes, _ = generate(user)
        events = user.sequence()
        with Caller(self.bus, "root") as leaver:
            for _ in range(5):
                start(user, WRONG, caller=leaver, source="gone")
            leaver.call(FACTORS, "ListPasskeys", "sa{sv}", user.user_id, options(**user.org))
        # In line behind those of who has left
        self.assertEqual(outcome(start(user, codes[0], source="gone")), "FACTORD-Thr1")
        check(user, codes[1], source="here")
        self.assertEqual(user.sequence(), events + 2)  # the lock, and the use


class OverRestarts(RecoveryCodes):
    def restart(self, how):
        how()
        self.daemon.start()

    def test_used_codes_and_charged_tries_are_still_so_after_a_kill(self):
        for how in (self.daemon.kill, self.daemon.stop):
            user = self.someone()
            codes, _ = generate(user)
            check(user, codes[0])
            for _ in range(5):
                outcome(start(user, WRONG, source="guesser"))
            self.restart(how)
            with self.refused("EVENT-8isk2"):
                check(user, codes[0])
            with self.refused("FACTORD-Thr1"):
                check(user, codes[1], source="guesser")
            check(user, codes[1])
            self.assertEqual(self.codes_left(user), 8)

    def test_a_kill_in_the_midst_of_checks_gives_no_code_twice(self):
        for _ in range(3):
            user = self.someone()
            codes, _ = generate(user)
            started = [start(user, code, source=f"door {i}") for i, code in enumerate(codes)]
            acknowledged = [code for code, call in list(zip(codes, started))[:3] if outcome(call) == ""]
            self.restart(self.daemon.kill)
            for call in started[3:]:
                outcome(call)
            again = {code: outcome(start(user, code, source=f"window {code}")) for code in codes}
            spent = ("EVENT-8isk2", "COMMAND-3Mif9s")  # the second where none is left, as after ten quick ones
            for code in acknowledged:
                self.assertIn(again[code], spent)
            for code in codes:
                self.assertIn(outcome(start(user, code, source=f"roof {code}")), spent)


if __name__ == "__main__":
    unittest.main()
