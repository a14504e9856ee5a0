# SPDX-License-Identifier: Apache-2.0
"""Calls of every method with other arguments than it takes."""
from attack import attack
from raw_bus import ERROR
from values import SINGLE, body, plain

ROUNDS = 20


def _wrong_signatures(right, dice):
    """Others than the right one: shortened, lengthened, wrapped, exchanged."""
    tried = {"", right + "s", "s" + right, right * 2, f"({right})" if right else "()", "v", "h", "aaaaa{sv}",
             "v" * 200, "".join(dice.choice(SINGLE) for _ in range(8)), right.replace("s", "o"),
             right.replace("s", "ay", 1) if right[:1] == "s" else "ay", right.replace("a{sv}", "a{ss}"), right.replace("{sv}", "(sv)"), right[:-1]}
    return sorted(each for each in tried - {right, "()"} if each.count("(") == each.count(")") and
                  each.count("{") == each.count("}") and not each.endswith("a"))


@attack
def wrong_signatures_for_every_method(target):
    """Every method is called with signatures that it does not have: each such call gets an error."""
    for method in target.methods:
        with target.connect() as attacker:
            calls = []
            for signature in _wrong_signatures(method.signature, target.random):
                fds = signature.count("h")
                serial = attacker.next_serial()
                calls.append((serial, target.call(serial, method, body(signature, target.random, plain), signature,
                                                  fds=fds), [0] * fds))
            answers = target.volley(attacker, calls)
            assert len(answers) == len(calls), f"{method.name}: {len(answers)} answers to {len(calls)} calls"
            for answer in answers.values():
                assert answer.kind == ERROR, f"{method.name} took a signature that is not its own"


@attack
def hostile_values_for_every_method(target):
    """Every method is called with its own signature and values at the edges of their types."""
    for method in target.methods:
        for user in target.users:
            with target.connect(user) as attacker:
                fds = method.signature.count("h")
                serials = [attacker.next_serial() for _ in range(ROUNDS)]
                calls = [(serial, target.call(serial, method, body(method.signature, target.random), fds=fds), [0] * fds)
                         for serial in serials]
                assert len(target.volley(attacker, calls)) == len(calls), method.name


@attack
def every_method_without_an_interface_and_on_other_objects(target):
    """Calls that name no interface, a wrong one, or an object that is not there."""
    with target.connect() as attacker:
        for method in target.methods:
            for interface, path in ((None, target.to[1]), ("org.freedesktop.DBus.Properties", target.to[1]),
                                    (method.interface + ".x", target.to[1]), (method.interface, "/"),
                                    (method.interface, target.to[1] + "/x"), (None, "/nothing/here")):
                _call_on(target, attacker, method, interface, path)


def _call_on(target, attacker, method, interface, path):
    from raw_bus import CALL, INTERFACE, PATH, call_fields, message
    fields = {**call_fields(method.interface, method.name, method.signature, 0, target.to), PATH: path}
    if interface is None:
        del fields[INTERFACE]
    else:
        fields[INTERFACE] = interface
    serial = attacker.next_serial()
    sent = message(CALL, serial, fields, body(method.signature, target.random, plain))
    if "h" not in method.signature:
        assert target.volley(attacker, [(serial, sent)]), f"{method.name}: the bus hung up"
