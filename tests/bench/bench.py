#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark: ratios, each with both sides measured in this one run, in turn. No thresholds: read the figures.

Rates hang on which cores the kernel picks; CPU time of the service is the steadier figure (docs/benchmarks.md)."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import checks
import door
from figures import LOAD, POLICY, PROGRAMS, load, say, spread

from private_bus import Factord, PrivateBus

ROUNDS = 3
CALLS = {1: 1000, 8: 2000, 64: 4000}


def rates(bus, daemon):
    say("Rate beside the no-op of the same daemon, service CPU in µs (median [least..most] of "
        f"{ROUNDS} rounds)")
    for kind in ("remove-passkey", "verify-totp"):
        for clients, calls in CALLS.items():
            ratio, no_op, real = [], [], []
            for turn in range(ROUNDS):
                a = load(bus, daemon, "nothing", clients, calls, "x")
                b = load(bus, daemon, kind, clients, calls, f"{kind}-{clients}-{turn}-")
                ratio.append(b["rate"] / a["rate"])
                no_op.append(a["cpu"] * 1e6)
                real.append(b["cpu"] * 1e6)
            say(f"  {kind:15} {clients:3} clients: rate x {spread(ratio)}, cpu {spread(real, '{:.1f}')} "
                f"(no-op {spread(no_op, '{:.1f}')})")


def verification(bus, daemon):
    ratio, cpu = [], []
    for turn in range(ROUNDS):
        bare = json.loads(subprocess.check_output([LOAD, "bare-verification", "2000"]))["cpu"]
        served = load(bus, daemon, "verify-passkey", 8, 1000, f"verify-passkey-{turn}-")["cpu"]
        ratio.append(served / bare)
        cpu.append(served * 1e6)
    say("Service CPU of one VerifyPasskeyRegistration (packed self ES256, durable) beside a bare ES256 verification")
    say(f"  x {spread(ratio)}, {spread(cpu, '{:.0f}')} µs")


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def started(service):
    """(milliseconds from exec to READY, KiB resident)"""
    begun = time.monotonic()
    service.start()
    took = (time.monotonic() - begun) * 1e3
    size = resident(service.pid)
    service.stop()
    return took, size


def starts(bus):
    time_ratio, size_ratio, own_ms, own_kib = [], [], [], []
    daemon, bare = Factord(bus, config=checks.CONFIG), door.Bare(bus)
    started(daemon)  # makes the store
    started(bare)  # makes its database
    for _ in range(15):
        bare_ms, bare_kib = started(bare)
        ms, kib = started(daemon)
        time_ratio.append(ms / bare_ms)
        size_ratio.append(kib / bare_kib)
        own_ms.append(ms)
        own_kib.append(kib)
    say("Start and memory beside a bare sdbus-c++ + sqlite + sodium daemon (15 starts each, in turn)")
    say(f"  exec to READY x {spread(time_ratio)}, {spread(own_ms, '{:.1f}')} ms")
    say(f"  idle RSS      x {spread(size_ratio)}, {spread(own_kib, '{:.0f}')} KiB")


def main():
    subprocess.run([PROGRAMS / "verifier"], check=True)
    with PrivateBus(more_policy=POLICY) as bus:
        starts(bus)
        with Factord(bus, config=checks.CONFIG) as daemon:
            verification(bus, daemon)
            rates(bus, daemon)
    checks.measure()
    door.measure()


if __name__ == "__main__":
    main()
