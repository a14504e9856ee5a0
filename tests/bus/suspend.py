# SPDX-License-Identifier: Apache-2.0
"""Factors that are put aside, and locks, as those see them who look."""
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, CHECKS, FACTORS, BusError, Caller, filled_pipe, options  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, Person, Token, totp_code  # noqa: E402
from private_bus import DEADLINE, FACTORCTL, as_user  # noqa: E402

A, B, C = "factord-test-a", "factord-test-b", "factord-test-c"
URI = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example&algorithm=SHA1&digits=6&period=30"


class FactorCase(BusCase):
    CONFIG = CONFIG.replace("[RelyingParty]", f"Allow=user:{B} user.write,user.read\nAllow=user:{C} check\n"
                                              "[RelyingParty]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())

    def about(self, method, person, factor_id, caller=None):
        return (caller or person.caller).call(FACTORS, method, "ssa{sv}", person.user_id, factor_id,
                                              options(**person.org))[0]

    def imported(self, person):
        pipe = filled_pipe(URI.encode())
        factor_id, _ = self.root.call(FACTORS, "ImportTOTP", "sha{sv}", person.user_id, 0, options(**person.org),
                                      fds=[pipe])
        os.close(pipe)
        return factor_id

    def check(self, person, code, caller=None, **given):
        """The error's id, or None."""
        try:
            (caller or self.root).call(CHECKS, "CheckTOTP", "ssa{sv}", person.user_id, code,
                                       options(**person.org, **given))
        except BusError as error:
            return error.id
        return None

    def requirement(self, person, caller=None, **given):
        told, = (caller or self.root).call(CHECKS, "GetRequirement", "sa{sv}", person.user_id,
                                           options(**person.org, **given))
        self.assertEqual(set(told), {"enrolled", "usable"})
        return told["enrolled"], told["usable"]

    def challenge(self, person):
        """The challenge's id, and the request options."""
        return self.root.call(CHECKS, "StartPasskeyCheck", "sa{sv}", person.user_id, options(**person.org))[:2]

    def answer(self, challenge, credential):
        self.root.call(CHECKS, "CheckPasskey", "ssa{sv}", challenge, credential, {})

    def user(self, person):
        return self.root.call(ADMIN, "GetUser", "sa{sv}", person.user_id, options(**person.org))[0]

    def lock_codes(self, person, caller=None, **given):
        for _ in range(5):
            self.assertEqual(self.check(person, "wrong", caller, **given), "EVENT-8isk2")


class Suspending(FactorCase):
    def test_a_factor_of_every_kind_is_put_aside_and_comes_back_over_a_restart_too(self):
        for kind in KINDS:
            with self.subTest(kind=kind.word):
                person = self.someone()
                factor_id = person.enrol(kind)
                created = person.all_factors()[factor_id]["creationDate"]
                suspended = self.about("SuspendFactor", person, factor_id)
                self.assertEqual((suspended["sequence"], suspended["creationDate"], suspended["resourceOwner"]),
                                 (4, created, "acme"))
                self.daemon.restart()
                self.assertEqual(person.list(kind)[0], [])
                self.assertEqual([item["id"] for item in person.list(kind, state="suspended")[0]], [factor_id])
                self.assertEqual(self.about("ResumeFactor", person, factor_id)["sequence"], 5)
                self.assertEqual([item["id"] for item in person.list(kind)[0]], [factor_id])

    def test_what_is_suspended_verifies_nothing(self):
        person = self.someone()
        factor_id = self.imported(person)
        self.about("SuspendFactor", person, factor_id)
        self.assertEqual(self.check(person, totp_code(URI)), "COMMAND-3Mif9s")
        self.about("ResumeFactor", person, factor_id)
        self.assertIsNone(self.check(person, totp_code(URI)))

    def test_a_passkey_answers_neither_a_new_challenge_nor_one_from_before(self):
        person, token = self.someone(), Token(self.folder)
        factor_id = token.enrol(person, PASSKEY)
        challenge, asks = self.challenge(person)
        self.about("SuspendFactor", person, factor_id)
        with self.refused("WEBAU-3M9si"):
            self.answer(challenge, token.sign(asks))
        with self.refused("WEBAU-4G8sw"):
            self.challenge(person)
        self.about("ResumeFactor", person, factor_id)
        challenge, asks = self.challenge(person)
        self.answer(challenge, token.sign(asks))

    def test_what_was_quarantined_comes_back_with_its_counter(self):
        person, token = self.someone(), Token(self.folder)
        factor_id = token.enrol(person, PASSKEY)
        copies = [token.clone(), token.clone()]
        challenge, asks = self.challenge(person)
        self.answer(challenge, token.sign(asks))  # 1
        for copy in copies:  # 1 as well, each
            challenge, asks = self.challenge(person)
            with self.refused("WEBAU-4M90s"):
                self.answer(challenge, copy.sign(asks))
            self.about("SuspendFactor", person, factor_id)
            self.assertEqual(person.all_factors()[factor_id]["state"], "quarantined")
            self.about("ResumeFactor", person, factor_id)
        challenge, asks = self.challenge(person)
        self.answer(challenge, token.sign(asks))  # 2

    def test_a_second_time_answers_the_same_and_adds_no_event(self):
        person = self.someone()
        factor_id = person.enrol(PASSKEY)
        for method in ("SuspendFactor", "ResumeFactor"):
            first = self.about(method, person, factor_id)
            self.assertEqual(self.about(method, person, factor_id), first)
            self.assertEqual(person.sequence(), first["sequence"])

    def test_pending_and_unknown_factors_are_not_found(self):
        person = self.someone()
        pending = person.register(TOTP).id
        for method in ("SuspendFactor", "ResumeFactor"):
            for factor_id in (pending, "no-such-id"):
                with self.refused("COMMAND-DAfb2"):
                    self.about(method, person, factor_id)

    def test_whose_factor_it_is_may_suspend_but_not_resume_it(self):
        alice = Person(self.caller(A), A)
        self.addCleanup(self.root.call, ADMIN, "RemoveUser", "sa{sv}", A, {})
        factor_id = alice.enrol(TOTP)
        self.about("SuspendFactor", alice, factor_id)
        with self.refused("AUTH-AWfge"):
            self.about("ResumeFactor", alice, factor_id)
        with self.refused("AUTH-AWfge"):
            self.about("SuspendFactor", alice, factor_id, self.caller(C))
        self.about("ResumeFactor", alice, factor_id, self.caller(B))

    def test_subscribers_are_told(self):
        person = self.someone()
        factor_id = self.imported(person)
        with Caller(self.bus) as reader:
            reader.call(FACTORS, "Subscribe", "sa{sv}", person.user_id, options(**person.org))
            self.about("SuspendFactor", person, factor_id)
            self.about("SuspendFactor", person, factor_id)
            self.about("ResumeFactor", person, factor_id)
            self.lock_codes(person)
            for method in ("LockUser", "UnlockUser", "UnlockUser"):
                self.root.call(ADMIN, method, "sa{sv}", person.user_id, options(**person.org))
            told = [arguments[2:] for _, _, arguments in reader.signals_so_far()]
        self.assertEqual(told, [("totp", factor_id, "suspended"), ("totp", factor_id, "resumed"),
                                ("totp", "", "locked"), ("", "", "locked"), ("", "", "unlocked")])


class Requirements(FactorCase):
    def test_who_may_ask(self):
        alice = Person(self.caller(A), A)
        self.assertEqual(self.requirement(alice, self.caller(A)), (False, []))
        self.assertEqual(self.requirement(alice, self.caller(C)), (False, []))
        for user_id in (A, "no-such-account"):
            with self.refused("AUTH-AWfge"):
                self.requirement(Person(self.root, user_id), self.caller(B))
        with self.refused("FACTORD-Arg1"):
            self.requirement(Person(self.root, ""))

    def test_an_unknown_user_is_not_one_without_factors(self):
        for person in (Person(self.root, "no-such-account"), Person(self.root, "nobody", "acme")):
            with self.refused("COMMAND-M9dsd"):
                self.requirement(person)

    def test_enrolled_is_who_has_anything_and_usable_what_works_now(self):
        person = self.someone()
        self.assertEqual(self.requirement(person), (False, []))
        pending = person.register(TOTP)
        self.assertEqual(self.requirement(person), (False, []))
        person.verify(pending)
        passkey = person.enrol(PASSKEY)
        self.assertEqual(self.requirement(person), (True, ["passkey", "totp"]))
        self.about("SuspendFactor", person, passkey)
        self.assertEqual(self.requirement(person), (True, ["totp"]))
        self.root.call(ADMIN, "LockUser", "sa{sv}", person.user_id, options(**person.org))
        self.assertEqual(self.requirement(person), (True, []))

    def test_codes_are_not_usable_for_whom_they_are_locked_and_keys_are(self):
        person = self.someone()
        self.imported(person)
        person.enrol(PASSKEY)
        self.lock_codes(person, source="sshd")
        self.assertEqual(self.requirement(person, source="sshd"), (True, ["passkey"]))
        self.assertEqual(self.requirement(person, source="login"), (True, ["passkey", "totp"]))
        self.assertEqual(self.requirement(person), (True, ["passkey", "totp"]))


    def test_what_is_enrolled_later_or_put_aside_disables_no_other_kind(self):
        for first in KINDS:
            for second in KINDS:
                if first is second:
                    continue
                with self.subTest(first=first.word, second=second.word):
                    person = self.someone()
                    kept, other = person.enrol(first), person.enrol(second)
                    self.assertEqual(self.requirement(person), (True, sorted((first.word, second.word))))
                    self.about("SuspendFactor", person, other)
                    self.assertEqual(self.requirement(person), (True, [first.word]))
                    person.remove(second, other)
                    self.assertEqual(self.requirement(person), (True, [first.word]))
                    self.about("SuspendFactor", person, kept)
                    self.assertEqual(self.requirement(person), (True, []))

    def test_a_record_that_cannot_be_read_is_an_error_and_not_a_user_without_factors(self):
        person = self.someone()
        self.imported(person)
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(self.daemon.state_dir / "factord.db")) as database:
            database.execute("UPDATE factor SET sealed = randomblob(length(sealed)) "
                             "WHERE id = (SELECT max(id) FROM factor)")
            database.commit()
        self.daemon.start()
        with self.assertRaises(BusError) as caught:
            self.requirement(person)
        self.assertEqual((caught.exception.code, caught.exception.id), ("DataLoss", "FACTORD-Data1"))


