# SPDX-License-Identifier: Apache-2.0
"""FactorsChanged: who is told of which changes, when, and who is not."""
import collections
import contextlib
import itertools
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from access import Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, Caller, filled_pipe, options  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Person  # noqa: E402
from health import SANITIZED, Watch, resident  # noqa: E402
from polkit_case import AskingPolkit  # noqa: E402
from private_bus import BrokerBus, skip_unless_possible  # noqa: E402
from raw_bus import (DESTINATION, INTERFACE, MEMBER, PATH, SENDER, SIGNAL, SIGNATURE, RawConnection,  # noqa: E402
                     body_of, message)
from users_and_organizations import FIRST, SECOND, add_account, remove_account  # noqa: E402

A, B, C = "factord-test-a", "factord-test-b", "factord-test-c"
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example"
DRIVER = ("org.freedesktop.DBus", "/org/freedesktop/DBus")


def subscribe(caller, user_id="", method="Subscribe", **given):
    return caller.call(FACTORS, method, "sa{sv}", user_id, options(**given))


def unsubscribe(caller, user_id="", **given):
    return subscribe(caller, user_id, "Unsubscribe", **given)


class SubscriptionCase(BusCase):
    @contextlib.contextmanager
    def connection(self, user):
        with Caller(self.bus, user) as caller:
            yield caller

    def connected(self, user):
        """A connection of its own, for this test."""
        return self.enterContext(Caller(self.bus, user))

    def told(self, caller, count):
        """The arguments of the next FactorsChanged; nothing else may have come."""
        signals = caller.signals(count)
        self.assertEqual({signal[:2] for signal in signals}, {(FACTORS, "FactorsChanged")})
        return [signal[2] for signal in signals]

    def told_so_far(self, caller):
        return [arguments for _, _, arguments in caller.signals_so_far()]


class Telling(SubscriptionCase):
    def test_a_subscriber_is_told_of_every_change_of_every_kind_in_order(self):
        reader = self.connected(A)
        self.assertEqual(subscribe(reader), ())
        for caller, user_id in ((self.caller(A), ""), (self.root, A), (reader, "")):
            person, expected = Person(caller, user_id), []
            for kind in KINDS:
                factor_id = person.enrol(kind)
                person.call("RenameFactor", "ss", factor_id, "Another")
                person.remove(kind, factor_id)
                expected += [(A, "local", kind.word, factor_id, change)
                             for change in ("added", "verified", "renamed", "removed")]
            self.assertEqual(self.told(reader, len(expected)), expected)
        self.assertEqual(self.told_so_far(reader), [])

    def test_an_import_is_added_and_verified(self):
        reader = self.connected(A)
        subscribe(reader)
        with open(filled_pipe(URI), "rb") as uri:
            totp_id, _ = self.caller(A).call(FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[uri.fileno()])
        self.assertEqual(self.told(reader, 2),
                         [(A, "local", "totp", totp_id, "added"), (A, "local", "totp", totp_id, "verified")])

    def test_the_signal_is_there_before_the_answer(self):
        reader = self.connected(B)
        subscribe(reader)
        pending = Person(reader).register(TOTP)
        self.assertEqual(reader.signals_at_hand(),
                         [(FACTORS, "FactorsChanged", (B, "local", "totp", pending.id, "added"))])

    def test_what_fails_and_what_only_reads_is_told_to_nobody(self):
        reader, me = self.connected(A), Person(self.caller(A))
        pending = me.register(PASSKEY)
        subscribe(reader)
        for call in (lambda: me.verify(pending, answer="x" * 60), lambda: me.remove(U2F, "no-such-id"),
                     lambda: me.call("RenameFactor", "ss", "no-such-id", "Name")):
            with self.assertRaises(BusError):
                call()
        me.list(PASSKEY)
        self.assertEqual(self.told_so_far(reader), [])

    def test_a_registration_that_is_replaced_goes_without_a_word(self):
        reader, me = self.connected(A), Person(self.caller(A))
        subscribe(reader)
        ids = [me.register(U2F).id for _ in range(2)]
        self.assertEqual(self.told_so_far(reader), [(A, "local", "u2f", id_, "added") for id_ in ids])

    def test_users_of_organizations_are_told_apart(self):
        reader, users = self.connected("root"), [self.someone(org) for org in ("red", "blue")]
        self.root.call(ADMIN, "AddUser", "sa{sv}", users[0].user_id, options(org="blue"))
        namesake = Person(self.root, users[0].user_id, "blue")
        subscribe(reader, users[0].user_id, org="red")
        namesake.register(TOTP)
        users[1].register(TOTP)
        mine = users[0].register(TOTP).id
        self.assertEqual(self.told_so_far(reader), [(users[0].user_id, "red", "totp", mine, "added")])

    def test_two_subscriptions_are_one_and_after_unsubscribing_nothing_comes(self):
        reader, me = self.connected(A), Person(self.caller(A))
        for user_id, given in (("", {}), (A, {}), (A, {"org": "local"})):
            self.assertEqual(subscribe(reader, user_id, **given), ())
        me.register(TOTP)
        self.assertEqual(len(self.told_so_far(reader)), 1)
        for _ in range(2):
            self.assertEqual(unsubscribe(reader), ())
        me.register(TOTP)
        self.assertEqual(self.told_so_far(reader), [])

    def test_who_is_unknown_cannot_be_subscribed_to_and_unsubscribing_does_not_mind(self):
        for user_id, given in (("no-such-account", {}), ("nobody", {"org": "acme"}), (A, {"org": "acme"})):
            with self.refused("COMMAND-M9dsd"):
                subscribe(self.root, user_id, **given)
            unsubscribe(self.root, user_id, **given)


