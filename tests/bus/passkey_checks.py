# SPDX-License-Identifier: Apache-2.0
"""StartPasskeyCheck and CheckPasskey on the bus: a software token signs, a login service and the users themselves ask
whether that is good."""
import collections
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from access import Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, CHECKS, FACTORS, BusError, Caller, options  # noqa: E402
from enrolment import CONFIG, PASSKEY, U2F, Person, Token  # noqa: E402

A, B, C, D = "factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d"
SERVICE = f"Allow=user:{B} check org:*\nAllow=user:{C} check org:globex\n"
FAILED, NOTHING, CLONED = "WEBAU-3M9si", "WEBAU-4G8sw", "WEBAU-4M90s"


class ChecksCase(BusCase):
    CONFIG = CONFIG.replace("[RelyingParty]", SERVICE + "[RelyingParty]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.service = cls.caller(B)

    def enrolled(self, kind=PASSKEY, org="acme", **asked):
        """A new user with a new token; and the factor's id."""
        person, token = self.someone(org), Token(self.folder)
        return person, token, token.enrol(person, kind, **asked)

    def begin(self, person, caller=None, **asked):
        """The challenge's id and the request options."""
        return (caller or self.service).call(CHECKS, "StartPasskeyCheck", "sa{sv}", person.user_id,
                                             options(**person.org, **asked))[:2]

    def begin_for_all(self, org, caller=None, **asked):
        return (caller or self.service).call(CHECKS, "StartPasskeyCheck", "sa{sv}", "",
                                             options(org=org, discoverable=True, **asked))[:2]

    def start(self, challenge, answer, caller=None, **asked):
        return (caller or self.service).start(CHECKS, "CheckPasskey", "ssa{sv}", challenge, answer, options(**asked))

    def check(self, challenge, answer, caller=None, **asked):
        caller = caller or self.service
        return caller.finish(self.start(challenge, answer, caller, **asked))[0]

    def log_in(self, person, token, *arguments, **asked):
        challenge, asks = self.begin(person, **asked)
        return self.check(challenge, token.sign(asks, *arguments))

    def outcomes(self, calls, caller=None):
        found = collections.Counter()
        for call in calls:
            try:
                (caller or self.service).finish(call)
                found[""] += 1
            except BusError as error:
                found[error.id] += 1
        return found

    def item(self, person, factor):
        return person.all_factors()[factor]


class LoggingIn(ChecksCase):
    def test_a_passkey_and_a_token_say_yes_for_their_own_user(self):
        for kind, arguments, proven in ((PASSKEY, (), ["possession", "user-verification"]),
                                        (PASSKEY, ("--no-uv",), ["possession"]),
                                        (U2F, ("--no-uv",), ["possession"])):
            person, token, factor = self.enrolled(kind)
            result = self.log_in(person, token, *arguments)
            details = result.pop("details")
            self.assertEqual(result, {"userId": person.user_id, "org": "acme", "factorId": factor, "kind": kind.word,
                                      "factors": proven, "userVerified": "user-verification" in proven})
            self.assertEqual((details["sequence"], details["resourceOwner"]), (4, "acme"))

    def test_each_use_is_seen_in_the_list(self):
        person, token, factor = self.enrolled()
        self.assertEqual([self.item(person, factor)[key] for key in ("lastUsed", "useCount", "signCount")], [0, 0, 0])
        for count in (1, 2, 3):
            details = self.log_in(person, token)["details"]
            item = self.item(person, factor)
            self.assertEqual([item[key] for key in ("lastUsed", "useCount", "signCount", "backedUp")],
                             [details["changeDate"], count, count, False])

    def test_what_is_asked_names_every_factor_that_can_answer(self):
        person, _, _ = self.enrolled()
        Token(self.folder).enrol(person, U2F)
        for verification, count in (("required", 1), ("preferred", 2), ("discouraged", 2)):
            asks = json.loads(self.begin(person, user_verification=verification)[1])
            self.assertEqual(set(asks), {"challenge", "timeout", "rpId", "allowCredentials", "userVerification"})
            self.assertEqual((asks["rpId"], asks["userVerification"], asks["timeout"], len(asks["challenge"])),
                             ("example.org", verification, 300000, 43))
            self.assertEqual(len(asks["allowCredentials"]), count)
            self.assertEqual({item["type"] for item in asks["allowCredentials"]}, {"public-key"})
        self.assertEqual(json.loads(self.begin(person)[1])["userVerification"], "preferred")

    def test_a_stored_appid_is_sent_along(self):
        person, token, _ = self.enrolled(U2F, appid="https://example.org/appid")
        challenge, asks = self.begin(person)
        self.assertEqual(json.loads(asks)["extensions"], {"appid": "https://example.org/appid"})
        self.check(challenge, token.sign(asks, "--no-uv"))

    def test_of_several_tokens_any_answers(self):
        person, token, factor = self.enrolled()
        another = Token(self.folder)
        second = another.enrol(person, PASSKEY)
        self.assertEqual([self.log_in(person, token)["factorId"] for token in (another, token)], [second, factor])

    def test_where_it_is_required_the_user_must_be_verified(self):
        person, token, _ = self.enrolled()
        with self.refused(FAILED):
            self.log_in(person, token, "--no-uv", user_verification="required")
        self.assertTrue(self.log_in(person, token, user_verification="required")["userVerified"])
        owner, _, _ = self.enrolled(U2F)
        with self.refused(NOTHING):
            self.begin(owner, user_verification="required")

    def test_what_is_wrong_is_told_with_one_text_and_logged(self):
        person, token, _ = self.enrolled()
        for wrong in ("challenge", "origin", "signature", "rp-id"):
            with self.subTest(wrong), self.refused(FAILED):
                self.log_in(person, token, "--tamper", wrong)
        challenge, asks = self.begin(person)
        with self.refused(FAILED):
            self.check(challenge, "x" * 60)
        with self.refused(FAILED):
            self.check(challenge, token.sign(asks))
        self.assertIn("WebAuthn step 21", self.daemon.stderr)
        self.log_in(person, token)

    def test_who_has_nothing_that_could_answer_cannot_begin(self):
        person = self.someone()
        with self.refused(NOTHING):
            self.begin(person)
        person.register(PASSKEY)
        with self.refused(NOTHING):
            self.begin(person)
        with self.refused("COMMAND-M9dsd"):
            self.begin(Person(self.root, "nobody", "acme"))

    def test_what_is_asked_for_wrongly_is_refused(self):
        person, token, _ = self.enrolled()
        for asked in ({"user_verification": "maybe"}, {"domain": "evil.example"}, {"discoverable": True},
                      {"discoverable": "yes"}, {"source": "tty1"}):
            with self.subTest(asked), self.refused("FACTORD-Arg1"):
                self.begin(person, **asked)
        with self.refused("FACTORD-Arg1"):
            self.service.call(CHECKS, "StartPasskeyCheck", "sa{sv}", "", options(org="acme"))
        challenge, asks = self.begin(person)
        with self.refused("FACTORD-Arg1"):
            self.check(challenge, token.sign(asks), source="x" * 201)
        challenge, asks = self.begin(person)
        self.check(challenge, token.sign(asks), source="sshd from elsewhere")


class OneAnswer(ChecksCase):
    def test_a_challenge_is_answered_once(self):
        person, token, factor = self.enrolled()
        challenge, asks = self.begin(person)
        answer = token.sign(asks)
        self.check(challenge, answer)
        with self.refused(FAILED):
            self.check(challenge, answer)
        with self.refused(FAILED):
            self.check(challenge, token.sign(asks))
        self.assertEqual(self.item(person, factor)["useCount"], 1)

    def test_a_wrong_answer_uses_it_up_and_so_does_one_that_is_refused_unread(self):
        person, token, _ = self.enrolled()
        for wrong, id_ in (("x" * 60, FAILED), ("x", "FACTORD-Arg1")):
            challenge, asks = self.begin(person)
            with self.refused(id_):
                self.check(challenge, wrong)
            with self.refused(FAILED):
                self.check(challenge, token.sign(asks))

    def test_of_many_answers_at_once_one_counts(self):
        person, token, factor = self.enrolled()
        challenge, asks = self.begin(person)
        answer = token.sign(asks)
        calls = [self.start(challenge, answer) for _ in range(50)]
        self.assertEqual(self.outcomes(calls), {"": 1, FAILED: 49})
        self.assertEqual(self.item(person, factor)["useCount"], 1)

    def test_a_challenge_of_another_connection_is_not_known_and_stays_good_for_its_own(self):
        person, token, _ = self.enrolled()
        challenge, asks = self.begin(person)
        answer = token.sign(asks)
        with Caller(self.bus, B) as same_uid:
            for caller in (same_uid, self.root, self.caller(D)):
                with self.refused(FAILED):
                    self.check(challenge, answer, caller)
        self.check(challenge, answer)

    def test_a_challenge_goes_with_its_connection(self):
        person, token, _ = self.enrolled()
        with Caller(self.bus, B) as leaving:
            challenge, asks = self.begin(person, leaving)
        for caller in (self.service, self.root):
            with self.refused(FAILED):
                self.check(challenge, token.sign(asks), caller)

    def test_an_answer_to_another_challenge_is_wrong(self):
        person, token, _ = self.enrolled()
        (one, asks), (other, _) = self.begin(person), self.begin(person)
        with self.refused(FAILED):
            self.check(other, token.sign(asks))
        self.check(one, token.sign(asks))

    def test_an_answer_of_another_users_token_is_wrong(self):
        (person, _, _), (_, others, _) = self.enrolled(), self.enrolled()
        with self.refused(FAILED):
            self.log_in(person, others)

    def test_what_never_was_a_challenge_is_told_as_one_that_is_over(self):
        for challenge in ("none", "a" * 26, "\u00fc"):
            with self.refused(FAILED):
                self.check(challenge, "x" * 60)


class InBetween(ChecksCase):
    def test_a_factor_that_was_removed_does_not_answer(self):
        person, token, factor = self.enrolled()
        challenge, asks = self.begin(person)
        person.remove(PASSKEY, factor)
        with self.refused(FAILED):
            self.check(challenge, token.sign(asks))

    def test_a_user_who_was_locked_is_told_so(self):
        person, token, _ = self.enrolled()
        challenge, asks = self.begin(person)
        self.root.call(ADMIN, "LockUser", "sa{sv}", person.user_id, options(**person.org))
        with self.refused("COMMAND-SF3fg"):
            self.check(challenge, token.sign(asks))
        with self.refused("COMMAND-SF3fg"):
            self.begin(person)
        self.root.call(ADMIN, "UnlockUser", "sa{sv}", person.user_id, options(**person.org))
        self.log_in(person, token)

    def test_a_user_who_was_removed_is_not_found_and_a_new_one_of_that_name_inherits_nothing(self):
        person, token, _ = self.enrolled()
        (one, asks), (other, others) = self.begin(person), self.begin(person)
        self.root.call(ADMIN, "RemoveUser", "sa{sv}", person.user_id, options(**person.org))
        with self.refused("COMMAND-M9dsd"):
            self.check(one, token.sign(asks))
        self.root.call(ADMIN, "AddUser", "sa{sv}", person.user_id, options(**person.org))
        with self.refused(FAILED):
            self.check(other, token.sign(others))

    def test_removing_and_checking_at_once_never_both_count_in_the_wrong_order(self):
        for _ in range(10):
            person, token, factor = self.enrolled()
            challenge, asks = self.begin(person)
            answer = token.sign(asks)
            removal = person.start("RemovePasskey", "s", factor)
            found = self.outcomes([self.start(challenge, answer)])
            self.root.finish(removal)
            self.assertIn(found, ({"": 1}, {FAILED: 1}))
            self.assertEqual(person.sequence(), 4 + found[""])


class Clones(ChecksCase):
    def test_a_counter_that_did_not_go_up_quarantines_the_factor_and_tells_subscribers(self):
        person, token, factor = self.enrolled()
        copy = token.clone()
        self.log_in(person, token)
        self.root.call(FACTORS, "Subscribe", "sa{sv}", person.user_id, options(**person.org))
        self.root.signals_so_far()
        with self.refused(CLONED):
            self.log_in(person, copy)
        self.assertEqual(self.root.signals(1)[0][2], (person.user_id, "acme", "passkey", factor, "quarantined"))
        self.assertEqual([self.item(person, factor)[key] for key in ("state", "signCount", "useCount")],
                         ["quarantined", 1, 1])
        self.assertEqual(person.sequence(), 5)
        with self.refused(NOTHING):
            self.begin(person)

    def test_a_wrong_signature_quarantines_nothing(self):
        person, token, factor = self.enrolled()
        copy = token.clone()
        self.log_in(person, token)
        with self.refused(FAILED):
            self.log_in(person, copy, "--tamper", "signature")
        self.assertEqual(self.item(person, factor)["state"], "ready")
        self.log_in(person, token)

    def test_of_a_token_and_its_clone_at_once_one_is_let_in(self):
        for _ in range(5):
            person, token, factor = self.enrolled()
            tokens = [token, token.clone()]
            begun = [self.begin(person) for _ in tokens]
            answers = [(challenge, token.sign(asks)) for (challenge, asks), token in zip(begun, tokens)]
            self.assertEqual(self.outcomes([self.start(*answer) for answer in answers]), {"": 1, CLONED: 1})
            self.assertEqual(self.item(person, factor)["state"], "quarantined")

    def test_the_users_other_factors_go_on(self):
        person, token, _ = self.enrolled()
        another = Token(self.folder)
        second = another.enrol(person, U2F)
        copy = token.clone()
        self.log_in(person, token)
        with self.refused(CLONED):
            self.log_in(person, copy)
        self.assertEqual(self.log_in(person, another, "--no-uv")["factorId"], second)


class Discoverable(ChecksCase):
    def test_the_answer_says_who_it_is(self):
        for _ in range(3):
            person, token, factor = self.enrolled()
            challenge, asks = self.begin_for_all("acme")
            self.assertEqual(json.loads(asks)["allowCredentials"], [])
            result = self.check(challenge, token.sign(asks))
            self.assertEqual((result["userId"], result["org"], result["factorId"]), (person.user_id, "acme", factor))

    def test_only_users_of_the_organization_are_looked_for(self):
        person, token, _ = self.enrolled(org="globex")
        for org in ("acme", "no-such-org"):
            challenge, asks = self.begin_for_all(org)
            with self.refused(FAILED):
                self.check(challenge, token.sign(asks))
        challenge, asks = self.begin_for_all("globex", self.caller(C))
        self.assertEqual(self.check(challenge, token.sign(asks), self.caller(C))["userId"], person.user_id)

    def test_unix_users_are_found_in_the_default_organization(self):
        token = Token(self.folder)
        factor = token.enrol(Person(self.root, D), PASSKEY)
        challenge, asks, details = self.service.call(CHECKS, "StartPasskeyCheck", "sa{sv}", "",
                                                     options(discoverable=True))
        self.assertEqual((details["sequence"], details["changeDate"], details["resourceOwner"]), (0, 0, "local"))
        result = self.check(challenge, token.sign(asks))
        self.assertEqual((result["userId"], result["org"], result["factorId"]), (D, "local", factor))

    def test_it_takes_the_permission_in_that_organization(self):
        with self.refused("AUTH-AWfge"):
            self.begin_for_all("acme", self.caller(C))
        for user in (A, C):  # for whom a check of themselves would be allowed
            with self.refused("AUTH-AWfge"):
                self.caller(user).call(CHECKS, "StartPasskeyCheck", "sa{sv}", "", options(discoverable=True))


class Oneself(ChecksCase):
    def test_a_user_checks_the_own_factors_without_any_permission(self):
        me, token = Person(self.caller(A), A), Token(self.folder)
        factor = token.enrol(me, PASSKEY)
        challenge, asks = self.begin(me, self.caller(A))
        result = self.check(challenge, token.sign(asks), self.caller(A), source="whatever")
        self.assertEqual((result["userId"], result["org"], result["factorId"]), (A, "local", factor))

    def test_nobody_is_checked_by_a_stranger_whether_they_are_there_or_not(self):
        person, _, _ = self.enrolled()
        for other in (person, Person(None, D), Person(None, "nobody", "acme"), Person(None, "no-such-account")):
            with self.refused("AUTH-AWfge"):
                self.begin(other, self.caller(A))
        with self.refused("AUTH-AWfge"):
            self.begin(person, self.caller(C))  # holds the permission elsewhere

    def test_no_name_is_not_oneself(self):
        with self.refused("AUTH-AWfge"):
            self.caller(A).call(CHECKS, "StartPasskeyCheck", "sa{sv}", "", {})
        with self.refused("FACTORD-Arg1"):
            self.service.call(CHECKS, "StartPasskeyCheck", "sa{sv}", "", {})


class Rights(ChecksCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=cls.CONFIG))

    def test_who_has_lost_the_permission_is_denied_and_the_challenge_is_gone(self):
        person, token, _ = self.enrolled()
        everybody = self.begin_for_all("acme")
        begun = [self.begin(person), everybody]
        self.daemon.reconfigure(CONFIG)
        for challenge, asks in begun:
            with self.refused("AUTH-AWfge"):
                self.check(challenge, token.sign(asks))
        self.daemon.reconfigure(self.CONFIG)
        for challenge, asks in begun:
            with self.refused(FAILED):
                self.check(challenge, token.sign(asks))
        self.log_in(person, token)


