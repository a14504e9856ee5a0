# SPDX-License-Identifier: Apache-2.0
"""Messages that break the protocol, written to the socket by hand. The bus stands before the daemon and must hang up or
refuse; what it lets through, the daemon must bear."""
import contextlib
import os
import struct

from attack import attack
from descriptors import body_with
from raw_bus import (BIG, CALL, DESTINATION, INTERFACE, MEMBER, PATH, SIGNATURE, UNIX_FDS, Closed, Writer, body_of,
                     call_fields, message)

MUTATIONS = 300


def _sound(target):
    method = next(each for each in target.methods if "h" not in each.signature)
    fields = call_fields(method.interface, method.name, method.signature, 0, target.to)
    return method, fields, body_with(target, method, options=[("org", ("s", "x"))])


def _with_fields(pairs, body, padding=b"\0"):
    """A call whose header fields are given as pairs, so that one may stand twice, and whose padding may be anything."""
    header = Writer()
    header.data += struct.pack("<cBBBII", b"l", CALL, 0, 1, len(body), 99)
    types = {PATH: "o", SIGNATURE: "g", UNIX_FDS: "u"}
    header.put("a(yv)", [(code, (types.get(code, "s"), value)) for code, value in pairs])
    header.data += padding * (-len(header.data) % 8)
    return bytes(header.data) + body


def _broken_headers(target):
    """(what is wrong, bytes)"""
    method, fields, body = _sound(target)
    good = message(CALL, 99, fields, body)
    yield "serial 0", message(CALL, 0, fields, body)
    yield "every field twice", _with_fields([*fields.items(), *fields.items()], body)
    yield "two destinations", _with_fields([*fields.items(), (DESTINATION, "org.freedesktop.DBus")], body)
    yield "two signatures", _with_fields([*fields.items(), (SIGNATURE, "h")], body)
    yield "two members", _with_fields([(MEMBER, "Nothing"), *fields.items()], body)
    yield "padding of ones", _with_fields(fields.items(), body, b"\xff")
    yield "padding of ones, longer", _with_fields([*fields.items(), (INTERFACE, "a.bc")], body, b"\1")
    for missing in fields:
        yield f"without field {missing}", message(CALL, 99, {code: fields[code] for code in fields if code != missing}, body)
    for kind in (0, 2, 3, 4, 5, 127, 255):
        yield f"type {kind}", message(kind, 99, fields, body)
    for version in (0, 2, 255):
        yield f"version {version}", good[:3] + bytes([version]) + good[4:]
    for flags in (0xff, 0x80, 8):
        yield f"flags {flags}", message(CALL, 99, fields, body, flags=flags)
    for mark in b"Bx\0\xff":
        yield f"byte order mark {mark}", bytes([mark]) + good[1:]
    yield "header of the other byte order", message(CALL, 99, fields, body, order=BIG)
    for size in (len(body) - 1, len(body) + 1, 2**26, 2**27, 2**27 + 1, 2**31, 2**32 - 1):
        yield f"body of {size}", message(CALL, 99, fields, body, body_size=size)
    for size in (0, 1, 7, 2**16, 2**26, 2**26 + 1, 2**31 - 1, 2**32 - 1):
        yield f"fields of {size}", good[:12] + struct.pack("<I", size) + good[16:]