class Others(SubscriptionCase):
    EAVESDROPPING = "AccessDenied"

    def listen(self, user, rule):
        caller = self.connected(user)
        caller.call("org.freedesktop.DBus", "AddMatch", "s", rule, to=DRIVER)
        return caller

    def test_nobody_else_sees_a_change_whatever_they_ask_the_bus_for(self):
        reader = self.connected(A)
        subscribe(reader)
        rules = ("type='signal'", f"type='signal',interface='{FACTORS}'", "",
                 f"type='signal',member='FactorsChanged',arg0='{A}'",
                 "type='signal',sender='org.factord1',path='/org/factord1'")
        others = [self.listen(user, rule) for user in (A, B, "root") for rule in rules]
        pending = Person(self.caller(A)).register(TOTP)
        Person(self.caller(A)).remove(TOTP, pending.id)
        self.assertEqual(len(self.told(reader, 2)), 2)
        for other in others:
            seen = [member for _, member, _ in other.signals_so_far()]
            self.assertNotIn("FactorsChanged", seen)

    def test_eavesdropping_is_for_root_alone(self):
        with self.assertRaises(BusError) as caught:
            self.connected(B).call("org.freedesktop.DBus", "AddMatch", "s", "type='signal',eavesdrop='true'", to=DRIVER)
        self.assertEqual(caught.exception.code, self.EAVESDROPPING)
        with self.assertRaises(BusError) as caught:
            self.connected(B).call("org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", [], 0, to=DRIVER)
        self.assertEqual(caught.exception.code, "AccessDenied")

    def test_strangers_cannot_subscribe_whether_or_not_there_is_somebody(self):
        self.someone("closed")
        for user_id, given in ((A, {}), ("no-such-account", {}), ("someone", {"org": "closed"}),
                               ("someone", {"org": "no-such-org"}), (B, {"org": "closed"})):
            for method in ("Subscribe", "Unsubscribe"):
                with self.refused("AUTH-AWfge"):
                    subscribe(self.caller(B), user_id, method, **given)

    def test_a_subscription_is_its_connections_alone(self):
        reader, other = self.connected(A), self.connected(A)
        subscribe(reader)
        subscribe(other)
        unsubscribe(other)
        Person(self.caller(A)).register(TOTP)
        self.assertEqual((len(self.told_so_far(reader)), self.told_so_far(other)), (1, []))

    def test_nobody_but_the_bus_can_say_that_a_subscriber_has_left(self):
        reader = self.connected(A)
        subscribe(reader)
        left = {PATH: DRIVER[1], INTERFACE: DRIVER[0], MEMBER: "NameOwnerChanged", DESTINATION: "org.factord1",
                SIGNATURE: "sss"}
        with RawConnection(self.bus, B) as stranger:
            for claimed in ({}, {SENDER: DRIVER[0]}):
                stranger.send(message(SIGNAL, stranger.next_serial(), {**left, **claimed},
                                      body_of("sss", reader.name, reader.name, "")))
            stranger.call("org.freedesktop.DBus.Peer", "Ping", to=("org.factord1", "/org/factord1"))
        Person(self.caller(A)).register(TOTP)
        self.assertEqual(len(self.told_so_far(reader)), 1)

    def test_it_ends_with_the_connection_and_no_signal_is_without_a_destination(self):
        reader = self.connected(A)
        subscribe(reader)
        for _ in range(5):
            with self.connection(A) as leaving:
                subscribe(leaving)
        monitor = self.enterContext(RawConnection(self.bus, "root"))
        monitor.call("org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", [], 0, to=DRIVER)
        for _ in range(3):
            Person(self.caller(A)).register(TOTP)
        self.told(reader, 3)
        seen = []
        while seen.count(reader.name) < 3:
            received = monitor.receive()
            if received.kind == SIGNAL and received.fields.get(MEMBER) == "FactorsChanged":
                seen.append(received.fields.get(DESTINATION))
        self.assertEqual(seen, [reader.name] * 3)


