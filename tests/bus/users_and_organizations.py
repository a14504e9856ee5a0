# SPDX-License-Identifier: Apache-2.0
"""Who is a user: Unix accounts and what binds their names to their uids, and the users of other organizations."""
import contextlib
import fcntl
import json
import os
import pathlib
import pwd
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, Caller, options, u  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Person, uri_parameters  # noqa: E402
from private_bus import FACTORD, SOURCE, Factord, PrivateBus, as_user, skip_unless_possible  # noqa: E402

FORMAT_READER = SOURCE / "tests" / "support" / "format_reader.py"

# Accounts that come and go; no other test touches them
FIRST, SECOND = "factord-nss-first", "factord-nss-second"


@contextlib.contextmanager
def accounts_locked():
    """useradd and userdel fail at once where another test holds /etc/passwd; the same lock as make_test_users()."""
    with open(pathlib.Path(tempfile.gettempdir()) / "factord-test-users.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def add_account(name, *arguments):
    with accounts_locked():
        subprocess.run(["useradd", "-M", "--no-log-init", "--shell", "/usr/sbin/nologin", *arguments, name], check=True)
    return pwd.getpwnam(name).pw_uid


def remove_account(name):
    with accounts_locked():
        subprocess.run(["userdel", "--force", name], check=False, stderr=subprocess.DEVNULL)


class UsersCase(BusCase):
    def admin(self, method, user_id, **given):
        return self.root.call(ADMIN, method, "sa{sv}", user_id, options(**given))[0]

    def users(self, **given):
        return self.root.call(ADMIN, "ListUsers", "a{sv}", options(**given))

    def everything_about(self, person):
        """The calls of a person about their own factors, by name, as functions."""
        calls = {kind.remove: ("s", "no-such-id") for kind in KINDS}
        calls |= {kind.register: ("",) for kind in KINDS}
        calls |= {kind.list: ("",) for kind in KINDS}
        calls |= {"VerifyPasskeyRegistration": ("sss", "no-such-id", "x" * 60, "Name"),
                  "VerifyU2FRegistration": ("sss", "no-such-id", "x" * 60, "Name"),
                  "VerifyTOTPRegistration": ("ss", "no-such-id", "123456"), "RenameFactor": ("ss", "no-such-id", "Name"),
                  "ListAuthenticationFactors": ("",), "ListAuthenticationMethodTypes": ("",)}
        return {method: lambda method=method, call=call: person.call(method, *call) for method, call in calls.items()}

    def all_refused(self, person, id_):
        for method, call in self.everything_about(person).items():
            with self.subTest(method, user=person.user_id), self.refused(id_):
                call()


class UnixUsers(UsersCase):
    def setUp(self):
        for name in (FIRST, SECOND):
            remove_account(name)
            self.addCleanup(remove_account, name)
            self.addCleanup(self.forget, name)

    def forget(self, name):
        with contextlib.suppress(BusError):
            self.admin("RemoveUser", name)

    @contextlib.contextmanager
    def calling(self, name):
        """Ends the process of that account too: userdel minds those that still run."""
        with Caller(self.bus, name) as caller:
            yield Person(caller)

    def enrolled(self, name):
        """A new account with a passkey: its uid and the passkey's id."""
        uid = add_account(name)
        with self.calling(name) as person:
            return uid, person.enrol(PASSKEY)

    def test_an_account_is_a_user_by_existing_and_is_bound_at_first_use(self):
        uid = add_account(FIRST)
        unbound = self.admin("GetUser", FIRST)
        self.assertEqual((unbound["uid"], unbound["details"]["sequence"]), (uid, 0))
        self.assertNotIn(FIRST, [user["userId"] for user in self.users()[0]])
        with self.calling(FIRST) as person:
            self.assertEqual(person.list(PASSKEY)[0], [])  # reading binds nothing
            self.assertNotIn(FIRST, [user["userId"] for user in self.users()[0]])
            self.assertEqual(person.register(PASSKEY).details["sequence"], 1)
        bound = self.admin("GetUser", FIRST)
        self.assertEqual((bound["userId"], bound["uid"], bound["org"]), (FIRST, uid, "local"))
        self.assertIn(FIRST, [user["userId"] for user in self.users()[0]])

    def test_somebody_elses_call_by_name_binds_too(self):
        uid = add_account(FIRST)
        factor_id = Person(self.root, FIRST).enrol(U2F)
        self.assertEqual(self.admin("GetUser", FIRST)["uid"], uid)
        with self.calling(FIRST) as person:
            self.assertEqual(set(person.all_factors()), {factor_id})

    def test_a_uid_under_another_name_inherits_nothing_until_the_old_user_is_removed(self):
        uid, factor_id = self.enrolled(FIRST)
        remove_account(FIRST)
        self.assertEqual(add_account(SECOND, "--uid", str(uid)), uid)
        with self.calling(SECOND) as person:
            self.all_refused(person, "FACTORD-Bind1")
            self.all_refused(Person(self.root, SECOND), "FACTORD-Bind1")
            with self.refused("FACTORD-Bind1"):
                person.caller.call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, {})
            with self.refused("FACTORD-Bind1"):
                self.admin("GetUser", SECOND)
            self.admin("RemoveUser", FIRST)
            self.assertEqual(person.all_factors(), {})
            with self.refused("COMMAND-DAfb2"):
                person.remove(PASSKEY, factor_id)
            self.assertEqual(person.register(PASSKEY).details["sequence"], 1)

    def test_a_name_with_another_uid_inherits_nothing_until_it_is_rebound(self):
        uid, factor_id = self.enrolled(FIRST)
        remove_account(FIRST)
        new_uid = add_account(FIRST, "--uid", str(uid + 1000))
        with self.calling(FIRST) as person:
            self.all_refused(person, "FACTORD-Bind1")
            self.all_refused(Person(self.root, FIRST), "FACTORD-Bind1")
            with self.refused("FACTORD-Bind1"):
                person.caller.call(FACTORS, "RemoveMyPasskey", "sa{sv}", factor_id, {})
            self.assertEqual(self.admin("RebindUser", FIRST)["sequence"], 3)
            self.assertEqual(self.admin("GetUser", FIRST)["uid"], new_uid)
            self.assertEqual(set(person.all_factors()), {factor_id})
            self.assertEqual(person.remove(PASSKEY, factor_id)["sequence"], 4)

    def test_a_name_with_another_uid_starts_anew_after_it_was_removed(self):
        uid, factor_id = self.enrolled(FIRST)
        remove_account(FIRST)
        add_account(FIRST, "--uid", str(uid + 1000))
        self.admin("RemoveUser", FIRST)
        with self.calling(FIRST) as person:
            self.assertEqual((person.all_factors(), person.sequence()), ({}, 0))
            with self.refused("COMMAND-DAfb2"):
                person.remove(PASSKEY, factor_id)
            self.assertEqual(person.register(PASSKEY).details["sequence"], 1)

    def test_two_names_of_one_uid_are_not_one_user(self):
        uid, _ = self.enrolled(FIRST)
        add_account(SECOND, "--non-unique", "--uid", str(uid))
        self.all_refused(Person(self.root, SECOND), "FACTORD-Bind1")

    def test_two_accounts_that_have_swapped_their_uids_are_not_rebound_into_each_other(self):
        first_uid, first_id = self.enrolled(FIRST)
        second_uid, second_id = self.enrolled(SECOND)
        for name in (FIRST, SECOND):
            remove_account(name)
        add_account(FIRST, "--uid", str(second_uid))
        add_account(SECOND, "--uid", str(first_uid))
        for name in (FIRST, SECOND):
            self.all_refused(Person(self.root, name), "FACTORD-Bind1")
            with self.refused("FACTORD-Bind1"):
                self.admin("RebindUser", name)
        self.admin("RemoveUser", FIRST)
        self.admin("RebindUser", SECOND)
        self.assertEqual(set(Person(self.root, SECOND).all_factors()), {second_id})
        with self.refused("COMMAND-DAfb2"):
            Person(self.root, FIRST).remove(PASSKEY, first_id)

    def test_the_binding_outlives_a_restart(self):
        uid, factor_id = self.enrolled(FIRST)
        remove_account(FIRST)
        add_account(FIRST, "--uid", str(uid + 1000))
        self.daemon.restart()
        self.all_refused(Person(self.root, FIRST), "FACTORD-Bind1")
        remove_account(FIRST)
        add_account(FIRST, "--uid", str(uid))
        self.assertEqual(set(Person(self.root, FIRST).all_factors()), {factor_id})

    def test_a_deleted_account_can_be_removed_and_nothing_else(self):
        _, factor_id = self.enrolled(FIRST)
        remove_account(FIRST)
        with self.refused("COMMAND-M9dsd"):
            Person(self.root, FIRST).register(PASSKEY)
        with self.refused("COMMAND-M9dsd"):
            Person(self.root, FIRST).remove(PASSKEY, factor_id)
        with self.refused("COMMAND-M9dsd"):
            self.admin("RebindUser", FIRST)
        self.admin("RemoveUser", FIRST)
        with self.refused("COMMAND-M9dsd"):
            self.admin("RemoveUser", FIRST)

    def test_root_and_the_other_accounts_are_users_like_any(self):
        me = Person(self.root)
        factor_id = me.enrol(TOTP)
        self.assertIn(factor_id, Person(self.root, "root").all_factors())
        me.remove(TOTP, factor_id)

    def test_rebinding_without_need_changes_nothing_but_the_sequence(self):
        uid, factor_id = self.enrolled(FIRST)
        self.admin("RebindUser", FIRST)
        self.assertEqual(self.admin("GetUser", FIRST)["uid"], uid)
        self.assertEqual(set(Person(self.root, FIRST).all_factors()), {factor_id})


