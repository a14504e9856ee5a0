#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks a D-Bus daemon, any, and tells after each attack whether it is as well as before: alive, the same owner of its
name, as many descriptors, about as much memory, no children, the same state.

    hostile.py --address unix:path=/run/dbus/system_bus_socket --destination org.example --path /org/example --pid 123
    hostile.py … --state 'busctl call org.example …'   the output of this command may not change
    hostile.py … --seconds 600                         all attacks once, then such as the dice choose
    hostile.py … --only names_of_every_length_and_kind --seed 17

Run it as root, against a daemon of your own, on a bus of your own: it sends a hundred thousand messages, and attacks as
other users, too (--user, twice or more; by default nobody and root). Needs python3 alone."""
import argparse
import pathlib
import random
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from attack import ATTACKS, all_attacks, carry_out  # noqa: E402
from target import Target, methods_in  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True, help="of the bus; unix:path= only")
    parser.add_argument("--destination", required=True, help="the daemon's name on the bus")
    parser.add_argument("--path", required=True, help="its object")
    parser.add_argument("--pid", required=True, type=int, help="its process")
    parser.add_argument("--xml", type=pathlib.Path, help="its interfaces; without it, it is asked for them")
    parser.add_argument("--user", action="append", help="who attacks; may be given more than once")
    parser.add_argument("--state", help="a shell command whose output must stay the same")
    parser.add_argument("--seconds", type=float, default=0, help="go on at random for so long")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--growth", type=int, default=24, help="MiB that an attack may leave behind")
    parser.add_argument("--only", action="append", choices=sorted(all_attacks()), help="these attacks")
    return parser.parse_args()


def target_of(given):
    state = lambda: subprocess.run(given.state, shell=True, capture_output=True, text=True, check=False).stdout
    return Target(given.address, given.destination, given.path, given.pid,
                  methods=methods_in(given.xml.read_text()) if given.xml else None, users=given.user or ["nobody", "root"],
                  seed=given.seed, observe=state if given.state else None, growth=given.growth << 20)


class Report:
    def __init__(self, target):
        self.target, self.passed, self.failed = target, 0, 0

    def carry_out(self, name, seed=None):
        begun = time.monotonic()
        try:
            carry_out(self.target, name, seed)
        except Exception as error:  # whatever it is: the next attack is tried, as long as there is a daemon
            self.failed += 1
            print(f"FAILED {name} (--seed {self.target.seed if seed is None else seed}): {type(error).__name__}: {error}",
                  flush=True)
            return
        self.passed += 1
        print(f"ok     {name}, {time.monotonic() - begun:.2f} s", flush=True)

    def alive(self):
        return pathlib.Path(f"/proc/{self.target.pid}").exists()


def main():
    given = arguments()
    target = target_of(given)
    names = given.only or list(ATTACKS)
    print(f"seed {given.seed}: {len(names)} attacks on {len(target.methods)} methods of {given.destination}", flush=True)
    report, dice, end = Report(target), random.Random(given.seed), time.monotonic() + given.seconds
    for name in names:
        if report.alive():
            report.carry_out(name)
    while report.alive() and time.monotonic() < end:
        report.carry_out(dice.choice(names), dice.randrange(2**32))
    if not report.alive():
        print(f"process {given.pid} has ended", flush=True)
        report.failed += 1
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