class Rights(SubscriptionCase):
    """What a subscriber may read changes; the daemon is told by a reload, or changes it itself."""

    ACCESS = "[Access]\n" + "".join(f"Allow=user:{B} user.read{org}\n" for org in ("", " org:kept", " org:lost"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=CONFIG + cls.ACCESS))

    def setUp(self):
        self.daemon.reconfigure(CONFIG + self.ACCESS)

    def test_who_loses_the_right_by_a_reload_is_told_nothing_more_and_the_others_are(self):
        kept, lost = self.someone("kept"), self.someone("lost")
        reader, own, root = self.connected(B), self.connected(A), self.connected("root")
        for person in (kept, lost):
            subscribe(reader, person.user_id, **person.org)
        for caller in (reader, own, root):
            subscribe(caller, A)
        self.daemon.reconfigure(CONFIG + f"[Access]\nAllow=user:{B} user.read org:kept\n")
        pending = {person: person.register(TOTP).id for person in (kept, lost)}
        mine = Person(self.caller(A)).register(TOTP).id
        self.assertEqual(self.told_so_far(reader), [(kept.user_id, "kept", "totp", pending[kept], "added")])
        for caller in (own, root):
            self.assertEqual(self.told_so_far(caller), [(A, "local", "totp", mine, "added")])
        # A right that comes back brings no subscription back.
        self.daemon.reconfigure(CONFIG + self.ACCESS)
        lost.register(TOTP)
        self.assertEqual(self.told_so_far(reader), [])
        subscribe(reader, lost.user_id, org="lost")
        lost.register(TOTP)
        self.assertEqual(len(self.told_so_far(reader)), 1)

    def test_a_reload_that_fails_and_one_that_changes_nothing_end_no_subscription(self):
        reader = self.connected(B)
        subscribe(reader, A)
        for config in ("[Nonsense]\n", CONFIG + self.ACCESS):
            self.daemon.reconfigure(config)
            Person(self.caller(A)).register(TOTP)
            self.assertEqual(len(self.told_so_far(reader)), 1)

    def test_removing_a_user_tells_of_each_factor_and_ends_the_subscriptions(self):
        user, reader = self.someone("kept"), self.connected(B)
        subscribe(reader, user.user_id, org="kept")
        ids = {kind.word: user.enrol(kind) for kind in KINDS}
        pending = user.register(U2F).id
        self.told_so_far(reader)
        self.root.call(ADMIN, "RemoveUser", "sa{sv}", user.user_id, options(org="kept"))
        gone = [(kind, id_) for kind, id_ in ids.items()] + [("u2f", pending)]
        self.assertEqual(self.told(reader, 4), [(user.user_id, "kept", kind, id_, "removed") for kind, id_ in gone])
        self.root.call(ADMIN, "AddUser", "sa{sv}", user.user_id, options(org="kept"))
        user.register(TOTP)
        self.assertEqual(self.told_so_far(reader), [])

    def test_who_was_this_account_and_is_another_now_is_told_nothing_more(self):
        for name in (FIRST, SECOND):
            remove_account(name)
            self.addCleanup(remove_account, name)
        self.addCleanup(lambda: self.root.call(ADMIN, "RemoveUser", "sa{sv}", FIRST, {}))
        uid = add_account(FIRST)
        person = Person(self.root, FIRST)
        with Caller(self.bus, FIRST) as reader:
            subscribe(reader)
            person.register(TOTP)
            self.assertEqual(len(self.told_so_far(reader)), 1)
            remove_account(FIRST)
            add_account(FIRST, "--uid", str(uid + 1000))
            self.root.call(ADMIN, "RebindUser", "sa{sv}", FIRST, {})
            person.register(TOTP)
            self.assertEqual(self.told_so_far(reader), [])