class AccountsThatAreNoUsers(UsersCase):
    """Uids that are somebody else's tomorrow: the daemon runs as root here, so its own is not among them."""

    @contextlib.contextmanager
    def account(self, uid):
        add_account(FIRST, "--uid", str(uid))
        try:
            yield
        finally:
            remove_account(FIRST)

    def setUp(self):
        remove_account(FIRST)

    def test_they_are_not_found_by_themselves_and_by_others_and_strangers_are_denied(self):
        for uid in (61184, 65519):
            with self.subTest(uid=uid), self.account(uid), Caller(self.bus, FIRST) as caller:
                for method, call in self.everything_about(Person(caller)).items():
                    with self.subTest(method), self.refused("COMMAND-M9dsd"):
                        call()
                with self.refused("COMMAND-M9dsd"):
                    caller.call(FACTORS, "RemoveMyPasskey", "sa{sv}", "no-such-id", {})
                for method in ("GetUser", "RemoveUser", "RebindUser"):
                    with self.subTest(method), self.refused("COMMAND-M9dsd"):
                        self.admin(method, FIRST)
                with self.refused("COMMAND-M9dsd"):
                    Person(self.root, FIRST).register(PASSKEY)
                # By name it is not about oneself, as nobody has that name.
                for user_id in (FIRST, "factord-test-a", "no-such-account"):
                    with self.refused("AUTH-AWfge"):
                        Person(caller, user_id).list(PASSKEY)

    def test_nobody_is_nobody(self):
        with self.refused("COMMAND-M9dsd"):
            Person(self.root, "nobody").register(PASSKEY)
        with Caller(self.bus, "nobody") as caller, self.refused("COMMAND-M9dsd"):
            Person(caller).list(PASSKEY)

    def test_the_uids_around_them_and_those_at_the_edges_of_the_numbers_are_users(self):
        for uid in (61183, 65520, 65536, 2**31 - 1, 2**31, 2**32 - 2):
            with self.subTest(uid=uid), self.account(uid), Caller(self.bus, FIRST) as caller:
                person = Person(caller)
                factor_id = person.enrol(PASSKEY)
                self.assertEqual(self.admin("GetUser", FIRST)["uid"], uid)
                self.assertEqual(set(Person(self.root, FIRST).all_factors()), {factor_id})
                self.admin("RemoveUser", FIRST)

    def test_what_one_of_them_held_before_can_be_removed(self):
        with self.account(61183):
            Person(self.root, FIRST).enrol(PASSKEY)
        with self.account(61184):
            with self.refused("COMMAND-M9dsd"):
                Person(self.root, FIRST).list(PASSKEY)
            self.admin("RemoveUser", FIRST)

    def test_the_accounts_of_the_daemons_own_uid_are_no_users(self):
        policy = '<policy user="factord-test-d"><allow own="org.factord1"/></policy>'
        with contextlib.ExitStack() as stack:
            bus = stack.enter_context(PrivateBus(more_policy=policy))
            wrapper = bus.folder / "as-another"
            command = shlex.join(as_user("factord-test-d", [bus.publish(FACTORD)]))
            wrapper.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            wrapper.chmod(0o755)
            daemon = Factord(bus, config=CONFIG, program=wrapper)
            account = pwd.getpwnam("factord-test-d")
            for path in (daemon.folder, daemon.state_dir):
                os.chown(path, account.pw_uid, account.pw_gid)
            daemon.folder.chmod(0o755)
            stack.enter_context(daemon)
            with self.refused("COMMAND-M9dsd"):
                Person(stack.enter_context(Caller(bus, "factord-test-d"))).list(PASSKEY)
            root = stack.enter_context(Caller(bus))
            with self.refused("COMMAND-M9dsd"):
                Person(root, "factord-test-d").register(PASSKEY)
            Person(root, "factord-test-a").register(PASSKEY)


