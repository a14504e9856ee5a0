#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks at login beside what they cannot do without: the no-op, the commit, the signature; and batches beside commits
of each operation by itself. Part of the benchmark, also by itself. Bus, daemon and clients are on one core, but where
signatures are to be verified on another."""
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile

from figures import LOAD, POLICY, PROGRAMS, load, say, spread

from private_bus import Factord, PrivateBus

CONFIG = "[Access]\nAuthorizer=static\n[RelyingParty]\nDomain=example.org\n"
ROUNDS = 7
EACH = {"FACTORD_BATCH_OPERATIONS": "1"}
SLOW = {"LD_PRELOAD": str(PROGRAMS / "slow_flush.so"), "FACTORD_FLUSH_US": "10000"}


class Runs:
    """Numbers for the loads: a user's codes are good once."""

    def __init__(self, bus):
        self._bus, self._number = bus, 0

    def __call__(self, daemon, kind, clients, calls):
        self._number += 1
        return load(self._bus, daemon, kind, clients, calls, f"{kind}-{self._number}-")


def beside_the_no_op(run, daemon):
    for clients, calls in ((64, 3000), (1, 500)):
        got = [(run(daemon, "check-totp", clients, calls), run(daemon, "nothing", clients, calls))
               for _ in range(ROUNDS)]
        say(f"  CheckTOTP, {clients:2} clients, rate x no-op        "
            f"{spread([check['rate'] / no_op['rate'] for check, no_op in got])}, "
            f"cpu {spread([check['cpu'] * 1e6 for check, _ in got], '{:.1f}')} µs")


def lone_beside_its_parts(run, daemon):
    got = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=daemon.state_dir) as folder:
            commit = json.loads(subprocess.check_output([LOAD, "bare-commit", "500", f"{folder}/bare"]))
        got.append(run(daemon, "check-totp", 1, 500)["p50"] /
                   (run(daemon, "nothing", 1, 500)["p50"] + commit["p50"]))
    say(f"  CheckTOTP, lone client, p50 x (no-op + commit) {spread(got)}")


def beside_commits_of_each(bus, run, flush, name, rounds):
    with Factord(bus, config=CONFIG, env=flush) as daemon:
        together = [run(daemon, "check-totp", 64, 640 if flush else 3000)["rate"] for _ in range(rounds)]
    with Factord(bus, config=CONFIG, env={**flush, **EACH}) as daemon:
        each = [run(daemon, "check-totp", 64, 192 if flush else 3000)["rate"] for _ in range(rounds)]
    say(f"  CheckTOTP, 64 clients, {name}, rate x a commit for each "
        f"{statistics.median(together) / statistics.median(each):.1f}")


@contextlib.contextmanager
def filled(users):
    """What measures a daemon whose store holds so many users beside those of the load."""
    with PrivateBus(more_policy=POLICY) as bus, Factord(bus, config=CONFIG) as daemon:
        daemon.stop()
        subprocess.run([PROGRAMS / "fill", daemon.state_dir, daemon.key_file, str(users)], check=True)
        daemon.start()
        run = Runs(bus)
        yield lambda: run(daemon, "check-totp", 64, 3000)["rate"]


def in_a_full_store():
    few, many = 1_000, 1_000_000
    with filled(few) as small, filled(many) as large:
        got = [large() / small() for _ in range(ROUNDS)]
    say(f"  CheckTOTP, 64 clients, rate with {many:,} stored factors x with {few:,} {spread(got)}")


def beside_the_signature(run, daemon):
    got = []
    for _ in range(ROUNDS):
        bare = json.loads(subprocess.check_output([LOAD, "bare-verification", "2000"]))["cpu"]
        got.append(run(daemon, "check-passkey", 8, 1000)["cpu"] / bare)
    say(f"  CheckPasskey ES256, service CPU x bare verification {spread(got)}")


def beside_a_flood_of_signatures(bus, run, daemon):
    got = []
    for turn in range(ROUNDS):
        idle = run(daemon, "nothing", 1, 2000)["p50"]
        with subprocess.Popen([LOAD, bus.address, str(daemon.pid), "check-passkey", "64", "60000", f"flood-{turn}-"],
                              stdout=subprocess.PIPE) as flood:
            flood.stdout.readline()  # it begins
            got.append(run(daemon, "nothing", 1, 300)["p50"] / idle)
            if flood.poll() is not None:
                sys.exit("bench: the flood ended before its victim")
            flood.kill()
    say(f"  no-op, lone client, p50 in a flood of CheckPasskey by 64 clients x idle {spread(got)}")


def measure():
    say(f"Checks at login ({ROUNDS} rounds)")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    with PrivateBus(more_policy=POLICY) as bus:
        run = Runs(bus)
        with Factord(bus, config=CONFIG) as daemon:
            beside_the_no_op(run, daemon)
            lone_beside_its_parts(run, daemon)
        beside_commits_of_each(bus, run, {}, "this disk", ROUNDS)
        beside_commits_of_each(bus, run, SLOW, "10 ms a flush", 3)
    in_a_full_store()
    os.sched_setaffinity(0, cores)
    with PrivateBus(more_policy=POLICY) as bus, Factord(bus, config=CONFIG) as daemon:
        run = Runs(bus)
        beside_the_signature(run, daemon)
        beside_a_flood_of_signatures(bus, run, daemon)


if __name__ == "__main__":
    measure()