class Locks(FactorCase):
    def test_a_lock_shows_with_whom_it_hits_and_goes_by_unlocking(self):
        person = self.someone()
        factor_id = self.imported(person)
        self.assertEqual((self.user(person)["locked"], self.user(person)["locks"]), (False, []))
        self.lock_codes(person, source="sshd")
        lock, = self.user(person)["locks"]
        self.assertEqual((lock["kind"], lock["caller"], lock["source"]), ("totp", 0, "sshd"))
        self.assertEqual(person.all_factors()[factor_id]["lockedUntil"], lock["until"])
        self.daemon.restart()
        self.assertEqual(self.user(person)["locks"], [lock])
        before = person.sequence()
        self.root.call(ADMIN, "UnlockUser", "sa{sv}", person.user_id, options(**person.org))
        self.assertEqual(person.sequence(), before + 1)
        self.assertEqual((self.user(person)["locks"], person.all_factors()[factor_id]["lockedUntil"]), ([], 0))
        self.assertIsNone(self.check(person, totp_code(URI), source="sshd"))

    def test_a_user_who_is_locked_shows_it(self):
        person = self.someone()
        for method, locked in (("LockUser", True), ("UnlockUser", False)):
            self.root.call(ADMIN, method, "sa{sv}", person.user_id, options(**person.org))
            self.assertIs(self.user(person)["locked"], locked)

    def test_drift_shows_by_how_much_an_app_was_off(self):
        person = self.someone()
        factor_id = self.imported(person)
        self.assertEqual(person.all_factors()[factor_id]["drift"], 0)
        self.assertIsNone(self.check(person, totp_code(URI, "now -30 seconds")))
        self.assertIn(person.all_factors()[factor_id]["drift"], (-1, 0))  # the step may have ended in between