class Names(UsersCase):
    BAD = ("a:b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u2028b", "\u061ca", "a\u200eb", "a\u200fb", "a\u202ab",
           "a\u202eb", "a\u2066b", "a\u2069b", "x" * 201)

    def test_names_that_could_look_like_others_are_refused_wherever_one_is_given(self):
        self.admin("AddUser", "bob", org="names")
        for name in self.BAD:
            calls = [lambda: self.admin("AddUser", name, org="names"), lambda: self.admin("AddUser", "new", org=name),
                     lambda: self.admin("GetUser", name), lambda: self.admin("RemoveUser", name, org="names"),
                     lambda: self.admin("GetUser", "bob", org=name), lambda: self.users(org=name),
                     lambda: self.users(org="names", after=name),
                     lambda: self.root.call(FACTORS, "Subscribe", "sa{sv}", name, {}),
                     lambda: self.root.call(FACTORS, "Subscribe", "sa{sv}", "bob", options(org=name)),
                     *(lambda kind=kind: Person(self.root, name, "names").register(kind) for kind in KINDS)]
            if ":" not in name:  # which separates nothing in what people are shown
                calls += [lambda: self.admin("AddUser", "new", org="names", display_name=name)]
            for number, call in enumerate(calls):
                with self.subTest(name=name, number=number), self.refused("FACTORD-Arg1"):
                    call()
        self.assertEqual([user["userId"] for user in self.users(org="names")[0]], ["bob"])


