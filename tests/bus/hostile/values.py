# SPDX-License-Identifier: Apache-2.0
"""Values for any D-Bus signature: plain ones, and such as a careless daemon stumbles over."""
from raw_bus import body_of, complete_types

RANGES = {"y": (0, 2**8), "n": (-2**15, 2**15), "q": (0, 2**16), "i": (-2**31, 2**31), "u": (0, 2**32),
          "x": (-2**63, 2**63), "t": (0, 2**64), "h": (0, 1), "b": (0, 2)}
TEXTS = ("", "x", "root", "a:b", "../../etc/passwd", "%s%n%x", "\u202egnp.exe", "\x01\x1b[2J", "a\nb", "'; --", "$(id)",
         "\U0001f511" * 50, "x" * 200, "x" * 201, "x" * 70_000)
PATHS = ("/", "/org/factord1", "/" + "/".join("x" * 100), "/" + "x" * 4000)
SIGNATURES = ("", "s", "a{sv}", "aaaaaaaaaas", "(" * 30 + "s" + ")" * 30)
SINGLE = ("y", "b", "n", "q", "i", "u", "x", "t", "d", "s", "o", "g", "as", "ay", "a{ss}", "a{sv}", "av", "(su)", "aas", "v")


def plain(type_, dice):
    """A value of that type that a daemon might well be sent."""
    return _value(type_, dice, lambda code: {"s": "x", "o": "/x", "g": "s"}.get(code, 0), lambda: 0, 0)


def hostile(type_, dice, depth=0):
    """A value of that type at some edge."""
    return _value(type_, dice, lambda code: _edge(code, dice), lambda: dice.choice((0, 1, 2, 3, 40)), depth)


def _value(type_, dice, basic, count, depth):
    code = type_[0]
    if code == "a":
        return [_value(type_[1:], dice, basic, count, depth + 1) for _ in range(count() if depth < 4 else 0)]
    if code in "({":
        return tuple(_value(member, dice, basic, count, depth + 1) for member in complete_types(type_[1:-1]))
    if code == "v":
        inner = dice.choice(SINGLE if depth < 4 else ("s", "u"))
        return inner, _value(inner, dice, basic, count, depth + 1)
    return 0.5 if code == "d" else basic(code)


def _edge(code, dice):
    if code in RANGES:
        low, high = RANGES[code]
        return dice.choice((low, high - 1, 0, dice.randrange(low, high)))
    return dice.choice({"s": TEXTS, "o": PATHS, "g": SIGNATURES}[code])


def body(signature, dice, value=hostile):
    return body_of(signature, *(value(type_, dice) for type_ in complete_types(signature)))
