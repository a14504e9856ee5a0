#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the door of factord costs beside a bare sdbus-c++ service with the same method, which asks nobody and checks
nothing: CPU time and rate of a call that is let in and of one that is refused, and the latency of a victim while another
user floods the service. Both services stand on one bus, and are measured in turn."""
import contextlib
import json
import os
import subprocess
import sys

from figures import BARE_NAME, POLICY, PROGRAMS, say, spread

from private_bus import Factord, PrivateBus, as_user

# Root would prove nothing: everything is allowed to it, before any line is looked at.
ALLOWED, VICTIM, STRANGER = "factord-test-a", "factord-test-b", "factord-test-c"
CONFIG = f"[Access]\nAuthorizer=static\nAllow=user:{ALLOWED} user.read\n[RelyingParty]\nDomain=example.org\n"
ROUNDS = 7
CALLS = 20_000
CLIENTS = 16
FLOODERS = 16  # connections
# Of each of them, calls in flight, and calls that want no reply before each of those
FLOODS = {"32 each in flight": (32, 0), "most want no reply": (4, 15)}


class Bare(Factord):
    """The bare service, started and watched as factord is."""

    def spawn(self, env=None):
        self._process = subprocess.Popen([PROGRAMS / "bare", self.bus.address, str(self.folder / "bare.db"), BARE_NAME],
                                         env=env)

    def stop(self):
        self.kill()
        return 0


class Side:
    """A service, and how it answers to whom: the stranger is refused by factord, and by a bare service nobody is."""

    def __init__(self, bus, service, name, refuses):
        self.service, self.name, self.refuses, self._bus = service, name, refuses, bus

    def nothing(self, part, user, about, *arguments):
        outcome = "refused" if self.refuses and user == STRANGER else "answered"
        argv = [self._bus.publish(PROGRAMS / "nothing"), part, self._bus.address, self.name, about, outcome, *arguments]
        return as_user(user, argv)

    def measure(self, part, user, about, *arguments):
        done = subprocess.run(self.nothing(part, user, about, *arguments), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"door: {part} at {self.name}: {done.stderr}")
        return json.loads(done.stdout)

    def load(self, user, about):
        return self.measure("load", user, about, self.service.pid, CLIENTS, CALLS)

    @contextlib.contextmanager
    def flood(self, user, *how):
        """Gives a list that holds the flood's calls a second once it is over."""
        process = subprocess.Popen(self.nothing("flood", user, VICTIM, FLOODERS, *how), stdout=subprocess.PIPE,
                                   text=True)
        rate = []
        process.stdout.readline()  # says that it has begun
        try:
            yield rate
        finally:
            process.terminate()
            said, _ = process.communicate()
        if process.returncode != 0:
            sys.exit(f"door: the flood of {self.name} ended with {process.returncode}")
        rate.append(json.loads(said)["rate"])


@contextlib.contextmanager
def on_one_core(*pids):
    """All of these, and what is started meanwhile. The kernel puts a chain of calls on one core or on two, which nearly
    doubles the rate; on one it is the sum of what all of them cost."""
    before = os.sched_getaffinity(0)
    for pid in (0, *pids):
        os.sched_setaffinity(pid, {max(before)})
    yield
    for pid in (0, *pids):
        os.sched_setaffinity(pid, before)


def costs(bus, bare, own):
    """The user that a call is about has an account: its uid is found in a cache, as the caller's is."""
    kinds = {"of one's own": (own, ALLOWED, ""), "by an Allow= line": (own, ALLOWED, VICTIM),
             "refused": (own, STRANGER, VICTIM)}
    figures = {name: [] for name in ("bare", *kinds)}
    with on_one_core(bus.pid, own.service.pid, bare.service.pid):
        for _ in range(ROUNDS):
            figures["bare"].append(bare.load(ALLOWED, VICTIM))
            for name, (side, user, about) in kinds.items():
                figures[name].append(side.load(user, about))

    def ratio(what, name, beside):
        return spread([a[what] / b[what] for a, b in zip(figures[name], figures[beside], strict=True)])

    def micros(name):
        return spread([figure["cpu"] * 1e6 for figure in figures[name]])

    say(f"A no-op that passes the door beside a bare one: service CPU and rate, {CLIENTS} clients, all on one core "
        f"({ROUNDS} rounds)")
    say(f"  {'bare sdbus-c++':20} cpu {micros('bare')} µs")
    for name in kinds:
        say(f"  {name:20} cpu {micros(name)} µs, x {ratio('cpu', name, 'bare')}, rate x {ratio('rate', name, 'bare')}")
    say(f"  refused beside one let in by an Allow= line: cpu x {ratio('cpu', 'refused', 'by an Allow= line')}")


def latency_in(flooded, user, *how):
    """(p50 of the victim, calls of the flood a second)"""
    with flooded.flood(user, *how) as rate:
        p50 = flooded.measure("victim", VICTIM, "")["p50"]
    return p50, rate[0]


def floods(bare, own):
    say(f"p50 of a victim with one call in flight while another user floods the service over {FLOODERS} connections, "
        f"beside the same at the bare service ({ROUNDS} rounds)")
    idle = [side.measure("victim", VICTIM, "")["p50"] * 1e6 for side in (bare, own)]
    say(f"  {'no flood':30} {idle[1]:.0f} µs, bare {idle[0]:.0f}")
    for user, what in ((ALLOWED, "let in"), (STRANGER, "refused")):
        for name, how in FLOODS.items():
            ratio, at_bare, at_own, rates = [], [], [], []
            for _ in range(ROUNDS):
                there, there_rate = latency_in(bare, user, *how)
                here, here_rate = latency_in(own, user, *how)
                ratio.append(here / there)
                at_bare.append(there * 1e6)
                at_own.append(here * 1e6)
                rates.append(here_rate / there_rate)
            say(f"  {what + ', ' + name:30} x {spread(ratio)}, {spread(at_own, '{:.0f}')} µs, "
                f"bare {spread(at_bare, '{:.0f}')}; the flood's own rate x {spread(rates)}")


def measure():
    with PrivateBus(more_policy=POLICY) as bus, Bare(bus) as bare, Factord(bus, config=CONFIG) as daemon:
        sides = Side(bus, bare, BARE_NAME, refuses=False), Side(bus, daemon, "org.factord1", refuses=True)
        costs(bus, *sides)
        floods(*sides)


if __name__ == "__main__":
    measure()
