# SPDX-License-Identifier: Apache-2.0
"""Strangers who claim to be somebody: the daemon, the bus, polkit, the one who was asked."""
from attack import attack
from callers import BusError
from raw_bus import (BUS, DESTINATION, ERROR, ERROR_NAME, INTERFACE, MEMBER, PATH, REPLY_SERIAL, RETURN, SENDER, SIGNAL,
                     SIGNATURE, body_of, message)

POLKIT = "org.freedesktop.PolicyKit1"
REPLACE = 2 | 4  # replace an existing owner, do not queue


def strangers(target):
    return [user for user in target.users if user != "root"]


@attack
def names_owned_by_strangers(target):
    """The daemon's own name, polkit's and the bus's, requested by other uids: the bus gives none of them."""
    for user in strangers(target):
        with target.connect(user) as attacker:
            for name in (target.to[0], POLKIT, BUS[0]):
                for flags in (0, 1, REPLACE, 7):
                    try:
                        result, = attacker.call(BUS[0], "RequestName", "su", name, flags, to=BUS)
                        attacker.call(BUS[0], "ReleaseName", "s", name, to=BUS)
                    except BusError:
                        continue
                    raise AssertionError(f"{user} was given {name} ({result})")


def _signals(target, claimed):
    """What the bus, polkit and the caller's neighbours might say, said by a stranger to the daemon alone."""
    watcher = target.watcher.name
    for interface, member, path, signature, arguments in (
            (BUS[0], "NameOwnerChanged", BUS[1], "sss", (watcher, watcher, "")),
            (BUS[0], "NameOwnerChanged", BUS[1], "sss", (BUS[0], BUS[0], "")),
            (BUS[0], "NameOwnerChanged", BUS[1], "sss", (target.to[0], watcher, "")),
            (BUS[0], "NameOwnerChanged", BUS[1], "sss", (POLKIT, "", watcher)),
            (BUS[0], "NameLost", BUS[1], "s", (target.to[0],)), (BUS[0], "NameAcquired", BUS[1], "s", ("x.y",)),
            (POLKIT + ".Authority", "Changed", "/org/freedesktop/PolicyKit1/Authority", "", ()),
            ("org.freedesktop.DBus.Properties", "PropertiesChanged", target.to[1], "sa{sv}as", ("x", [], []))):
        fields = {PATH: path, INTERFACE: interface, MEMBER: member, DESTINATION: target.to[0], **claimed}
        if signature:
            fields[SIGNATURE] = signature
        yield fields, body_of(signature, *arguments)


@attack
def signals_that_claim_to_be_from_the_bus(target):
    """Forged NameOwnerChanged, NameLost and Changed, unicast, with and without a sender that is claimed."""
    for user in strangers(target):
        for claimed in ({}, {SENDER: BUS[0]}, {SENDER: POLKIT}, {SENDER: target.watcher.name}):
            with target.connect(user) as attacker:
                for fields, body in _signals(target, claimed):
                    for _ in range(20):
                        attacker.send(message(SIGNAL, attacker.next_serial(), fields, body))
                attacker.call("org.freedesktop.DBus.Peer", "Ping", to=target.to)
                target.ping()  # the watcher has not left, whatever was said


@attack
def answers_to_questions_of_the_daemon(target):
    """Returns and errors with guessed serials: credentials of root, a yes of polkit, nothing, and errors."""
    credentials = ("a{sv}", body_of("a{sv}", [("UnixUserID", ("u", 0)), ("ProcessID", ("u", 1))]))
    yes = ("(bba{ss})", body_of("(bba{ss})", (True, False, [])))
    for user in strangers(target):
        for claimed in ({}, {SENDER: BUS[0]}):
            with target.connect(user) as attacker:
                for serial in [*range(1, 200), 2**16, 2**32 - 1]:
                    to = {DESTINATION: target.to[0], REPLY_SERIAL: serial, **claimed}
                    for signature, body in (credentials, yes):
                        attacker.send(message(RETURN, attacker.next_serial(), {**to, SIGNATURE: signature}, body))
                    attacker.send(message(RETURN, attacker.next_serial(), to))
                    attacker.send(message(ERROR, attacker.next_serial(),
                                          {**to, ERROR_NAME: "org.freedesktop.DBus.Error.NoReply"}))
                attacker.call("org.freedesktop.DBus.Peer", "Ping", to=target.to)


@attack
def callers_that_claim_to_be_another(target):
    """Every method with a sender in its header that is root, the bus, the daemon: it is answered to the true one."""
    from descriptors import body_with
    for user in strangers(target):
        for claimed in (target.watcher.name, BUS[0], target.to[0], ":1.0"):
            with target.connect(user) as attacker:
                calls = []
                for method in target.methods:
                    if "h" not in method.signature:
                        serial = attacker.next_serial()
                        calls.append((serial, target.call(serial, method, body_with(target, method),
                                                          more={SENDER: claimed})))
                target.volley(attacker, calls)