class ByPolkit(AskingPolkit, SubscriptionCase):
    """The real polkitd, whose rules change while somebody is subscribed."""

    ENDED = "A subscription has ended: the permission is no longer held"
    RULE = """polkit.addRule(function(action, subject) {{
        if (action.id == "org.factord1.user.read" && {users}.indexOf(subject.user) >= 0) return polkit.Result.YES;
    }});"""
    RULES = RULE.format(users=[B, C])

    def test_who_loses_the_right_by_a_change_of_rules_is_told_nothing_more_and_the_others_are(self):
        losing, keeping, own = (self.connected(user) for user in (B, C, A))
        for reader in (losing, keeping, own):
            subscribe(reader, A)
        rule = "type='signal',interface='org.freedesktop.PolicyKit1.Authority',member='Changed'"
        witness = self.connected("root")
        witness.call("org.freedesktop.DBus", "AddMatch", "s", rule, to=DRIVER)
        self.polkit.write_rules(self.RULE.format(users=[C]))
        while "Changed" not in [member for _, member, _ in witness.signals(1)]:
            pass
        mine = Person(self.root, A).register(TOTP).id
        expected = [(A, "local", "totp", mine, "added")]
        for reader in (keeping, own):
            self.assertEqual(self.told(reader, 1), expected)
        Watch(self.daemon, self.root).until(lambda: self.ENDED in self.daemon.stderr, lambda: self.daemon.stderr)
        Person(self.root, A).register(TOTP)
        self.assertEqual(len(self.told(keeping, 1)), 1)
        self.assertEqual(self.told_so_far(losing), [])