class Removal(UsersCase):
    def stored(self):
        """The records of the store's file, by the reader that was written from docs/format.md."""
        done = subprocess.run([sys.executable, FORMAT_READER, self.daemon.state_dir / "factord.db", self.daemon.key_file],
                              check=True, text=True, stdout=subprocess.PIPE)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_a_removed_user_leaves_neither_factors_nor_pending_ones_nor_key_material_on_the_disk(self):
        stays, goes = self.someone("purged"), self.someone("purged")
        for person in (stays, goes):
            for kind in KINDS:
                person.enrol(kind)
                person.register(kind)
        uri = goes.register(TOTP).asks
        before = self.stored()
        self.assertEqual(sum("factor" in record for record in before), 12)
        self.admin("RemoveUser", goes.user_id, org="purged")
        after = self.stored()
        self.assertEqual([record["owner"]["user_id"] for record in after if "owner" in record], [stays.user_id])
        left = [record for record in after if "factor" in record]
        self.assertEqual({record["factor"]["id"] for record in left}, set(stays.all_factors()))
        self.assertEqual(len(left), 6)
        gone = [record for record in before if "factor" in record and record not in left]
        self.assertEqual(len(gone), 6)
        self.assertNotIn(uri_parameters(uri)["secret"], json.dumps(after))
        for record in gone:
            # The journal keeps that there was such a factor, and nothing of what it was.
            others = [json.dumps(other) for other in after if "event" not in other]
            self.assertFalse(any(record["factor"]["id"] in other for other in others))
            for secret in (record["seed"], record["factor"].get("webauthn", {}).get("public_key", "")):
                self.assertTrue(not secret or not any(secret in json.dumps(other) for other in after))


