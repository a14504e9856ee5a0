#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Do the tests of daemon/webauthn and daemon/otp notice every step that is taken out or turned round?

Every mutation of the two folders is compiled into one copy of the sources and switched on by number, one a run, through
the unit tests and the vectors, the quickest first. A run that fails, crashes, or takes ten times its processor time
kills the mutant. The mutants that nothing kills are printed, the equivalent ones of equivalent.txt aside."""
import argparse
import concurrent.futures
import math
import os
import pathlib
import resource
import subprocess
import sys
import time

import explained
import programs
import schemata
import units
from scratch import Broken, Scratch

HERE = pathlib.Path(__file__).resolve().parent
WANTED = 95  # percent killed of all that are not equivalent
MEMORY = 1 << 30


def arguments():
    parser = argparse.ArgumentParser(description="mutation run over daemon/webauthn and daemon/otp")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parents[1])
    parser.add_argument("--scratch", type=pathlib.Path, help="folder for the copy and its build (build-mutation)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", metavar="FILE", help="mutants of this file or folder alone, as daemon/otp/totp.cpp")
    parser.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    given = parser.parse_args()
    given.root = given.root.resolve()
    given.scratch = (given.scratch or given.root / "build-mutation").resolve()
    return given


# ---- Mutants into the copy ----
def prepared(given):
    """The copy with every mutant that compiles: (scratch, places, how many mutants were left out)."""
    scratch = Scratch(given.root, given.scratch, given.jobs)
    sources = scratch.copy()
    scratch.configure()
    absolute = {str(scratch.tree / name): source for name, source in sources.items()}
    parsed = units.Units(absolute, [(str(scratch.tree / name), flags) for name, flags in scratch.units()])
    places, left_out = parsed.expressible_places()
    for place in places:
        place.file = str(pathlib.Path(place.file).relative_to(scratch.tree))
    return scratch, sources, places, left_out


def built(scratch, sources, places):
    """Compiles; places that g++ refuses, unlike libclang, are dropped. Returns those that stay."""
    for _ in range(10):
        written = {name: schemata.write(source, [place for place in places if place.file == name])
                   for name, source in sources.items()}
        for name, one in written.items():
            scratch.write(name, one.text)
        faults = scratch.compile()
        if not faults:
            return places
        refused = {id(place) for name, line in faults for place in schemata.on_line(written[name], line)}
        if not refused:
            raise Broken(f"no mutant is where the compiler refuses: {sorted(faults)}")
        places = [place for place in places if id(place) not in refused]
    raise Broken("the mutated sources do not compile")


class Case:
    """One mutant."""
    def __init__(self, place, mutant, line):
        self.place, self.mutant, self.line = place, mutant, line
        self.number = place.number + mutant.offset
        self.killed_by = None
        self.name = ""

    def parts(self):
        return self.place.file, self.place.function, self.mutant.text, self.mutant.kind


def cases(places, sources):
    found = []
    for place in sorted(places, key=lambda place: (place.file, place.begin, -place.end, -place.rank)):
        line = sources[place.file].count(b"\n", 0, place.begin) + 1
        found += [Case(place, mutant, line) for mutant in place.mutants]
    for case, name in zip(found, explained.named([case.parts() for case in found])):
        case.name = name
    return found


# ---- Running ----
class Runner:
    """Knows of each run how long it takes and which places it reaches, from one run with no mutant on."""
    def __init__(self, scratch):
        self.runs = programs.runs(scratch.build)
        self.seconds, self.reached = {}, {}
        for run in self.runs:
            self.measure(run, scratch.folder / "trace")
        self.runs.sort(key=self.seconds.get)

    def measure(self, run, trace):
        trace.unlink(missing_ok=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(run.command, env=dict(os.environ, FACTORD_MUTANT_TRACE=str(trace)), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise Broken(f"{run.name} fails with no mutant on:\n{done.stdout[-4000:]}")
        self.seconds[run] = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        self.reached[run] = {int(line) for line in trace.read_text().split()} if trace.exists() else set()

    def reaches(self, case):
        return any(case.place.number in reached for reached in self.reached.values())

    def judge(self, case):
        """A mutant whose place a run never reaches changes nothing there, so that run is spared."""
        for run in self.runs:
            if case.place.number in self.reached[run] and (why := self.failure(run, case.number)):
                case.killed_by = why
                return

    def failure(self, run, number):
        """Processor time is what counts: a busy machine must not kill a mutant."""
        limit = math.ceil(10 * self.seconds[run]) + 1
        command = ["prlimit", f"--cpu={limit}", f"--as={MEMORY}", "--core=0", "--", *run.command]
        child = subprocess.Popen(command, env=dict(os.environ, FACTORD_MUTANT=str(number)), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            status = child.wait(60 + 20 * limit)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return "time"
        return None if status == 0 else "time" if status in (-24, -9) else "test"


def run_all(runner, found, jobs):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done, _ in enumerate(pool.map(runner.judge, found), 1):
            if sys.stderr.isatty() and done % 20 == 0:
                print(f"\r{done} of {len(found)}", end="", file=sys.stderr, flush=True)


# ---- The verdict ----
def report(found, known, runner, left_out):
    """Prints what survived, and what is wrong with the list of equivalent mutants; True where all is well."""
    survivors = [case for case in found if case.killed_by is None and case.name not in known]
    for case in survivors:
        unreached = "" if runner.reaches(case) else "  (not reached)"
        print(f"{case.place.file}:{case.line}: {case.name.split(' | ', 1)[1]}{unreached}")
    names = {case.name: case for case in found}
    wrong = [f"equivalent.txt: matches no mutant: {name}" for name in known if name not in names]
    wrong += [f"equivalent.txt: is killed: {name}" for name in known if name in names and names[name].killed_by]
    for line in wrong:
        print(line)
    killed = sum(case.killed_by is not None for case in found)
    equivalent = sum(case.killed_by is None and case.name in known for case in found)
    share = 100 * killed / max(1, len(found) - equivalent)
    by_time = sum(case.killed_by == "time" for case in found)
    print(f"{left_out} mutants cannot be expressed, {by_time} were killed by the time limit")
    print(f"{killed} killed, {len(survivors)} survived, {equivalent} equivalent of {len(found)}; killed {share:.1f} %")
    return share >= WANTED and not wrong


def main():
    given = arguments()
    started = time.monotonic()
    known = explained.read(HERE / "equivalent.txt", 4)
    scratch, sources, places, left_out = prepared(given)
    if not given.list:
        expressible = sum(len(place.mutants) for place in places)
        places = built(scratch, sources, places)
        left_out += expressible - sum(len(place.mutants) for place in places)
    found = cases(places, sources)
    if given.only:
        wanted = {name for name in sources if name == given.only or name.startswith(given.only.rstrip("/") + "/")}
        if not wanted:
            sys.exit(f"{given.only} is none of the mutated sources")
        found = [case for case in found if case.place.file in wanted]
        known = {name: why for name, why in known.items() if name.split(" | ", 1)[0] in wanted}
    if given.list:
        for case in found:
            print(f"{case.place.file}:{case.line}: {case.name.split(' | ', 1)[1]}")
        print(f"{len(found)} mutants, {left_out} cannot be expressed")
        return
    runner = Runner(scratch)
    print(f"{len(runner.runs)} runs; {len(found)} mutants are built after {time.monotonic() - started:.0f} s", flush=True)
    run_all(runner, found, given.jobs)
    sound = report(found, known, runner, left_out)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    try:
        main()
    except (Broken, explained.Unsound, units.Unparsed) as error:
        sys.exit(f"mutation: {error}")