class Limited(SubscriptionCase):
    CONFIG = CONFIG + "[Limits]\nSubscriptionsPerConnection=3\n"

    def test_a_connection_has_so_many_subscriptions_and_the_refusal_names_the_limit(self):
        people = [self.someone() for _ in range(4)]
        reader = self.connected("root")
        for person in people[:3]:
            subscribe(reader, person.user_id, org="acme")
        with self.refused("FACTORD-Quo1") as caught:
            subscribe(reader, people[3].user_id, org="acme")
        self.assertEqual(caught.exception.text, "Limit SubscriptionsPerConnection=3 is reached")
        subscribe(reader, people[0].user_id, org="acme")  # is not one more
        subscribe(self.connected("root"), people[3].user_id, org="acme")
        unsubscribe(reader, people[0].user_id, org="acme")
        subscribe(reader, people[3].user_id, org="acme")
        for person in people:
            person.register(TOTP)
        self.assertEqual([arguments[0] for arguments in self.told_so_far(reader)],
                         [person.user_id for person in people[1:]])


def rename(person, ids, count):
    """So many changes, as fast as one connection may have them made; the ids of the factors they were of."""
    order = list(itertools.islice(itertools.cycle(ids), count))
    under_way = collections.deque()
    for number, factor_id in enumerate(order):
        under_way.append(person.start("RenameFactor", "ss", factor_id, f"Name {number}"))
        if len(under_way) >= 100:
            person.caller.finish(under_way.popleft())
    for call in under_way:
        person.caller.finish(call)
    return order


class Bursts(SubscriptionCase):
    EVENTS = 2000 if SANITIZED else 20000

    def test_twenty_thousand_changes_in_a_burst_all_arrive_in_order(self):
        person = self.someone("burst")
        ids = [person.enrol(kind) for kind in KINDS * 2]
        readers = [self.connected("root"), self.connected("root")]
        for reader in readers:
            subscribe(reader, person.user_id, org="burst")
        begun = time.monotonic()
        order = rename(person, ids, self.EVENTS)
        took = time.monotonic() - begun
        for reader in readers:
            told = self.told(reader, self.EVENTS)
            self.assertEqual([arguments[3] for arguments in told], order)
            self.assertEqual({arguments[4] for arguments in told}, {"renamed"})
            self.assertEqual(self.told_so_far(reader), [])
        print(f"{self.EVENTS} changes took {took:.1f} s", file=sys.stderr)


class StandingStill(SubscriptionCase):
    GIVEN_UP_BY_US = True

    def test_who_does_not_read_is_given_up_and_the_others_are_told_all(self):
        # Names as long as they may be: some 2 KiB a signal, of which many readers that stand still leave 16 MiB soon.
        org, user_id = "\U0001f511" * 200, "\U0001f512" * 200
        self.root.call(ADMIN, "AddUser", "sa{sv}", user_id, options(org=org))
        person = Person(self.root, user_id, org)
        ids = [person.enrol(TOTP)]
        standing_still = [self.enterContext(RawConnection(self.bus, "root")) for _ in range(20)]
        for connection in standing_still:
            connection.answer_to(connection.start(FACTORS, "Subscribe", "sa{sv}", user_id, {"org": ("s", org)}))
        reader = self.connected("root")
        subscribe(reader, user_id, org=org)
        before, count = resident(self.daemon.pid), 1500
        rename(person, ids, count)
        self.assertEqual(len(self.told(reader, count)), count)
        if not SANITIZED:
            self.assertLess(resident(self.daemon.pid) - before, 24 << 20)
        self.assertEqual("does not read what it is sent" in self.daemon.stderr, self.GIVEN_UP_BY_US)
        Person(self.caller(C)).register(TOTP)  # the daemon is there for everybody


class TellingOnDbusBroker(Telling):
    BUS = BrokerBus


class OthersOnDbusBroker(Others):
    BUS = BrokerBus
    EAVESDROPPING = "MatchRuleInvalid"  # it knows no such rules


class LimitedOnDbusBroker(Limited):
    BUS = BrokerBus


class BurstsOnDbusBroker(Bursts):
    BUS = BrokerBus


class StandingStillOnDbusBroker(StandingStill):
    BUS = BrokerBus
    GIVEN_UP_BY_US = False  # it does not tell how much is unread, and looks after its queues itself


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