class UsersOfOrganizations(UsersCase):
    def test_a_user_is_added_with_an_organization_of_its_own(self):
        for given in ({}, {"org": "local"}):
            with self.refused("FACTORD-Arg1"):
                self.admin("AddUser", "bob", **given)
            with self.refused("FACTORD-Arg1"):
                self.admin("AddUser", "factord-test-a", **given)
        details = self.admin("AddUser", "bob", org="added", display_name="Bob B.")
        self.assertEqual((details["sequence"], details["resourceOwner"]), (1, "added"))
        self.assertEqual(details["creationDate"], details["changeDate"])
        self.assertEqual(self.users(org="added")[0], [
            {"userId": "bob", "org": "added", "displayName": "Bob B.", "locked": False,
             "creationDate": details["creationDate"], "changeDate": details["changeDate"]}])

    def test_a_user_is_added_once(self):
        self.admin("AddUser", "bob", org="once")
        with self.refused("FACTORD-User1"):
            self.admin("AddUser", "bob", org="once", display_name="Another")
        self.assertEqual(self.admin("GetUser", "bob", org="once")["details"]["sequence"], 1)

    def test_get_user_shows_it_with_the_last_event(self):
        self.admin("AddUser", "bob", org="shown", display_name="Bob")
        registered = Person(self.root, "bob", "shown").register(PASSKEY)
        user = self.admin("GetUser", "bob", org="shown")
        self.assertEqual((user["userId"], user["org"], user["displayName"]), ("bob", "shown", "Bob"))
        self.assertEqual((user["details"]["sequence"], user["details"]["changeDate"]),
                         (2, registered.details["changeDate"]))
        self.assertNotIn("uid", user)

    def test_unknown_users_are_not_found(self):
        self.admin("AddUser", "bob", org="known")
        for user_id, given in (("nobody", {"org": "known"}), ("bob", {"org": "unknown"}), ("bob", {}),
                               ("no-such-account", {})):
            for method in ("GetUser", "RemoveUser", "RebindUser"):
                with self.subTest(method), self.refused("COMMAND-M9dsd"):
                    self.admin(method, user_id, **given)

    def test_the_display_name_is_what_a_browser_shows(self):
        self.admin("AddUser", "bob", org="displayed", display_name="Bob B.")
        asked = json.loads(Person(self.root, "bob", "displayed").register(PASSKEY).asks)["user"]
        self.assertEqual((asked["name"], asked["displayName"]), ("bob", "Bob B."))

    def test_lists_come_in_pages(self):
        names = sorted(f"user-{number}" for number in range(7))
        for name in reversed(names):
            self.admin("AddUser", name, org="paged")
        seen, after = [], {}
        while page := self.users(org="paged", limit=u(3), **after)[0]:
            self.assertLessEqual(len(page), 3)
            seen += [user["userId"] for user in page]
            after = {"after": seen[-1]}
        self.assertEqual(sorted(seen), names)
        self.assertEqual(self.users(org="paged", limit=u(3))[1]["totalResult"], 7)
        self.assertEqual(self.users(org="unknown")[0], [])
        for limit in (0, 1001):
            with self.refused("FACTORD-Arg1"):
                self.users(org="paged", limit=u(limit))

    def test_a_page_may_follow_a_user_who_is_gone(self):
        for name in ("a", "b", "c", "d"):
            self.admin("AddUser", name, org="shrinking")
        order = [user["userId"] for user in self.users(org="shrinking")[0]]
        self.admin("RemoveUser", order[1], org="shrinking")
        rest = [user["userId"] for user in self.users(org="shrinking", after=order[1])[0]]
        self.assertEqual(rest, order[2:])

    def test_two_users_of_one_name_share_nothing(self):
        red, blue = Person(self.root, "bob", "red"), Person(self.root, "bob", "blue")
        for org in ("red", "blue"):
            self.admin("AddUser", "bob", org=org)
        ids = {kind: red.enrol(kind) for kind in KINDS}
        pending = red.register(PASSKEY)
        self.assertEqual((blue.all_factors(), blue.sequence()), ({}, 1))
        for kind in KINDS:
            with self.refused("COMMAND-Hd9sd" if kind is TOTP else "COMMAND-DAfb2"):
                blue.remove(kind, ids[kind])
        with self.refused("COMMAND-DAfb2"):
            blue.call("RenameFactor", "ss", ids[PASSKEY], "Mine")
        with self.refused("WEBAU-5M9so"):
            blue.verify(pending)
        handles = {json.loads(user.register(U2F).asks)["user"]["id"] for user in (red, blue)}
        self.assertEqual(len(handles), 2)
        self.admin("RemoveUser", "bob", org="blue")
        self.assertLess(set(ids.values()), set(red.all_factors()))

    def test_a_user_with_the_name_of_an_account_is_not_that_account(self):
        self.admin("AddUser", "factord-test-d", org="namesakes")
        namesake = Person(self.root, "factord-test-d", "namesakes")
        factor_id = namesake.enrol(PASSKEY)
        account = Person(self.caller("factord-test-d"))
        self.assertEqual(account.all_factors(), {})
        with self.refused("COMMAND-DAfb2"):
            account.remove(PASSKEY, factor_id)

    def test_accounts_are_in_no_other_organization(self):
        self.admin("AddUser", "bob", org="without-accounts")
        with self.refused("COMMAND-M9dsd"):
            Person(self.root, "factord-test-a", "without-accounts").register(PASSKEY)

    def test_the_default_organization_may_be_named(self):
        me = self.caller("factord-test-d")
        factor_id = Person(me, "", "local").enrol(U2F)
        self.assertIn(factor_id, Person(me).all_factors())

    def test_a_user_who_was_added_again_is_a_new_user(self):
        self.admin("AddUser", "bob", org="again")
        bob = Person(self.root, "bob", "again")
        ids = {kind: bob.enrol(kind) for kind in KINDS}
        handle = json.loads((pending := bob.register(PASSKEY)).asks)["user"]["id"]
        self.assertEqual(self.admin("RemoveUser", "bob", org="again")["sequence"], 9)
        self.assertEqual(bob.all_factors(), {})
        self.assertEqual(self.users(org="again")[0], [])
        self.assertEqual(self.admin("AddUser", "bob", org="again")["sequence"], 1)
        for kind in KINDS:
            with self.refused("COMMAND-Hd9sd" if kind is TOTP else "COMMAND-DAfb2"):
                bob.remove(kind, ids[kind])
        with self.refused("WEBAU-5M9so"):
            bob.verify(pending)
        self.assertEqual((bob.all_factors(), bob.sequence()), ({}, 1))
        self.assertNotEqual(json.loads(bob.register(PASSKEY).asks)["user"]["id"], handle)

    def test_a_credential_of_a_removed_user_is_free(self):
        self.admin("AddUser", "bob", org="freed")
        bob = Person(self.root, "bob", "freed")
        answer = bob.answer(pending := bob.register(PASSKEY))
        bob.verify(pending, answer)
        self.admin("RemoveUser", "bob", org="freed")
        other = self.someone()
        second = other.register(PASSKEY)
        other.verify(second, other.answer(second, "--credential-id", json.loads(answer)["id"]))


