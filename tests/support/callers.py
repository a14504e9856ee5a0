# SPDX-License-Identifier: Apache-2.0
"""Callers of several uids, each with a D-Bus connection of its own that stays.

    with Caller(bus, "factord-test-a") as alice:
        passkey_id, options_json, details = alice.call(FACTORS, "RegisterPasskey", "sa{sv}", "", options(domain="x.y"))
        totp_id, uri, details = alice.call(FACTORS, "RegisterTOTP", "sa{sv}", "", options(digits=u(8)))
        alice.call(FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[sealed_memfd(b"otpauth://…")])
        under_way = [alice.start(FACTORS, "ListPasskeys", "sa{sv}", "", {}) for _ in range(100)]
        lists = [alice.finish(call) for call in under_way]

Results come as a tuple of plain Python values; a file descriptor comes as an int that the test owns (content(fd) reads
and closes it). As on the bus, an argument of type h is an index into fds; the descriptors in fds stay the test's own.
An error raises BusError. Signals are kept until the test asks for them with signals(). A Caller belongs to one thread.
"""
import fcntl
import itertools
import os
import pathlib
import re
import socket
import subprocess

import calling_process
import private_bus

FACTORS = "org.factord1.Factors"
CHECKS = "org.factord1.Checks"
ADMIN = "org.factord1.Admin"
DESTINATION = ("org.factord1", "/org/factord1")
PYTHON = "/usr/bin/python3"  # the one that Debian's python3-gi belongs to


class BusError(Exception):
    """An error reply: .name and .message as on the bus; .code, .text and .id are what they are made of."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.code = name.rpartition(".")[2]
        parts = re.fullmatch(r"(.*) \(([^()]*)\)", message, re.DOTALL)
        self.text, self.id = parts.groups() if parts else (message, "")


def variant(signature, value):
    """A value of exactly this D-Bus type, for the v in a{sv}."""
    return {calling_process.VARIANT: signature, "value": value}


def u(number):
    return variant("u", number)


def t(number):
    return variant("t", number)


def options(**given):
    """a{sv} from keyword arguments: str is s, bool is b, list is as; anything else says its type by u(), t(),
    variant()."""
    types = {str: "s", bool: "b", list: "as"}
    return {name: value if isinstance(value, dict) else variant(types[type(value)], value)
            for name, value in given.items()}


def sealed_memfd(content_, seals=fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL):
    """A memfd as factord accepts it; other seals for the tests of those it must refuse."""
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, content_)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def filled_pipe(content_):
    """The reading end of a pipe that holds content_ (up to 64 KiB) and has ended."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    os.write(write_end, content_)
    os.close(write_end)
    return read_end


def content(fd):
    """All that can be read from fd where it stands; closes it."""
    with os.fdopen(fd, "rb") as file:
        return file.read()


class Caller:
    """A process of that user with one connection; .name is its unique name on the bus, .pid the process."""

    def __init__(self, bus, user="root"):
        self._ids = itertools.count(1)
        self._answers = {}
        self._signals = []
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        script = bus.publish(pathlib.Path(calling_process.__file__))
        with theirs:
            self._process = subprocess.Popen(
                private_bus.as_user(user, [PYTHON, "-I", script, theirs.fileno(), bus.address]),
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd="/")
        try:
            self.name = self._receive(private_bus.DEADLINE)["name"]
        except BaseException:
            self.close()
            raise

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, interface, method, signature="", *arguments, **more):
        """The results of one call as a tuple; BusError for an error reply."""
        return self.finish(self.start(interface, method, signature, *arguments, **more))

    def start(self, interface, method, signature="", *arguments, fds=(), timeout=private_bus.DEADLINE, to=DESTINATION,
              interactive=False):
        """Sends a call and returns at once; finish() takes what this returns. Calls go out in the order of start().

        interactive: somebody may be asked for a password meanwhile."""
        handle = (next(self._ids), timeout)
        calling_process.send_frame(
            self._channel, {"id": handle[0], "to": to, "interface": interface, "method": method,
                            "signature": signature, "arguments": arguments, "timeout": timeout,
                            "interactive": interactive}, fds)
        return handle

    def finish(self, handle):
        """Waits for that call; in any order."""
        number, timeout = handle
        while number not in self._answers:
            self._take(timeout + private_bus.DEADLINE)  # the child times out first
        answer = self._answers.pop(number)
        if "refused" in answer:
            raise TypeError(answer["refused"])
        if "error" in answer:
            raise BusError(*answer["error"])
        return tuple(answer["fds"][value] if type_ == "h" else value
                     for type_, value in zip(answer["types"], answer["values"], strict=True))

    def signals(self, count, timeout=private_bus.DEADLINE):
        """The next signals, as (interface, member, arguments); waits until so many have come."""
        while len(self._signals) < count:
            self._take(timeout)
        taken, self._signals = self._signals[:count], self._signals[count:]
        return taken

    def signals_at_hand(self):
        """Those that came before the last answer that was waited for."""
        taken, self._signals = self._signals, []
        return taken

    def signals_so_far(self):
        """Those that were sent to this connection before this call, without waiting for more: the bus answers in the
        order of what it gets."""
        self.call("org.freedesktop.DBus", "GetId", to=("org.freedesktop.DBus", "/org/freedesktop/DBus"))
        return self.signals_at_hand()

    def close(self):
        """Leaves the bus."""
        self._channel.close()
        try:
            self._process.wait(private_bus.DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _take(self, timeout):
        answer = self._receive(timeout)
        if "signal" in answer:
            interface, member, arguments = answer["signal"]
            self._signals.append((interface, member, tuple(arguments)))
        else:
            self._answers[answer["id"]] = answer

    def _receive(self, timeout):
        self._channel.settimeout(timeout)
        received = calling_process.receive_frame(self._channel)
        if received is None:
            raise RuntimeError(f"the calling process ended with {self._process.wait(private_bus.DEADLINE)}")
        answer, fds = received
        return {**answer, "fds": fds}
