# SPDX-License-Identifier: Apache-2.0
"""Names in the header: as long as they may be, longer, empty, strange (CVE-2019-6454)."""
import contextlib

from attack import attack
from descriptors import body_with
from raw_bus import (CALL, DESTINATION, ERROR_NAME, INTERFACE, MEMBER, PATH, SENDER, SIGNATURE, Closed, call_fields,
                     message)

LENGTHS = (255, 256, 4096, 60_000, 65_536, 1 << 20, 2 << 20)


def _tries(target):
    """Header fields of a call, one of them out of the ordinary."""
    for length in LENGTHS:
        yield {PATH: "/" + "x" * (length - 1)}
        yield {PATH: "/x" * (length // 2)}
        yield {PATH: target.to[1] + "/x" * (length // 2)}
    yield {PATH: "/" + "x" * (20 << 20)}
    for length in LENGTHS[:5]:
        yield {MEMBER: "x" * length}
        yield {INTERFACE: "x." + "x" * (length - 2)}
        yield {INTERFACE: "x." * (length // 2) + "x"}
        yield {SIGNATURE: "y" * min(length, 255)}
        yield {100: ("s", "x" * length)}
        yield {100: ("as", ["x" * 100] * (length // 100))}
    for strange in ("", ".", "..", "a.", ".a", "a..b", "9", "a b", "\x01", "é", "%n", "a.b\0", "x" * 255 + "."):
        for field in (MEMBER, INTERFACE, DESTINATION, SENDER, ERROR_NAME):
            yield {field: strange}
    for strange in ("", "//", "/a/", "a", "/a//b", "/é", "/%n", "/a b", "/a\0b"):
        yield {PATH: strange}


@attack
def names_of_every_length_and_kind(target):
    """Paths to 20 MiB, names to and beyond 255 bytes, empty and strange members, in calls that are else in order."""
    method = next(each for each in target.methods if "h" not in each.signature)
    body = body_with(target, method)
    for different in _tries(target):
        with target.connect() as attacker, contextlib.suppress(Closed):
            fields = {**call_fields(method.interface, method.name, method.signature, 0, target.to), **different}
            attacker.send(message(CALL, attacker.next_serial(), fields, body))
            attacker.call("org.freedesktop.DBus.Peer", "Ping", to=target.to)


@attack
def empty_and_strange_members_of_every_interface(target):
    """Members that are not there, on every interface, by many names that are nearly right."""
    with target.connect() as attacker:
        calls = []
        for method in target.methods:
            for name in (method.name.lower(), method.name + "x", method.name[:-1], method.name * 3, "_", "x" * 255):
                serial = attacker.next_serial()
                calls.append((serial, message(CALL, serial, call_fields(method.interface, name, method.signature, 0,
                                                                        target.to), body_with(target, method))
                              if "h" not in method.signature else target.call(serial, method, b"", "")))
        answers = target.volley(attacker, calls)
        assert len(answers) == len(calls), f"{len(answers)} answers to {len(calls)} calls"
