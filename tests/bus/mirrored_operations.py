# SPDX-License-Identifier: Apache-2.0
"""The mirrored operations from end to end: every answer and every refusal that docs/differences.md does not except,
and those that it does."""
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError, Caller, options  # noqa: E402
from enrolment import (CONFIG, KINDS, PASSKEY, TOTP, U2F, Person, credential, totp_code,  # noqa: E402
                       without_exclusions, wrong_code)
from private_bus import FACTORD, Factord, PrivateBus, skip_unless_possible  # noqa: E402

WEBAUTHN = (PASSKEY, U2F)
ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "RS256", "PS256")
FORMATS = ("none", "packed", "packed-x5c", "tpm", "android-key", "apple", "compound")  # fido-u2f is for U2F
NO_SUCH_ID = "a" * 26
NOT_PENDING = {PASSKEY: "WEBAU-5M9so", U2F: "WEBAU-5M9so", TOTP: "COMMAND-3Mif9s"}
NOT_THERE = {PASSKEY: "COMMAND-DAfb2", U2F: "COMMAND-DAfb2", TOTP: "COMMAND-Hd9sd"}
WRONG_ANSWER = {PASSKEY: "WEBAU-3Vb9s", U2F: "WEBAU-3Vb9s", TOTP: "EVENT-8isk2"}
UNREADABLE = "{" + "x" * 60


class KindCase(BusCase):
    def each_kind(self, kinds=KINDS):
        for kind in kinds:
            with self.subTest(kind=kind.word):
                yield kind

    def wrong_answer(self, pending):
        return (wrong_code(pending.asks) if pending.kind is TOTP
                else credential(pending.asks, "--tamper", "challenge"))


