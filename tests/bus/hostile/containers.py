# SPDX-License-Identifier: Apache-2.0
"""Containers: as deep as D-Bus lets them be, and as large."""
from attack import attack
from raw_bus import CALL, body_of, call_fields, complete_types, message
from values import plain

MEBIBYTE = 1 << 20
# Debian's system bus takes messages below 32 MiB.
LARGEST = 31 * MEBIBYTE


def with_options(target, options, limit=None):
    """Calls of all methods that end in a{sv}, given these options."""
    chosen = [each for each in target.methods if each.signature.endswith("a{sv}") and "h" not in each.signature]
    for method in chosen[:limit]:
        before = [plain(type_, target.random) for type_ in complete_types(method.signature)[:-1]]
        yield method, body_of(method.signature, *before, options)


def _deep():
    """Values nested as deep as a message may have them, 32 arrays and 32 structures, and 60 variants."""
    arrays, structures = "a" * 32 + "s", "(" * 32 + "s" + ")" * 32
    in_arrays, in_structures, in_variants = "x", "x", ("s", "x")
    for _ in range(32):
        in_arrays, in_structures = [in_arrays], (in_structures,)
    for _ in range(60):
        in_variants = ("v", in_variants)
    both_type, both = "a" * 32 + "(" * 30 + "s" + ")" * 30, "x"
    for _ in range(30):
        both = (both,)
    for _ in range(32):
        both = [both]
    dictionaries = ("s", "x")
    for _ in range(20):
        dictionaries = ("a{sv}", [("inner", dictionaries)])
    yield (arrays, in_arrays)
    yield (structures, in_structures)
    yield (both_type, both)
    yield in_variants
    yield dictionaries


@attack
def containers_nested_to_the_limit(target):
    """Every method with options that are 32 arrays, 32 structures, both, 60 variants and 20 dictionaries deep."""
    for value in _deep():
        for key in ("org", "x"):
            with target.connect() as attacker:
                calls = []
                for method, body in with_options(target, [(key, value)]):
                    serial = attacker.next_serial()
                    calls.append((serial, target.call(serial, method, body)))
                target.volley(attacker, calls)


@attack
def containers_nested_beyond_the_limit(target):
    """33 of a kind, and variants without end: the bus hangs up."""
    for value in (("a" * 33 + "s", []), ("(" * 33 + "s" + ")" * 33, _nest("x", 33))):
        for method, body in with_options(target, [("org", value)], 3):
            with target.connect() as attacker:
                serial = attacker.next_serial()
                target.volley(attacker, [(serial, target.call(serial, method, body))])
    for method, body in with_options(target, [("org", ("v", ("v", ("s", "x"))))], 3):
        with target.connect() as attacker:
            serial = attacker.next_serial()
            target.volley(attacker, [(serial, target.call(serial, method, body.replace(b"\1v\0", b"\1v\0" * 5000)))])


def _nest(value, levels):
    for _ in range(levels):
        value = (value,)
    return value


@attack
def arrays_and_dictionaries_as_large_as_the_bus_lets_through(target):
    """31 MiB of bytes, of empty texts, of dictionary entries and of arrays, to one method each."""
    for options in ([("org", ("ay", bytes(LARGEST)))], [("org", ("au", bytes(LARGEST)))],
                    [("x" * (LARGEST // 2), ("s", "x" * (LARGEST // 2 - 200)))]):
        _send_large(target, options)
    for entry in (("x", ("y", 0)), ("x", ("as", []))):
        one = len(body_of("a{sv}", [entry] * 11)) - len(body_of("a{sv}", [entry] * 10))
        _send_entries(target, entry, LARGEST // 4 // one)


def _send_large(target, options):
    for method, body in with_options(target, options, 1):
        with target.connect() as attacker:
            serial = attacker.next_serial()
            target.volley(attacker, [(serial, target.call(serial, method, body))])


def _send_entries(target, entry, count):
    """Writing millions of entries one by one takes python long: one run of eight is repeated, as all align alike."""
    eight = body_of("a{sv}", [entry] * 16)
    period = len(body_of("a{sv}", [entry] * 16)) - len(body_of("a{sv}", [entry] * 8))
    for method in [each for each in target.methods if each.signature in ("a{sv}",)][:1]:
        entries = eight[8:8 + period] * (count // 8)
        body = len(entries).to_bytes(4, "little") + bytes(4) + entries
        with target.connect() as attacker:
            serial = attacker.next_serial()
            sent = message(CALL, serial, call_fields(method.interface, method.name, "a{sv}", 0, target.to), body)
            target.volley(attacker, [(serial, sent)])


@attack
def one_key_a_hundred_thousand_times(target):
    """Dictionaries of 100,000 entries with the same key, and of 10,000 with different ones."""
    different = [(str(number), ("u", number)) for number in range(10_000)]
    for method in [each for each in target.methods if each.signature == "a{sv}"][:1]:
        _send_entries(target, ("org", ("s", "")), 100_000)
        with target.connect() as attacker:
            serial = attacker.next_serial()
            target.volley(attacker, [(serial, target.call(serial, method, body_of("a{sv}", different)))])