def _broken_bodies(target):
    """(what is wrong, bytes)"""
    method, fields, body = _sound(target)
    call = lambda changed, signature=method.signature: message(CALL, 99, {**fields, SIGNATURE: signature}, changed)
    for at in range(0, len(body) - 3, 4):
        for number in (1, 2**16, 2**26 + 1, 2**31, 2**32 - 1):
            yield f"{number} at {at}", call(body[:at] + struct.pack("<I", number) + body[at + 4:])
    for signature in ("a", "(", ")", "()", "a{s}", "a{vs}", "{sv}", "z", "sa{sv", "a" * 33 + "s", "(" * 33 + "s" + ")" * 33,
                      "m", "*", "a{s(s}", "\xff"):
        yield f"signature {signature[:9]}", call(body, signature)
    for inner in (b"\x01z\0", b"\0\0\0", b"\x02s\0", b"\x01a\0", b"\xff\xff\xff", b"\x01(\0", b"\x02ss", b"\x01s\1"):
        yield f"variant {inner}", call(body.replace(b"\x01s\0", inner))
    for text in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\0b"):
        yield f"text {text}", call(body_of("sa{sv}", text, []), "sa{sv}")
    yield "a truth of 2", call(body_of("a{sv}", [("x", ("u", 2))]).replace(b"\x01u\0", b"\x01b\0"), "a{sv}")


def _each_on_its_own(target, tries):
    """A connection for each, fifty at a time. Some make the bus wait for more, which never comes: so nothing is waited
    for, but the bus has read all of it before it answers the next who asks."""
    tries = [data for _, data in tries]
    for at in range(0, len(tries), 50):
        with contextlib.ExitStack() as stack:
            for data in tries[at:at + 50]:
                attacker = stack.enter_context(target.connect())
                with contextlib.suppress(Closed):
                    attacker.send(data)
                    attacker.start("org.freedesktop.DBus.Peer", "Ping", to=target.to)
            target.ping()
            target.ping()


@attack
def headers_that_break_the_protocol(target):
    """Wrong byte order, lengths, versions, types and flags, serial 0, fields twice or missing, padding not zero."""
    _each_on_its_own(target, _broken_headers(target))


@attack
def bodies_that_break_the_protocol(target):
    """Lengths that are not true, signatures that are none, text that is not UTF-8, variants of nothing."""
    _each_on_its_own(target, _broken_bodies(target))


@attack
def hundreds_of_random_mutations(target):
    """Sound calls with bits turned, pieces cut out, doubled and exchanged, as the seed will have it."""
    dice = target.random
    _, fields, body = _sound(target)
    good = message(CALL, 99, fields, body)
    _each_on_its_own(target, (("mutation", _mutated(good, dice)) for _ in range(MUTATIONS)))


def _mutated(data, dice):
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at = dice.randrange(len(data))
        what = dice.randrange(4)
        if what == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif what == 1:
            data[at] = dice.choice((0, 1, 0x7f, 0x80, 0xff))
        elif what == 2:
            del data[at:at + dice.randrange(1, 9)]
        else:
            data[at:at] = data[at:at + dice.randrange(1, 9)]
        if not data:
            return b"l"
    return bytes(data)


@attack
def noise_before_and_instead_of_messages(target):
    """Nonsense in the handshake, and afterwards."""
    import socket
    path = target.address.partition("path=")[2].partition(",")[0]
    for said in (b"\0", b"AUTH EXTERNAL 30\r\n", b"\0AUTH EXTERNAL\r\n" * 50, b"\0AUTH EXTERNAL 2d31\r\n",
                 b"\0AUTH EXTERNAL 34323934393637323935\r\n", b"\0AUTH " + b"x" * 100_000, b"\0BEGIN\r\n",
                 b"\0AUTH ANONYMOUS\r\n", b"\0AUTH DBUS_COOKIE_SHA1 30\r\n", b"\0\r\n" * 1000, os.urandom(4096)):
        with socket.socket(socket.AF_UNIX) as stranger, contextlib.suppress(OSError):
            stranger.settimeout(0.05)
            stranger.connect(path)
            stranger.sendall(said)
            stranger.recv(4096)
    for data in (b"\0" * 4096, b"\xff" * 4096, b"GET / HTTP/1.1\r\n\r\n" * 100, bytes(range(256)) * 16):
        with target.connect() as attacker, contextlib.suppress(Closed, TimeoutError):
            attacker.send(data)
            attacker.receive(0.05)