class DetailsOfTheAnswers(KindCase):
    def test_sequence_counts_every_event_of_a_user_over_all_kinds_from_1_without_gaps(self):
        user = self.someone()  # adding the user was event 1
        seen = [user.sequence()]
        for kind in KINDS:
            pending = user.register(kind)
            seen += [pending.details["sequence"], user.verify(pending)["sequence"]]
        for kind in KINDS:
            seen.append(user.call("RenameFactor", "ss", user.list(kind)[0][0]["id"], "New")[0]["sequence"])
        for kind in KINDS:
            seen.append(user.remove(kind, user.list(kind)[0][0]["id"])["sequence"])
        self.assertEqual(seen, list(range(1, 14)))

    def test_a_unix_user_starts_from_1_with_the_first_registration(self):
        alice = Person(self.caller("factord-test-a"))
        self.assertEqual(alice.sequence(), 0)
        self.assertEqual(alice.register(PASSKEY).details["sequence"], 1)

    def test_resource_owner_is_the_users_organization(self):
        self.assertEqual(self.someone("acme").register(TOTP).details["resourceOwner"], "acme")
        bob = Person(self.caller("factord-test-b"))
        self.assertEqual(bob.register(TOTP).details["resourceOwner"], "local")
        self.assertEqual(bob.list(TOTP)[1]["resourceOwner"], "local")

    def test_change_date_is_the_time_of_the_event_and_what_the_list_shows(self):
        for kind in self.each_kind():
            user = self.someone()
            before = time.time_ns() // 1000
            pending = user.register(kind)
            between = time.time_ns() // 1000
            self.assertTrue(before <= pending.details["changeDate"] <= between)
            self.assertEqual(user.all_factors()[pending.id]["changeDate"], pending.details["changeDate"])
            verified = user.verify(pending)
            self.assertTrue(between <= verified["changeDate"] <= time.time_ns() // 1000)
            self.assertEqual(user.all_factors()[pending.id]["changeDate"], verified["changeDate"])
            self.assertEqual(user.list(kind)[1]["changeDate"], verified["changeDate"])
            renamed = user.call("RenameFactor", "ss", pending.id, "Other")[0]
            self.assertEqual(user.all_factors()[pending.id]["changeDate"], renamed["changeDate"])

    def test_creation_date_is_the_time_of_the_objects_first_event(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            pending = user.register(kind)
            created = pending.details["creationDate"]
            self.assertEqual(created, pending.details["changeDate"])
            self.assertEqual(user.verify(pending)["creationDate"], created)
            self.assertEqual(user.list(kind)[0][0]["creationDate"], created)
            self.assertEqual(user.call("RenameFactor", "ss", pending.id, "Other")[0]["creationDate"], created)
            self.assertEqual(user.remove(kind, pending.id)["creationDate"], created)

    def test_totp_leaves_creation_date_out_on_verify_and_remove_alone(self):
        user = self.someone()
        pending = user.register(TOTP)
        created = pending.details["creationDate"]
        self.assertEqual(set(user.verify(pending)), {"sequence", "changeDate", "resourceOwner"})
        self.assertEqual(user.list(TOTP)[0][0]["creationDate"], created)
        self.assertEqual(set(user.remove(TOTP, pending.id)), {"sequence", "changeDate", "resourceOwner"})

    def test_answers_hold_the_details_and_nothing_else(self):
        user = self.someone()
        names = {"sequence", "changeDate", "creationDate", "resourceOwner"}
        for kind in self.each_kind(WEBAUTHN):
            pending = user.register(kind)
            self.assertEqual(set(pending.details), names)
            self.assertEqual(set(user.verify(pending)), names)
            self.assertEqual(set(user.list(kind)[1]), names | {"totalResult"})
            self.assertEqual(set(user.remove(kind, pending.id)), names)

    def test_failed_calls_add_no_event(self):
        user = self.someone()
        ready = {kind: user.enrol(kind) for kind in KINDS}
        pending = {kind: user.register(kind) for kind in KINDS}
        failing = []
        for kind in KINDS:
            failing += [user.verification(pending[kind], answer=self.wrong_answer(pending[kind])),
                        user.verification(pending[kind], factor_id=NO_SUCH_ID),
                        user.verification(pending[kind], factor_id=ready[kind]),
                        (kind.remove, "s", NO_SUCH_ID), (kind.remove, "s", ""), (kind.remove, "s", "x" * 201)]
        failing += [("RenameFactor", "ss", NO_SUCH_ID, "Name"), ("RenameFactor", "ss", ready[PASSKEY], ""),
                    user.verification(pending[PASSKEY], answer=UNREADABLE)]
        before, factors = user.sequence(), user.all_factors()
        for call in failing:
            with self.subTest(call=call[0]), self.assertRaises(BusError):
                user.call(*call)
        self.assertEqual(user.sequence(), before)
        self.assertEqual(user.all_factors(), factors)


class Removing(KindCase):
    def test_a_ready_factor_is_gone_after_its_removal(self):
        for kind in self.each_kind():
            user = self.someone()
            first, second = user.enrol(kind), user.enrol(kind)
            user.remove(kind, first)
            self.assertEqual([item["id"] for item in user.list(kind, state="any")[0]], [second])

    def test_a_pending_registration_can_be_removed(self):
        for kind in self.each_kind():
            user = self.someone()
            pending = user.register(kind)
            self.assertEqual(user.remove(kind, pending.id)["sequence"], pending.details["sequence"] + 1)
            with self.refused(NOT_PENDING[kind]):
                user.verify(pending)

    def test_what_was_never_registered_is_not_found(self):
        for kind in self.each_kind():
            with self.refused(NOT_THERE[kind]):
                self.someone().remove(kind, NO_SUCH_ID)

    def test_the_second_removal_is_not_found(self):
        for kind in self.each_kind():
            user = self.someone()
            factor_id = user.enrol(kind)
            sequence = user.remove(kind, factor_id)["sequence"]
            with self.refused(NOT_THERE[kind]):
                user.remove(kind, factor_id)
            self.assertEqual(user.sequence(), sequence)

    def test_of_two_parallel_removals_exactly_one_succeeds(self):
        for kind in self.each_kind():
            user = self.someone()
            for state in ("ready", "pending"):
                factor_id = user.enrol(kind) if state == "ready" else user.register(kind).id
                before = user.sequence()
                calls = [user.start(kind.remove, "s", factor_id) for _ in range(2)]
                outcomes = [self.outcome(call) for call in calls]
                self.assertEqual(sorted(outcomes), sorted(["removed", NOT_THERE[kind]]))
                self.assertEqual(user.sequence(), before + 1)

    def test_a_factor_of_somebody_else_is_not_found(self):
        for kind in self.each_kind():
            owner, other = self.someone(), self.someone()
            factor_id = owner.enrol(kind)
            with self.refused(NOT_THERE[kind]):
                other.remove(kind, factor_id)
            self.assertIn(factor_id, owner.all_factors())

    def test_kinds_do_not_mix(self):
        user = self.someone()
        ids = {kind: user.enrol(kind) for kind in KINDS}
        for kind in KINDS:
            for other in KINDS:
                if kind is not other:
                    with self.subTest(method=kind.remove, id_of=other.word), self.refused(NOT_THERE[kind]):
                        user.remove(kind, ids[other])
        self.assertEqual(set(user.all_factors()), set(ids.values()))

    def test_ids_are_dead_after_removal(self):
        for kind in self.each_kind():
            user = self.someone()
            pending = user.register(kind)
            answer = user.answer(pending)
            user.verify(pending, answer)
            user.remove(kind, pending.id)
            with self.refused(NOT_PENDING[kind]):
                user.verify(pending, answer)
            with self.refused("COMMAND-DAfb2"):
                user.call("RenameFactor", "ss", pending.id, "Name")
            self.assertNotIn(pending.id, user.all_factors())

    def test_the_last_factor_can_be_removed(self):
        for kind in self.each_kind():
            user = self.someone()
            user.remove(kind, user.enrol(kind))
            self.assertEqual(user.all_factors(), {})

    def test_remove_my_passkey_removes_the_callers_own_and_only_a_passkey(self):
        caller = self.caller("factord-test-c")
        me = Person(caller)
        passkey, u2f = me.enrol(PASSKEY), me.enrol(U2F)
        pending = me.register(PASSKEY)
        somebodys = self.someone().enrol(PASSKEY)
        remove = lambda factor_id: caller.call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, {})[0]
        created = me.all_factors()[passkey]["creationDate"]
        before = me.sequence()
        details = remove(passkey)
        self.assertEqual((details["sequence"], details["creationDate"], details["resourceOwner"]),
                         (before + 1, created, "local"))
        self.assertEqual(remove(pending.id)["sequence"], before + 2)
        for missing in (passkey, pending.id, u2f, somebodys, NO_SUCH_ID):
            with self.refused("COMMAND-DAfb2"):
                remove(missing)
        for bad in ("", "x" * 201):
            with self.refused("FACTORD-Arg1"):
                remove(bad)
        self.assertEqual(me.sequence(), before + 2)

    def outcome(self, call):
        try:
            self.root.finish(call)
            return "removed"
        except BusError as error:
            return error.id


class VerifyingARegistration(KindCase):
    def test_a_verified_factor_is_ready_and_has_its_name(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            pending = user.register(kind)
            self.assertEqual(user.all_factors()[pending.id]["name"], "")
            self.assertEqual(user.all_factors()[pending.id]["state"], "not-ready")
            user.verify(pending, name="Blue key 🔑")
            item = user.list(kind)[0][0]
            self.assertEqual((item["id"], item["name"], item["state"], item["kind"]),
                             (pending.id, "Blue key 🔑", "ready", kind.word))

    def test_every_attestation_format_and_algorithm_that_is_offered_is_taken(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            for arguments in ([["--algorithm", name] for name in ALGORITHMS] +
                              [["--format", name] for name in FORMATS]):
                pending = user.register(kind)
                user.verify(pending, credential(pending.asks, *arguments))
        user = self.someone()
        pending = user.register(U2F)
        user.verify(pending, credential(pending.asks, "--format", "fido-u2f"))

    def test_nothing_started_is_not_found_whatever_the_credential_is(self):
        user = self.someone()
        for kind in self.each_kind():
            with self.refused(NOT_PENDING[kind]):
                user.call(kind.verify, *(["ss", NO_SUCH_ID, "123456"] if kind is TOTP
                                         else ["sss", NO_SUCH_ID, UNREADABLE, "Name"]))

    def test_the_second_verification_is_refused(self):
        for kind in self.each_kind():
            user = self.someone()
            pending = user.register(kind)
            answer = user.answer(pending)
            sequence = user.verify(pending, answer)["sequence"]
            with self.refused("COMMAND-qx4ls" if kind is TOTP else "WEBAU-5M9so"):
                user.verify(pending, answer)
            self.assertEqual(user.sequence(), sequence)

    def test_of_two_parallel_verifications_exactly_one_succeeds(self):
        for kind in self.each_kind():
            user = self.someone()
            pending = user.register(kind)
            call = user.verification(pending)
            calls = [user.start(*call) for _ in range(2)]
            errors = []
            for started in calls:
                try:
                    self.root.finish(started)
                except BusError as error:
                    errors.append(error.id)
            self.assertEqual(errors, ["COMMAND-qx4ls" if kind is TOTP else "WEBAU-5M9so"])
            self.assertEqual(user.sequence(), pending.details["sequence"] + 1)

    def test_the_id_must_be_the_pending_one(self):
        for kind in self.each_kind():
            user, other = self.someone(), self.someone()
            pending, foreign = user.register(kind), other.register(kind)
            for factor_id in (NO_SUCH_ID, foreign.id):
                with self.refused(NOT_PENDING[kind]):
                    user.verify(pending, factor_id=factor_id)
            user.verify(pending)  # and is still pending

    def test_kinds_do_not_mix(self):
        user = self.someone()
        pending = {kind: user.register(kind) for kind in KINDS}
        for kind in KINDS:
            for other in KINDS:
                if kind is not other:
                    with self.subTest(method=kind.verify, id_of=other.word), self.refused(NOT_PENDING[kind]):
                        user.verify(pending[kind], factor_id=pending[other].id)

    def test_a_new_registration_replaces_the_pending_one_and_the_old_id_is_dead(self):
        for kind in self.each_kind():
            user = self.someone()
            ready = user.enrol(kind)
            old = user.register(kind)
            old_answer = user.answer(old)
            new = user.register(kind)
            self.assertEqual(new.details["sequence"], old.details["sequence"] + 1)
            self.assertEqual(set(user.all_factors()), {ready, new.id})
            with self.refused(NOT_PENDING[kind]):
                user.verify(old, old_answer)
            with self.refused(NOT_THERE[kind]):
                user.remove(kind, old.id)
            user.verify(new)

    def test_the_answer_to_a_replaced_challenge_is_refused(self):
        for kind in self.each_kind():
            user = self.someone()
            old_answer = user.answer(user.register(kind))
            new = user.register(kind)
            with self.refused(WRONG_ANSWER[kind]):
                user.verify(new, old_answer)

    def test_pending_registrations_of_different_kinds_stand_side_by_side(self):
        user = self.someone()
        pending = [user.register(kind) for kind in KINDS]
        for each in pending:
            user.verify(each)

    def test_a_wrong_answer_leaves_the_registration_pending(self):
        for kind in self.each_kind():
            user = self.someone()
            pending = user.register(kind)
            for _ in range(3):
                with self.refused(WRONG_ANSWER[kind]):
                    user.verify(pending, self.wrong_answer(pending))
            self.assertEqual(user.verify(pending)["sequence"], pending.details["sequence"] + 1)

    def test_a_credential_that_cannot_be_read_has_an_error_of_its_own(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            pending = user.register(kind)
            duplicate = '{"id":"AAAA",' + user.answer(pending).lstrip()[1:]
            for unreadable in (UNREADABLE, "[" * 60, "[" * 200_000, "null" + " " * 60, json.dumps({"id": "x" * 60}),
                               duplicate):
                with self.refused("WEBAU-sEr8c"):
                    user.verify(pending, unreadable)
            user.verify(pending)

    def test_every_part_of_the_ceremony_is_checked(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            pending = user.register(kind)
            for arguments in (["--tamper", "challenge"], ["--tamper", "origin"], ["--tamper", "rp-id"],
                              ["--tamper", "signature", "--format", "packed"]):
                with self.subTest(arguments), self.refused("WEBAU-3Vb9s"):
                    user.verify(pending, credential(pending.asks, *arguments))
            with self.refused("WEBAU-3Vb9s"):
                user.verify(pending, credential(pending.asks, origin="http://example.org"))

    def test_a_passkey_needs_user_verification_and_u2f_does_not(self):
        user = self.someone()
        pending = user.register(PASSKEY)
        with self.refused("WEBAU-3Vb9s"):
            user.verify(pending, credential(pending.asks, "--no-uv"))
        pending = user.register(U2F)
        user.verify(pending, credential(pending.asks, "--no-uv"))

    def test_a_credential_is_registered_once_for_a_user(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            first = user.register(kind)
            known = json.loads(answer := user.answer(first))["id"]
            user.verify(first, answer)
            for second_kind in WEBAUTHN:
                second = user.register(second_kind)
                again = credential(without_exclusions(second.asks), "--credential-id", known)
                with self.refused("FACTORD-Cred1"):
                    user.verify(second, again)

    def test_that_somebody_else_has_a_credential_is_not_told(self):
        for kind in self.each_kind(WEBAUTHN):
            owner, thief = self.someone(), self.someone()
            first = owner.register(kind)
            known = json.loads(answer := owner.answer(first))["id"]
            owner.verify(first, answer)
            for org in ("acme", "globex"):
                thief = self.someone(org)
                pending = thief.register(kind)
                with self.refused("WEBAU-3Vb9s"):
                    thief.verify(pending, credential(pending.asks, "--credential-id", known))

    def test_a_credential_is_free_again_after_its_removal(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            first = user.register(kind)
            known = json.loads(answer := user.answer(first))["id"]
            user.verify(first, answer)
            user.remove(kind, first.id)
            second = user.register(kind)
            user.verify(second, credential(second.asks, "--credential-id", known))


class StartingARegistration(KindCase):
    def test_a_ready_factor_does_not_stand_in_the_way_of_another(self):
        for kind in self.each_kind():
            user = self.someone()
            ids = {user.enrol(kind) for _ in range(3)}
            self.assertEqual({item["id"] for item in user.list(kind)[0]}, ids)

    def test_creation_options_are_what_a_browser_needs(self):
        user = self.someone()
        for kind in self.each_kind(WEBAUTHN):
            asked = json.loads(user.register(kind, authenticator="cross-platform").asks)
            self.assertEqual(asked["rp"]["id"], "example.org")
            self.assertEqual(asked["user"]["name"], user.user_id)
            self.assertEqual([entry["alg"] for entry in asked["pubKeyCredParams"]], [-7, -8, -35, -36, -257, -37])
            self.assertEqual(asked["authenticatorSelection"]["authenticatorAttachment"], "cross-platform")
            self.assertEqual(asked["authenticatorSelection"]["userVerification"],
                             "required" if kind is PASSKEY else "discouraged")
            self.assertEqual(asked["attestation"], "none")
            self.assertEqual(asked["timeout"], 300_000)

    def test_challenges_and_ids_never_come_twice_and_the_user_handle_stays(self):
        user = self.someone()
        seen = [user.register(kind) for kind in WEBAUTHN * 5]
        asked = [json.loads(pending.asks) for pending in seen]
        self.assertEqual(len({pending.id for pending in seen}), 10)
        self.assertEqual(len({options_["challenge"] for options_ in asked}), 10)
        self.assertEqual(len({options_["user"]["id"] for options_ in asked}), 1)
        for pending in seen:
            self.assertRegex(pending.id, r"\A[a-z2-7]{26}\Z")

    def test_known_credentials_of_the_same_domain_are_excluded(self):
        user = self.someone()
        known = set()
        for kind in WEBAUTHN:
            pending = user.register(kind)
            known.add(json.loads(answer := user.answer(pending))["id"])
            user.verify(pending, answer)
        user.register(U2F)  # a pending one has no credential yet
        excluded = lambda **asked: {entry["id"] for entry in
                                    json.loads(user.register(PASSKEY, **asked).asks)["excludeCredentials"]}
        self.assertEqual(excluded(), known)
        self.assertEqual(excluded(domain="other.example"), set())

    def test_only_allowed_domains_can_be_asked_for(self):
        user = self.someone()
        for kind in self.each_kind(WEBAUTHN):
            pending = user.register(kind, domain="other.example")
            self.assertEqual(json.loads(pending.asks)["rp"]["id"], "other.example")
            with self.refused("WEBAU-3Vb9s"):
                user.verify(pending, credential(pending.asks))
            user.verify(pending, credential(pending.asks, origin="https://other.example"))
            self.assertEqual(user.list(kind)[0][0]["domain"], "other.example")
            with self.refused("FACTORD-Arg1"):
                user.register(kind, domain="evil.example")

    def test_an_unknown_word_for_the_authenticator_is_refused(self):
        for kind in self.each_kind(WEBAUTHN):
            with self.refused("FACTORD-Arg1"):
                self.someone().register(kind, authenticator="roaming")


class UnknownUsers(KindCase):
    def setUp(self):
        self.nobody = [Person(self.root, "nobody-of-that-name", org) for org in (None, "acme", "no-such-org")]
        self.someone("acme")

    def test_registration_answers_that_there_is_no_such_user(self):
        for nobody in self.nobody:
            for kind in self.each_kind():
                with self.refused("COMMAND-M9dsd"):
                    nobody.register(kind)

    def test_verification_answers_as_the_mirrored_operation_does(self):
        for nobody in self.nobody:
            for kind in self.each_kind():
                with self.refused("COMMAND-3Mif9s" if kind is TOTP else "COMMAND-M9dsd"):
                    nobody.call(kind.verify, *(["ss", NO_SUCH_ID, "123456"] if kind is TOTP
                                               else ["sss", NO_SUCH_ID, UNREADABLE, "Name"]))

    def test_removal_and_renaming_find_no_factor(self):
        for nobody in self.nobody:
            for kind in self.each_kind():
                with self.refused(NOT_THERE[kind]):
                    nobody.remove(kind, NO_SUCH_ID)
            with self.refused("COMMAND-DAfb2"):
                nobody.call("RenameFactor", "ss", NO_SUCH_ID, "Name")

    def test_lists_are_empty(self):
        for nobody in self.nobody:
            for method in ("ListPasskeys", "ListU2F", "ListTOTP", "ListAuthenticationFactors",
                           "ListAuthenticationMethodTypes"):
                items, details = nobody.call(method)
                self.assertEqual(items, [])
                self.assertEqual(details, {"sequence": 0, "changeDate": 0, "creationDate": 0, "totalResult": 0,
                                           "resourceOwner": nobody.org.get("org", "local")})


class Lists(KindCase):
    def setUp(self):
        self.user = self.someone()
        self.ready = {kind: self.user.enrol(kind) for kind in KINDS}
        self.pending = {kind: self.user.register(kind).id for kind in KINDS}

    def ids(self, kind, **asked):
        items, details = self.user.list(kind, **asked)
        self.assertEqual(details["totalResult"], len(items))
        return {item["id"] for item in items}

    def test_a_list_of_one_kind_holds_the_ready_ones_unless_asked_otherwise(self):
        for kind in self.each_kind():
            self.assertEqual(self.ids(kind), {self.ready[kind]})
            self.assertEqual(self.ids(kind, state="ready"), {self.ready[kind]})
            self.assertEqual(self.ids(kind, state="not-ready"), {self.pending[kind]})
            self.assertEqual(self.ids(kind, state="any"), {self.ready[kind], self.pending[kind]})
            self.assertEqual(self.ids(kind, state="suspended"), set())
            self.assertEqual(self.ids(kind, state="quarantined"), set())

    def test_all_factors_can_be_filtered_by_states_and_kinds(self):
        def ids(**asked):
            items, _ = self.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", self.user.user_id,
                                      options(org="acme", **asked))
            return {item["id"] for item in items}
        everything = {*self.ready.values(), *self.pending.values()}
        self.assertEqual(ids(), set(self.ready.values()))
        self.assertEqual(ids(states=["not-ready"]), set(self.pending.values()))
        self.assertEqual(ids(states=["ready", "not-ready"]), everything)
        self.assertEqual(ids(states=["any"]), everything)
        self.assertEqual(ids(kinds=["u2f", "totp"]), {self.ready[U2F], self.ready[TOTP]})
        self.assertEqual(ids(kinds=["totp"], states=["not-ready"]), {self.pending[TOTP]})

    def test_method_types_are_the_distinct_kinds_that_are_ready(self):
        def types(user, **asked):
            return self.root.call(FACTORS, "ListAuthenticationMethodTypes", "sa{sv}", user.user_id,
                                  options(org="acme", **asked))[0]
        self.user.enrol(PASSKEY)
        self.assertEqual(types(self.user), ["passkey", "totp", "u2f"])
        self.assertEqual(types(self.user, domain="other.example"), ["totp"])
        other = self.someone()
        other.register(PASSKEY)
        self.assertEqual(types(other), [])
        other.enrol(TOTP)
        self.assertEqual(types(other), ["totp"])

    def test_an_item_says_what_is_known_of_its_factor(self):
        every = {"id", "kind", "state", "name", "creationDate", "changeDate", "lastUsed", "useCount"}
        webauthn = every | {"domain", "aaguid", "algorithm", "attestation", "transports", "backupEligible", "backedUp",
                            "userVerified", "signCount", "authenticatorName"}
        for kind in self.each_kind(WEBAUTHN):
            item = self.user.list(kind)[0][0]
            self.assertEqual(set(item), webauthn)
            self.assertEqual((item["domain"], item["algorithm"], item["attestation"], item["lastUsed"],
                              item["useCount"], item["userVerified"]),
                             ("example.org", -7, "none", 0, 0, True))
        item = self.user.list(TOTP)[0][0]
        self.assertEqual(set(item), every | {"algorithm", "digits", "period", "drift", "lockedUntil"})
        self.assertEqual((item["algorithm"], item["digits"], item["period"]), ("SHA1", 6, 30))

    def test_details_of_a_list_are_those_of_the_user(self):
        details = self.user.list(PASSKEY)[1]
        self.assertEqual(details["sequence"], self.user.sequence())
        self.assertEqual(details["totalResult"], 1)

    def test_a_user_without_factors_has_empty_lists(self):
        for kind in self.each_kind():
            items, details = self.someone().list(kind)
            self.assertEqual((items, details["totalResult"], details["sequence"]), ([], 0, 1))


class Renaming(KindCase):
    def test_every_kind_can_be_renamed_and_names_need_not_differ(self):
        user = self.someone()
        for kind in self.each_kind():
            for factor_id in (user.enrol(kind), user.enrol(kind)):
                before = user.sequence()
                self.assertEqual(user.call("RenameFactor", "ss", factor_id, "Key")[0]["sequence"], before + 1)
            self.assertEqual([item["name"] for item in user.list(kind)[0]], ["Key", "Key"])

    def test_somebody_elses_factor_is_not_found(self):
        factor_id = self.someone().enrol(PASSKEY)
        with self.refused("COMMAND-DAfb2"):
            self.someone().call("RenameFactor", "ss", factor_id, "Mine now")


class Limits(KindCase):
    def test_ids_have_1_to_200_characters(self):
        user = self.someone()
        for kind in self.each_kind():
            for good in ("x", "x" * 200, "ü" * 200, "🔑" * 200):
                with self.refused(NOT_THERE[kind]):
                    user.remove(kind, good)
            for bad in ("", "x" * 201, "🔑" * 201, "x" * 100_000):
                with self.refused("FACTORD-Arg1"):
                    user.remove(kind, bad)
                with self.refused("FACTORD-Arg1"):
                    user.call(kind.verify, *(["ss", bad, "123456"] if kind is TOTP
                                             else ["sss", bad, UNREADABLE, "Name"]))

    def test_names_have_1_to_200_printable_characters(self):
        user = self.someone()
        pending = user.register(PASSKEY)
        answer = user.answer(pending)
        for bad in ("", "x" * 201, "🔑" * 201, "line\nbreak", "\x1b[2J", "right\u202eto left", "\x7f"):
            with self.refused("FACTORD-Arg1"):
                user.verify(pending, answer, name=bad) if bad else user.call(
                    "VerifyPasskeyRegistration", "sss", pending.id, answer, "")
        user.verify(pending, answer, name="🔑" * 200)
        for bad in ("", "x" * 201, "line\nbreak"):
            with self.refused("FACTORD-Arg1"):
                user.call("RenameFactor", "ss", pending.id, bad)
        user.call("RenameFactor", "ss", pending.id, "ü" * 200)
        self.assertEqual(user.list(PASSKEY)[0][0]["name"], "ü" * 200)

    def test_a_credential_has_55_to_1048576_characters(self):
        for kind in self.each_kind(WEBAUTHN):
            user = self.someone()
            pending = user.register(kind)
            for length in (0, 54, 1_048_577):
                with self.refused("FACTORD-Arg1"):
                    user.call(kind.verify, "sss", pending.id, "x" * length, "Name")
            for text in ("x" * 55, "x" * 1_048_576, "🔑" * 1_048_576):
                with self.refused("WEBAU-sEr8c"):
                    user.call(kind.verify, "sss", pending.id, text, "Name")
            answer = user.answer(pending)
            user.verify(pending, answer + " " * (1_048_576 - len(answer)))

    def test_a_code_has_1_to_200_characters(self):
        user = self.someone()
        pending = user.register(TOTP)
        for code in ("", "1" * 201):
            with self.refused("FACTORD-Arg1"):
                user.call("VerifyTOTPRegistration", "ss", pending.id, code)
        for code in ("1", "1" * 200, "wrong!", "１２３４５６"):
            with self.refused("EVENT-8isk2"):
                user.call("VerifyTOTPRegistration", "ss", pending.id, code)

    def test_unknown_options_and_wrong_types_are_refused(self):
        user = self.someone()
        ids = {kind: user.enrol(kind) for kind in KINDS}
        before = user.sequence()
        for kind in self.each_kind():
            for given in (options(nonsense="x"), options(org=True), options(org=["acme"]), options(org=""),
                          options(org="x" * 201), options(org="a:b")):
                for method, signature, arguments in ((kind.register, "", []), (kind.remove, "s", [ids[kind]]),
                                                     (kind.list, "", [])):
                    with self.refused("FACTORD-Arg1"):
                        self.root.call(FACTORS, method, f"s{signature}a{{sv}}", user.user_id, *arguments, given)
        self.assertEqual(user.sequence(), before)

    def test_a_wrong_signature_is_answered_by_the_bus_library(self):
        for signature, arguments in (("s", [""]), ("ua{sv}", [1, {}]), ("", [])):
            with self.assertRaises(BusError) as caught:
                self.root.call(FACTORS, "ListPasskeys", signature, *arguments)
            self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.InvalidArgs")

    def test_the_number_of_factors_of_a_user_is_limited(self):
        user = self.someone()
        for _ in range(32):
            user.enrol(TOTP)
        before = user.sequence()
        for kind in self.each_kind():
            with self.refused("FACTORD-Quo1") as caught:
                user.register(kind)
            self.assertIn("FactorsPerUser=32", caught.exception.message)
        self.assertEqual(user.sequence(), before)


class Expiry(KindCase):
    """With a clock of its own for the daemon: libfaketime reads the offset from a file at each look at the clock."""

    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        libraries = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        if not libraries:
            raise unittest.SkipTest("libfaketime is not installed (Debian package faketime)")
        if b"__asan_init" in FACTORD.read_bytes() or b"__tsan_init" in FACTORD.read_bytes():
            raise unittest.SkipTest("a sanitizer and libfaketime both want to be loaded first")
        cls.bus = cls.enterClassContext(PrivateBus())
        cls.offset = cls.bus.folder / "clock-offset"
        cls.advance(0)
        # The timeouts of loop and bus stay real
        env = {"LD_PRELOAD": str(libraries[0]), "FAKETIME_TIMESTAMP_FILE": str(cls.offset), "FAKETIME_NO_CACHE": "1",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        cls.daemon = cls.enterClassContext(Factord(cls.bus, config=CONFIG, env=env))
        cls.root = cls.enterClassContext(Caller(cls.bus))

    @classmethod
    def advance(cls, seconds):
        """From now on the daemon's clock is that much ahead of this one's."""
        cls.offset.write_text(f"+{seconds}s\n")

    def setUp(self):
        self.advance(0)

    def test_a_pending_registration_lives_almost_ten_minutes(self):
        for kind in self.each_kind():
            self.advance(0)
            user = self.someone()
            pending = user.register(kind)
            answer = totp_code(pending.asks, "now +540 seconds") if kind is TOTP else None
            self.advance(540)
            self.assertEqual(user.all_factors()[pending.id]["state"], "not-ready")
            user.verify(pending, answer)

    def test_after_ten_minutes_it_is_not_found_and_not_listed_and_no_event_tells_of_it(self):
        for kind in self.each_kind():
            self.advance(0)
            user = self.someone()
            pending = user.register(kind)
            self.advance(601)
            self.assertEqual(user.all_factors(), {})
            self.assertEqual(user.list(kind, state="any")[0], [])
            answer = totp_code(pending.asks, "now +601 seconds") if kind is TOTP else user.answer(pending)
            with self.refused(NOT_PENDING[kind]):
                user.verify(pending, answer)
            with self.refused(NOT_THERE[kind]):
                user.remove(kind, pending.id)
            self.assertEqual(user.sequence(), pending.details["sequence"])
            self.assertEqual(user.register(kind).details["sequence"], pending.details["sequence"] + 1)

    def test_a_verified_factor_does_not_expire(self):
        user = self.someone()
        ids = {user.enrol(kind) for kind in KINDS}
        self.advance(86400)
        self.assertEqual(set(user.all_factors()), ids)


if __name__ == "__main__":
    unittest.main()
