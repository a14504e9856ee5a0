# SPDX-License-Identifier: Apache-2.0
"""Registration codes from end to end: somebody without any permission enrols a factor for somebody else, once, and
learns nothing without the code."""
import collections
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError, Caller, content, filled_pipe, options, sealed_memfd, t, variant  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Pending, Person, credential  # noqa: E402
from polkit import Agent  # noqa: E402
from polkit_case import AskingPolkit  # noqa: E402

USER, INSTALLER, ISSUER = "factord-test-a", "factord-test-b", "factord-test-c"
WRONG = "aaaa-aaaa-aaaa-aaaa"
SAME_ANSWER = ("org.factord1.Error.InvalidArgument", "Code is invalid (COMMAND-Eeb2a)")


def make(person, **asked):
    """(id, code) for that person."""
    code_id, fd, _ = person.caller.call(FACTORS, "CreateRegistrationCode", "sa{sv}", person.user_id,
                                        options(**person.org, **asked))
    return code_id, content(fd).decode().strip()


class Bearer(Person):
    """Who acts about that person with a code."""

    def __init__(self, caller, person, code):
        super().__init__(caller, person.user_id, person.org.get("org"))
        self.code = code

    def start(self, method, signature="", *arguments, carry=sealed_memfd, **more):
        code_id, code = self.code
        fd = carry(code.encode())
        try:
            return self.caller.start(FACTORS, method, f"s{signature}a{{sv}}", self.user_id, *arguments,
                                     options(**self.org, code_id=code_id, code_fd=variant("h", 0)), fds=[fd], **more)
        finally:
            os.close(fd)

    def call(self, method, signature="", *arguments, **more):
        return self.caller.finish(self.start(method, signature, *arguments, **more))

    def register(self, kind, **more):
        factor_id, asks, details = self.call(kind.register, **more)
        return Pending(kind, factor_id, content(asks).decode() if kind is TOTP else asks, details)

    def refusal(self, kind=PASSKEY):
        """Name and message of the error that beginning a registration ends with; None where it does not."""
        try:
            answer = self.call(kind.register)
        except BusError as error:
            return error.name, error.message
        if kind is TOTP:
            content(answer[1])
        return None


class CodeCase(BusCase):
    CONFIG = CONFIG.replace("[RelyingParty]", f"Allow=user:{ISSUER} user.passkey.write org:*\n[RelyingParty]")

    def bearer(self, person, code):
        return Bearer(self.caller(INSTALLER), person, code)


