# SPDX-License-Identifier: Apache-2.0
"""Thousands of things begun and never ended."""
import contextlib

from attack import attack
from descriptors import body_with
from target import NO_REPLY

STARTS = ("Register", "Start", "Begin", "Create", "Open", "Request", "Claim", "New", "Generate", "Subscribe")


def _beginnings(target):
    """The methods that, by their names, begin something."""
    return [each for each in target.methods if each.name.startswith(STARTS) and "h" not in each.signature]


@attack
def thousands_of_things_begun_and_left(target):
    """All that can be begun is begun two thousand times by each user, and left alone."""
    for user in target.users:
        with target.connect(user) as attacker:
            calls = []
            for _ in range(2000 // max(1, len(_beginnings(target)))):
                for method in _beginnings(target):
                    serial = attacker.next_serial()
                    calls.append((serial, target.call(serial, method, _own(target, method))))
            target.volley(attacker, calls)


def _own(target, method):
    """About the caller itself, where an empty text means that; and none where so many are asked for: what is made at
    once has not been begun, it is there."""
    from raw_bus import body_of, complete_types
    values = {"s": "", "a{sv}": [], "u": 0}
    if not all(type_ in values for type_ in complete_types(method.signature)):
        return body_with(target, method)
    return body_of(method.signature, *(values[type_] for type_ in complete_types(method.signature)))


@attack
def calls_that_want_no_reply(target):
    """Two thousand calls with NO_REPLY_EXPECTED and no auto start; none may be answered."""
    for user in target.users:
        with target.connect(user) as attacker:
            for _ in range(2000):
                method = target.random.choice(target.methods)
                if "h" not in method.signature:
                    attacker.send(target.call(attacker.next_serial(), method, _own(target, method), flags=NO_REPLY))
            serial = attacker.start("org.freedesktop.DBus.Peer", "Ping", to=target.to)
            received = attacker.receive()
            while received.fields.get(5) != serial:
                assert received.kind not in (2, 3), "a call that wants no reply was answered"
                received = attacker.receive()


@attack
def one_serial_for_many_calls(target):
    """A hundred calls that share a serial, and serials at the edges of their type."""
    with target.connect() as attacker, contextlib.suppress(TimeoutError):
        method = next(each for each in target.methods if "h" not in each.signature)
        for serial in [77] * 100 + [2**31, 2**32 - 1]:
            attacker.send(target.call(serial, method, _own(target, method)))
        attacker.call("org.freedesktop.DBus.Peer", "Ping", to=target.to)