class Identifiers(UsersCase):
    BAD = ("a:b", ":", "line\nbreak", "tab\t", "\x01", "\x7f", "\x85", "\u2028", "\u2029", "left\u200eright", "\u200f",
           "\u061c", "\u202e", "\u2066", "\u2069", "x" * 201, "🔑" * 201)
    GOOD = ("x", "x" * 200, "🔑" * 200, "Bücher & Söhne", "a/b", "..", "%s", "'; DROP TABLE owners;--", " ", "\\", "-",
            "٣", "name@example.org")

    def test_user_ids_without_a_meaning_on_one_line_are_refused(self):
        for bad in self.BAD:
            with self.subTest(bad):
                with self.refused("FACTORD-Arg1"):
                    self.admin("AddUser", bad, org="acme")
                for kind in KINDS:
                    for method in (kind.register, kind.list):
                        with self.refused("FACTORD-Arg1"):
                            Person(self.root, bad).call(method)
        self.assertEqual([user for user in self.users(org="acme")[0] if user["userId"] in self.BAD], [])

    def test_organizations_likewise(self):
        for bad in (*self.BAD, ""):
            with self.subTest(bad), self.refused("FACTORD-Arg1"):
                self.admin("AddUser", "bob", org=bad)

    def test_everything_else_is_a_name(self):
        for good in self.GOOD:
            with self.subTest(good):
                self.admin("AddUser", good, org="names")
                Person(self.root, good, "names").enrol(PASSKEY)
                self.admin("AddUser", "bob", org=good)
                self.assertEqual([user["userId"] for user in self.users(org=good)[0]], ["bob"])
        self.assertEqual({user["userId"] for user in self.users(org="names")[0]}, set(self.GOOD))

    def test_names_are_taken_as_they_are(self):
        for name in ("Bob", "bob", "bob ", "bo\u0308b", "b\u00f6b"):
            self.assertEqual(self.admin("AddUser", name, org="exact")["sequence"], 1)

    def test_an_empty_user_id_is_nobody_in_admin(self):
        for method in ("AddUser", "RemoveUser", "RebindUser", "GetUser"):
            for given in ({}, {"org": "acme"}):
                with self.subTest(method), self.refused("FACTORD-Arg1"):
                    self.admin(method, "", **given)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