class Enrolling(CodeCase):
    def test_a_stranger_with_a_code_enrols_one_factor_of_its_kind(self):
        for person in (self.someone(), Person(self.root, USER)):
            for kind in KINDS:
                bearer = self.bearer(person, make(person, kind=kind.word))
                bearer.verify(bearer.register(kind))
                self.assertEqual(len(person.list(kind)[0]), 1)
                self.assertEqual(bearer.refusal(kind), SAME_ANSWER)

    def test_without_the_code_the_same_stranger_is_denied(self):
        person = self.someone()
        code = make(person)
        with self.refused("AUTH-AWfge"):
            Person(self.caller(INSTALLER), person.user_id, "acme").register(PASSKEY)
        pending = self.bearer(person, code).register(PASSKEY)
        with self.refused("AUTH-AWfge"):
            Person(self.caller(INSTALLER), person.user_id, "acme").verify(pending)
        for method, signature, arguments in (("ListPasskeys", "", ()), ("RemovePasskey", "s", (pending.id,))):
            with self.refused("AUTH-AWfge"):
                self.bearer(person, code).call(method, signature, *arguments)

    def test_the_code_may_come_through_a_pipe_and_as_people_type_it(self):
        person = self.someone()
        code_id, code = make(person)
        for typed in (code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
            for carry in (filled_pipe, sealed_memfd):
                self.bearer(person, (code_id, typed)).register(PASSKEY, carry=carry)

    def test_a_failed_ceremony_uses_nothing_up(self):
        person = self.someone()
        bearer = self.bearer(person, make(person))
        pending = bearer.register(PASSKEY)
        for _ in range(10):
            with self.refused("WEBAU-3Vb9s"):
                bearer.verify(pending, credential(pending.asks, origin="https://evil.example"))
        bearer.verify(pending)

    def test_what_was_begun_with_a_code_is_completed_with_the_same(self):
        person = self.someone()
        bearer, other = (self.bearer(person, make(person)) for _ in range(2))
        pending = bearer.register(PASSKEY)
        for who in (person, other):
            with self.refused("COMMAND-Eeb2a"):
                who.verify(pending)
        bearer.verify(pending)
        pending = person.register(PASSKEY)
        with self.refused("COMMAND-Eeb2a"):
            other.verify(pending)
        person.verify(pending)
        self.assertIsNone(other.refusal())

    def test_only_the_permission_makes_codes_and_being_the_user_is_not_enough(self):
        with self.refused("AUTH-AWfge"):
            make(Person(self.caller(USER)))
        with self.refused("AUTH-AWfge"):
            make(Person(self.caller(INSTALLER), self.someone().user_id, "acme"))
        make(Person(self.caller(ISSUER), self.someone().user_id, "acme"))
        make(Person(self.caller(ISSUER), USER))
        with self.refused("COMMAND-M9dsd"):
            make(Person(self.caller(ISSUER), "nobody-of-that-name", "acme"))

    def test_lifetime_and_kind_have_their_bounds(self):
        person = self.someone()
        for asked in ({"lifetime": t(59)}, {"lifetime": t(86401)}, {"lifetime": variant("u", 60)}, {"kind": "sms"},
                      {"kind": "recovery-codes"}):
            with self.subTest(asked), self.refused("FACTORD-Arg1"):
                make(person, **asked)
        for asked in ({"lifetime": t(60)}, {"lifetime": t(86400)}):
            make(person, **asked)

    def test_a_user_has_eight_open_codes(self):
        person = self.someone()
        for _ in range(8):
            make(person)
        with self.refused("FACTORD-Quo1") as caught:
            make(person)
        self.assertIn("RegistrationCodesPerUser=8", caught.exception.message)

    def test_no_code_is_in_the_log_or_in_the_store(self):
        person = self.someone()
        code_id, code = make(person)
        self.bearer(person, (code_id, code)).register(PASSKEY)
        stored = b"".join(path.read_bytes() for path in self.daemon.state_dir.rglob("*") if path.is_file())
        for form in (code, code.replace("-", ""), code_id):
            self.assertNotIn(form, self.daemon.stderr)
            self.assertNotIn(form.encode(), stored)


class LearningNothing(CodeCase):
    def test_whatever_is_wrong_the_answer_is_the_same(self):
        person, other = self.someone(), self.someone()
        good = make(person)
        used = make(person)
        bearer = self.bearer(person, used)
        bearer.verify(bearer.register(PASSKEY))
        dead = make(person)
        for _ in range(5):
            self.bearer(person, (dead[0], WRONG)).refusal()
        nobody = Person(self.root, "nobody-of-that-name", "acme")
        account = Person(self.root, "no-such-account")
        elsewhere = Person(self.root, person.user_id, "no-such-org")
        for what, whom, code, kind in (
                ("wrong", person, (good[0], WRONG), PASSKEY), ("no code", person, (good[0], "x" * 4096), PASSKEY),
                ("empty", person, (good[0], ""), PASSKEY), ("unknown", person, ("unknown", good[1]), PASSKEY),
                ("used up", person, used, PASSKEY), ("dead", person, dead, PASSKEY),
                ("another kind", person, good, U2F), ("another kind", person, good, TOTP),
                ("another user", other, good, PASSKEY), ("nobody", nobody, good, PASSKEY),
                ("no account", account, good, PASSKEY), ("another organization", elsewhere, good, PASSKEY),
                ("root", Person(self.root, USER), good, PASSKEY)):
            with self.subTest(what):
                self.assertEqual(self.bearer(whom, code).refusal(kind), SAME_ANSWER)
        self.assertIsNone(self.bearer(person, good).refusal())

    def test_who_makes_codes_is_told_what_has_become_of_one(self):
        person = self.someone()
        dead = make(person)
        for _ in range(5):
            self.bearer(person, (dead[0], WRONG)).refusal()
        told = Bearer(self.caller(ISSUER), person, dead).refusal()
        self.assertEqual(told, (SAME_ANSWER[0], "Code was tried too often (COMMAND-Eeb2a)"))
        self.assertEqual(Bearer(self.caller(ISSUER), person, (dead[0], WRONG)).refusal(), SAME_ANSWER)
        self.assertEqual(self.bearer(person, dead).refusal(), SAME_ANSWER)

    def test_a_flood_of_unknown_ids_writes_nothing(self):
        person = self.someone()
        make(person)
        self.root.call(FACTORS, "ListPasskeys", "sa{sv}", person.user_id, options(org="acme"))
        before = self.files()
        for _ in range(2):
            # The bus lets 128 calls of a connection wait for their answers
            started = [self.bearer(person, (f"unknown-{i}", WRONG)).start("RegisterPasskey") for i in range(100)]
            for call in started:
                with self.refused("COMMAND-Eeb2a"):
                    self.caller(INSTALLER).finish(call)
        self.assertEqual(self.files(), before)

    def files(self):
        return {path.name: path.read_bytes() for path in self.daemon.state_dir.iterdir()
                if path.is_file() and not path.name.endswith("-shm")}

    def test_half_of_it_is_not_enough(self):
        person = self.someone()
        code_id, code = make(person)
        stranger = Person(self.caller(INSTALLER), person.user_id, "acme")
        for id_ in (code_id, "unknown"):
            with self.refused("AUTH-AWfge"):
                stranger.register(PASSKEY, code_id=id_)
            with self.refused("FACTORD-Arg1"):
                person.register(PASSKEY, code_id=id_)
        fd = sealed_memfd(code.encode())
        given = options(org="acme", code_fd=variant("h", 0))
        with self.refused("AUTH-AWfge"):
            self.caller(INSTALLER).call(FACTORS, "RegisterPasskey", "sa{sv}", person.user_id, given, fds=[fd])
        with self.refused("FACTORD-Arg1"):
            self.root.call(FACTORS, "RegisterPasskey", "sa{sv}", person.user_id, given, fds=[fd])
        os.close(fd)


class ManyAtOnce(CodeCase):
    def test_a_hundred_wrong_codes_at_once_leave_no_sixth_try(self):
        person = self.someone()
        code_id, code = make(person)
        bearer = self.bearer(person, (code_id, WRONG))
        calls = [bearer.start("RegisterPasskey") for _ in range(60)]
        late = self.bearer(person, (code_id, code))
        self.assertEqual(late.refusal(), SAME_ANSWER)
        for call in calls:
            with self.refused("COMMAND-Eeb2a"):
                bearer.caller.finish(call)
        self.assertEqual(Bearer(self.caller(ISSUER), person, (code_id, code)).refusal()[1],
                         "Code was tried too often (COMMAND-Eeb2a)")

    def test_of_many_verifications_with_one_code_one_succeeds(self):
        person = self.someone()
        bearer = self.bearer(person, make(person))
        pending = bearer.register(PASSKEY)
        verification = bearer.verification(pending)
        outcomes = collections.Counter()
        for call in [bearer.start(*verification) for _ in range(50)]:
            try:
                bearer.caller.finish(call)
                outcomes[""] += 1
            except BusError as error:
                outcomes[error.id] += 1
        self.assertEqual(outcomes, {"": 1, "COMMAND-Eeb2a": 49})
        self.assertEqual(len(person.list(PASSKEY)[0]), 1)


class OverRestarts(CodeCase):
    def restart(self, how):
        how()
        self.daemon.start()

    def test_wrong_ones_count_over_restarts_and_kills(self):
        person = self.someone()
        code_id, code = make(person)
        for how in (self.daemon.kill, self.daemon.stop, self.daemon.kill, self.daemon.kill):
            self.assertEqual(self.bearer(person, (code_id, WRONG)).refusal(), SAME_ANSWER)
            self.restart(how)
        self.assertIsNone(self.bearer(person, (code_id, code)).refusal())
        self.assertEqual(self.bearer(person, (code_id, WRONG)).refusal(), SAME_ANSWER)
        self.restart(self.daemon.kill)
        self.assertEqual(self.bearer(person, (code_id, code)).refusal(), SAME_ANSWER)

    def test_a_code_and_its_registration_outlive_a_kill_and_a_used_one_stays_used(self):
        for how in (self.daemon.kill, self.daemon.stop):
            person = self.someone()
            bearer = self.bearer(person, make(person))
            self.restart(how)
            pending = bearer.register(PASSKEY)
            self.restart(how)
            bearer.verify(pending)
            self.restart(how)
            self.assertEqual(bearer.refusal(), SAME_ANSWER)
            self.assertEqual(len(person.list(PASSKEY)[0]), 1)


class WithPolkit(AskingPolkit, CodeCase):
    def test_nobody_is_asked_for_a_password_where_a_code_is_given(self):
        person = Person(self.root, USER)
        code = make(person)
        with Caller(self.bus, USER) as caller, Agent(self.bus, caller, "dismiss") as agent:
            bearer = Bearer(caller, person, code)
            bearer.call(PASSKEY.register, interactive=True)
            with self.refused("COMMAND-Eeb2a"):
                Bearer(caller, person, (code[0], WRONG)).call(PASSKEY.register, interactive=True)
            with self.refused("AUTH-AWfge"):
                caller.call(FACTORS, "RegisterPasskey", "sa{sv}", "", {}, interactive=True)
            # The first question that there was is the last call's
            self.assertEqual(agent.next("begin")["action"], "org.factord1.self.write")

    def test_without_polkitd_a_code_is_still_good(self):
        person = self.someone()
        code = make(person)
        self.polkit.kill()
        try:
            self.assertIsNone(self.bearer(person, code).refusal())
            self.assertEqual(self.bearer(person, (code[0], WRONG)).refusal(), SAME_ANSWER)
        finally:
            self.polkit.start()


if __name__ == "__main__":
    unittest.main()