class Quotas(ChecksCase):
    CONFIG = ChecksCase.CONFIG + "[Limits]\nChallengesPerUid=3\n"

    def full(self, call, limit):
        with self.refused("FACTORD-Quo1") as caught:
            call()
        self.assertEqual(caught.exception.text, f"Limit ChallengesPerUid={limit} is reached")

    def test_what_one_uid_has_open_about_itself_is_limited_and_each_answer_frees_a_place(self):
        me, token = Person(self.caller(A), A), Token(self.folder)
        token.enrol(me, PASSKEY)
        with Caller(self.bus, A) as other:
            begun = [self.begin(me, caller) for caller in (self.caller(A), other, other)]
            self.full(lambda: self.begin(me, self.caller(A)), 3)
            with self.refused(FAILED):
                self.check(begun[0][0], "x" * 60, self.caller(A))
            begun[0] = self.begin(me, self.caller(A))
            self.full(lambda: self.begin(me, other), 3)
        # The other connection took its two along; the bus tells the daemon before it answers the next call
        self.begin(me, self.caller(A))
        self.begin(me, self.caller(A))
        self.full(lambda: self.begin(me, self.caller(A)), 3)

    def test_a_login_service_has_16_times_as_many_and_root_any_number(self):
        person, _, _ = self.enrolled()
        for number in range(48):
            self.begin(person) if number % 2 else self.begin_for_all("acme")
        self.full(lambda: self.begin(person), 48)
        self.full(lambda: self.begin_for_all("acme"), 48)
        for _ in range(100):
            self.begin(person, self.root)
        own = Person(self.service, B)
        Token(self.folder).enrol(own, PASSKEY)
        self.begin(own)  # about itself it has its own


if __name__ == "__main__":
    unittest.main()
