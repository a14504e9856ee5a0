# SPDX-License-Identifier: Apache-2.0
"""Callers who leave: at every byte of a call, after it, and while its answer is made or waits."""
import contextlib
import os

from attack import attack
from descriptors import body_with, closing, send, taking
from raw_bus import BUS, body_of
from values import body, plain

CREDENTIAL = '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"AAAA","attestationObject":"%s"}}'


def _sound(target, attacker, method):
    """A call that is refused for what it says, not for how it is made."""
    serial = attacker.next_serial()
    fds = [0] * method.signature.count("h")
    return target.call(serial, method, body_with(target, method), fds=len(fds)), fds


@attack
def leaving_after_every_call(target):
    """Each method once as the last thing of a connection: at once, and after the bus has passed it on."""
    for method in target.methods:
        for user in target.users:
            for passed_on in (False, True):
                with target.connect(user) as attacker:
                    attacker.send(*_sound(target, attacker, method))
                    if passed_on:
                        attacker.call(BUS[0], "GetId", to=BUS)


@attack
def leaving_after_every_byte(target):
    """A call cut short at any place by leaving."""
    method = target.methods[0]
    with target.connect() as attacker:
        sent, fds = _sound(target, attacker, method)
    for size in range(0, len(sent), 3):
        with target.connect() as attacker:
            attacker.send(sent[:size] or b"l", fds)


@attack
def leaving_with_a_hundred_calls_under_way(target):
    """A hundred calls of mixed methods at once, then gone; one after another with and without having called before."""
    for known in (False, True):
        for user in target.users:
            for _ in range(5):
                with target.connect(user) as attacker:
                    if known:
                        attacker.call("org.freedesktop.DBus.Peer", "Ping", to=target.to)
                    for _ in range(100):
                        attacker.send(*_sound(target, attacker, target.random.choice(target.methods)))


@attack
def leaving_while_a_descriptor_is_read(target):
    """The pipe is not at its end when its caller leaves, and ends afterwards with what would have been good, or bad."""
    for content in (b"", b"x" * 100, b"otpauth://totp/a?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"):
        read_end, write_end = os.pipe()
        with closing(read_end):
            with closing(write_end):
                for user in target.users:
                    with target.connect(user) as attacker:
                        for method in taking(target, 8):
                            attacker.send(*send(target, attacker, method, [read_end])[1:])
                        attacker.call(BUS[0], "GetId", to=BUS)
                target.ping()
                os.write(write_end, content)
        target.ping()


@attack
def leaving_while_something_slow_is_computed(target):
    """Long credentials for every method that takes a text, from callers who do not wait for the verdict."""
    for method in target.methods:
        if method.signature.count("s") < 3:
            continue
        before = method.signature.partition("a{sv}")[0]
        with target.connect() as attacker:
            for size in (1, 100_000, 1_000_000):
                serial = attacker.next_serial()
                texts = [CREDENTIAL % ("A" * size) if at == 2 else "x" for at in range(before.count("s"))]
                if set(before) == {"s"}:
                    rest = [[]] if method.signature.endswith("a{sv}") else []
                    attacker.send(target.call(serial, method, body_of(method.signature, *texts, *rest)))


@attack
def answers_that_are_never_read(target):
    """Thousands of calls from connections that read nothing, until the bus or the socket is full; then they leave."""
    with contextlib.ExitStack() as stack:
        for user in target.users:
            attacker = stack.enter_context(target.connect(user))
            attacker._socket.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                for _ in range(3000):
                    attacker.send(_introspection(target, attacker))
        target.ping()


def _introspection(target, attacker):
    from raw_bus import CALL, call_fields, message
    return message(CALL, attacker.next_serial(), call_fields("org.freedesktop.DBus.Introspectable", "Introspect", "", 0,
                                                             target.to))


@attack
def coming_and_going_without_end(target):
    """Hundreds of connections that each make one call, some before they are known, and leave."""
    for round_ in range(15):
        with contextlib.ExitStack() as stack:
            attackers = [stack.enter_context(target.connect(target.users[round_ % len(target.users)]))
                         for _ in range(20)]
            for attacker in attackers:
                method = target.random.choice(target.methods)
                serial, fds = attacker.next_serial(), method.signature.count("h")
                attacker.send(target.call(serial, method, body(method.signature, target.random, plain), fds=fds),
                              [0] * fds)
