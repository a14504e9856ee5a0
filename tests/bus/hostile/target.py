# SPDX-License-Identifier: Apache-2.0
"""The daemon under attack: how it is reached, what it offers, and whether it is as well as before.

Knows nothing of any particular daemon. An attack gets a Target and uses connect(), volley() and random; what it does is
judged afterwards by Vitals, and by what `observe` returns, which must not change.
"""
import collections
import dataclasses
import os
import pathlib
import random
import time
import types
import xml.etree.ElementTree

from callers import BusError
from health import SANITIZED, descriptors, resident
from raw_bus import BUS, CALL, ERROR, REPLY_SERIAL, RETURN, Closed, RawConnection, call_fields, message

PEER = "org.freedesktop.DBus.Peer"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
OF_THE_LIBRARY = "org.freedesktop.DBus."
# dbus-daemon lets 128 calls of a connection wait for their answers; the rest would be refused before they arrive.
AT_ONCE = 100
PATIENCE = 60.0
NO_REPLY = 1

Method = collections.namedtuple("Method", "interface name signature")


def methods_in(text):
    """What an introspection document offers, without what every D-Bus library adds."""
    found = []
    for interface in xml.etree.ElementTree.fromstring(text).iter("interface"):
        if interface.get("name").startswith(OF_THE_LIBRARY):
            continue
        for method in interface.iter("method"):
            arguments = [each.get("type") for each in method.iter("arg") if each.get("direction", "in") == "in"]
            found.append(Method(interface.get("name"), method.get("name"), "".join(arguments)))
    return found


def children(pid):
    """Of all its threads."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = status.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # has ended meanwhile
        if int(after_name[1]) == pid:
            found.append(int(status.parent.name))
    return found


def difference(before, now):
    """Where two states part, with a little of both."""
    before, now = repr(before), repr(now)
    at = next((at for at, (a, b) in enumerate(zip(before, now)) if a != b), min(len(before), len(now)))
    return f"{before[max(0, at - 200):at + 80]!r} became {now[max(0, at - 200):at + 80]!r}"


@dataclasses.dataclass
class Vitals:
    owner: str
    descriptors: int
    resident: int
    state: object


class Target:
    def __init__(self, address, destination, path, pid, methods=None, users=("root",), seed=0, observe=None,
                 growth=24 << 20):
        self.address, self.to, self.pid = address, (destination, path), pid
        self.bus = types.SimpleNamespace(address=address)
        self.users, self.seed, self.growth = users, seed, growth
        self.random = random.Random(seed)
        self.observe = observe or (lambda: None)
        self.watcher = RawConnection(self.bus, "root" if os.geteuid() == 0 else users[0])
        self.methods = methods or methods_in(self.ask(INTROSPECTABLE, "Introspect", to=self.to)[0])

    def close(self):
        self.watcher.close()

    def connect(self, user=None):
        """A connection of that user, else of the first of the users who attack."""
        return RawConnection(self.bus, user or self.users[0])

    def ask(self, interface, member, signature="", *arguments, to=None):
        return self.watcher.call(interface, member, signature, *arguments, to=to or self.to)

    def call(self, serial, method, body=b"", signature=None, flags=0, fds=0, more=None):
        """The bytes of a call of `method`, whose body and signature may be anything."""
        signature = method.signature if signature is None else signature
        fields = {**call_fields(method.interface, method.name, signature, fds, self.to), **(more or {})}
        return message(CALL, serial, fields, body, flags=flags)

    def volley(self, connection, calls):
        """Sends (serial, bytes[, fds]) and waits until each is answered: {serial: Received}. Where the bus hangs up, what
        came before. A daemon that leaves a call without an answer fails here, by the timeout."""
        answers, waiting, calls = {}, set(), collections.deque(calls)
        try:
            while calls or waiting:
                while calls and len(waiting) < AT_ONCE:
                    serial, data, *fds = calls.popleft()
                    connection.send(data, *fds)
                    waiting.add(serial)
                received = connection.receive(PATIENCE)
                for fd in received.fds:
                    os.close(fd)
                serial = received.fields.get(REPLY_SERIAL)
                if received.kind in (RETURN, ERROR) and serial in waiting:
                    waiting.remove(serial)
                    answers[serial] = received
        except Closed:
            pass
        return answers

    def ping(self):
        """Where more lies at the bus for the daemon than it may hold, that has to be read first."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(PEER, "Ping")
            except BusError as error:
                if error.name != "org.freedesktop.DBus.Error.LimitsExceeded" or time.monotonic() > deadline:
                    raise

    def vitals(self):
        owner, = self.ask(BUS[0], "GetNameOwner", "s", self.to[0], to=BUS)
        self.ping()
        return Vitals(owner, descriptors(self.pid), resident(self.pid), self.observe())

    def check(self, before):
        """AssertionError where the daemon is not what it was."""
        self._until(lambda: descriptors(self.pid) <= before.descriptors,
                    lambda: f"{descriptors(self.pid)} descriptors, {before.descriptors} before: {self._open_files()}")
        now = self.vitals()
        assert now.owner == before.owner, f"another owner of {self.to[0]}: {before.owner} became {now.owner}"
        assert now.state == before.state, f"another state: {difference(before.state, now.state)}"
        assert not (born := children(self.pid)), f"children: {born}"
        # A sanitizer keeps freed memory back: there its own report at the end is what counts
        assert SANITIZED or now.resident - before.resident < self.growth, \
            f"{(now.resident - before.resident) >> 10} KiB more than before"

    def _until(self, condition, otherwise):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, otherwise()
            self.ping()

    def _open_files(self):
        names = collections.Counter()
        for link in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                names[os.readlink(link).partition(":")[0]] += 1
            except OSError:
                pass
        return dict(names)