class Tool(FactorCase):
    def ctl(self, *words, user="root", status=0, **more):
        done = self.bus.run_as(user, [self.bus.publish(FACTORCTL), *words], **more)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done

    @contextlib.contextmanager
    def monitor(self, *words, user="root"):
        """A monitor that is subscribed: its output is read line by line, as it comes."""
        process = subprocess.Popen(as_user(user, [self.bus.publish(FACTORCTL), "monitor", *words]),
                                   env={"PATH": os.environ["PATH"], **self.bus.environment()}, cwd="/",
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self.assertIn("Waiting for changes", process.stderr.readline())
            yield process
        finally:
            process.kill()
            process.communicate()

    def test_monitor_tells_of_changes_as_they_happen_and_ends_cleanly(self):
        for ending in (signal.SIGINT, signal.SIGTERM):
            person, other = self.someone(), self.someone()
            with self.monitor("--json", "--org", "acme", "--user", f"{person.user_id},{other.user_id}") as process:
                for about in (person, other):
                    factor_id = self.imported(about)
                    for change in ("added", "verified"):
                        told = json.loads(process.stdout.readline())
                        self.assertRegex(told.pop("time"), r"^20\d\d-.*Z$")
                        self.assertEqual(told, {"userId": about.user_id, "org": "acme", "kind": "totp",
                                                "factorId": factor_id, "change": change})
                process.send_signal(ending)
                self.assertEqual(process.wait(DEADLINE), 0)
                self.assertEqual(process.communicate(), ("", ""))

    def test_monitor_of_oneself_has_lines_for_people(self):
        self.addCleanup(self.root.call, ADMIN, "RemoveUser", "sa{sv}", A, {})
        with self.monitor(user=A) as process:
            pending = Person(self.caller(A)).register(TOTP)
            self.assertRegex(process.stdout.readline(),
                             rf"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  {A}  local  totp  added  {pending.id}\n$")

    def test_monitor_goes_on_when_the_daemon_is_restarted(self):
        person = self.someone()
        with self.monitor("--org", "acme", "--user", person.user_id) as process:
            for _ in range(3):
                self.daemon.restart()
                self.assertIn("has left the bus", process.stderr.readline())
                self.assertIn("is back", process.stderr.readline())
                factor_id = person.register(TOTP).id
                self.assertIn(f"added  {factor_id}\n", process.stdout.readline())

    def test_monitor_believes_nobody_but_the_daemon(self):
        self.addCleanup(self.root.call, ADMIN, "RemoveUser", "sa{sv}", A, {})
        with self.monitor(user=A) as process, Caller(self.bus, B) as liar:
            names, = liar.call("org.freedesktop.DBus", "ListNames", to=("org.freedesktop.DBus", "/org/freedesktop/DBus"))
            for name in names:
                if name.startswith(":") and name != liar.name:
                    done = self.bus.run_as(B, ["dbus-send", "--system", f"--dest={name}", "--type=signal",
                                               "/org/factord1", "org.factord1.Factors.FactorsChanged", f"string:{A}",
                                               "string:local", "string:totp", "string:x", "string:removed"])
                    self.assertEqual(done.returncode, 0, done.stderr)
            pending = Person(self.caller(A)).register(TOTP)
            self.assertIn(f"added  {pending.id}\n", process.stdout.readline())

    def test_monitor_of_somebody_else_takes_the_permission(self):
        done = self.ctl("monitor", "--user", B, user=A, status=7)
        self.assertIn("AUTH-AWfge", done.stderr)

    def test_a_passkey_is_checked_over_a_pipe_in_both_directions(self):
        person, token = self.someone(), Token(self.folder)
        factor_id = token.enrol(person, PASSKEY)
        argv = [self.bus.publish(FACTORCTL), "--json", "--org", "acme", "check", "passkey", "--user", person.user_id]
        with subprocess.Popen(argv, env={"PATH": os.environ["PATH"], **self.bus.environment()}, cwd="/",
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as process:
            asks = json.loads(process.stdout.readline())["publicKeyCredentialRequestOptions"]
            told, _ = process.communicate(token.sign(json.dumps(asks)), DEADLINE)
        self.assertEqual(process.returncode, 0)
        told = json.loads(told)
        self.assertEqual((told["factorId"], told["factors"]), (factor_id, ["possession", "user-verification"]))

    def test_a_code_is_checked_suspended_and_resumed(self):
        person = self.someone()
        factor_id, of = self.imported(person), ("--org", "acme", "--user", person.user_id)
        told = json.loads(self.ctl("--json", "check", "totp", *of, input=totp_code(URI) + "\n").stdout)
        self.assertEqual((told["factorId"], told["factors"]), (factor_id, ["possession"]))
        self.ctl("factor", "suspend", factor_id, *of)
        self.ctl("check", "totp", "123456", *of, status=5)
        self.ctl("factor", "resume", factor_id, *of)
        for _ in range(5):
            self.ctl("check", "totp", "wrong", *of, status=3)
        self.ctl("check", "totp", "wrong", *of, status=8)
        self.assertIn("ready, locked", self.ctl("factor", "list", *of).stdout)
        self.assertIn("Locked:       totp for uid 0 until", self.ctl("user", "show", person.user_id, *of[:2]).stdout)
        self.ctl("user", "unlock", person.user_id, *of[:2])
        self.assertNotIn("Locked", self.ctl("user", "show", person.user_id, *of[:2]).stdout)
        self.ctl("user", "lock", person.user_id, *of[:2])
        self.ctl("check", "totp", "123456", *of, status=9)


if __name__ == "__main__":
    unittest.main()
