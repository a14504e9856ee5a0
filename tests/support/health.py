# SPDX-License-Identifier: Apache-2.0
"""Whether the daemon is as well after a hostile call as it was before."""
import os
import pathlib
import time
import xml.etree.ElementTree

import private_bus
from callers import ADMIN, FACTORS

PROPERTIES = "org.freedesktop.DBus.Properties"
# A sanitizer keeps freed memory in quarantine: there RSS says nothing about leaks, the leak check at the end does.
SANITIZED = private_bus.FACTORD.exists() and any(
    start in private_bus.FACTORD.read_bytes() for start in (b"__asan_init", b"__tsan_init"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """In bytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def property_of(caller, name):
    return caller.call(PROPERTIES, "Get", "ss", ADMIN, name)[0]


def methods(caller):
    """The live interfaces: {(interface, method): [(argument, signature), …]} of Factors and Admin."""
    text, = caller.call("org.freedesktop.DBus.Introspectable", "Introspect")
    found = {}
    for interface in xml.etree.ElementTree.fromstring(text).iter("interface"):
        if interface.get("name") in (FACTORS, ADMIN):
            for method in interface.iter("method"):
                found[interface.get("name"), method.get("name")] = [
                    (argument.get("name"), argument.get("type")) for argument in method.iter("arg")
                    if argument.get("direction", "in") == "in"]
    return found


class Watch:
    """Takes the daemon's pid, descriptors and memory at the beginning; check() says what has changed for the worse."""

    def __init__(self, daemon, caller):
        self.daemon, self.caller = daemon, caller
        self.pid = daemon.pid
        property_of(caller, "Version")  # so that this caller is known already
        self.descriptors, self.resident = descriptors(self.pid), resident(self.pid)

    def check(self, test, growth=24 << 20):
        """Alive, serving, no descriptor more, memory within growth."""
        test.assertEqual(self.daemon.pid, self.pid)
        test.assertEqual(property_of(self.caller, "StoreState"), "open")
        self.until(lambda: descriptors(self.pid) <= self.descriptors,
                   lambda: f"{descriptors(self.pid)} descriptors, {self.descriptors} before")
        if not SANITIZED:
            test.assertLess(resident(self.pid) - self.resident, growth)

    def until(self, condition, otherwise, timeout=private_bus.DEADLINE):
        """Asks the daemon until it has got that far; its loop answers each question after what was due before."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(otherwise())
            property_of(self.caller, "Version")
