#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Which lines and branches of daemon/webauthn and daemon/otp do their unit tests and the vectors run?

Builds with clang's source-based coverage, prints what is not covered, then a table. What cannot be reached is listed in
unreachable.txt with the reason and counts as covered; an entry that is covered after all, or matches nothing, is an
error."""
import argparse
import collections
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "mutation"))
import explained  # noqa: E402
import programs  # noqa: E402

FOLDERS = ("daemon/webauthn", "daemon/otp")
WANTED = 98  # percent, of lines and of branches
UNCOUNTED = {"LLVM_PROFILE_FILE": os.devnull}  # programs that building runs would leave their counts in the tree


class Broken(Exception):
    """The tests cannot be built, or fail."""


@dataclasses.dataclass
class Point:
    """A line, or one way out of a condition."""
    file: str
    line: int
    kind: str  # "line", "never true", "never false"
    text: str
    count: int
    name: str = ""


def arguments():
    parser = argparse.ArgumentParser(description="coverage of daemon/webauthn and daemon/otp")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parents[1])
    parser.add_argument("--build", type=pathlib.Path, help="build folder (build-coverage)")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    given.root = given.root.resolve()
    given.build = (given.build or given.root / "build-coverage").resolve()
    return given


def called(command, **environment):
    done = subprocess.run(command, env=dict(os.environ, **environment), text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Broken(f"{command[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def build(given):
    if not (given.build / "build.ninja").exists():
        flags = "-fprofile-instr-generate -fcoverage-mapping"
        called(["meson", "setup", given.build, given.root, "-Doptimization=0", "-Ddebug=false"],
               CXX="ccache clang++", CXXFLAGS=f"{flags} -w", LDFLAGS=flags, **UNCOUNTED)
    called(["ninja", "-C", given.build, f"-j{given.jobs}", *programs.targets(given.build)], **UNCOUNTED)


def measured(given):
    """What the tests of the build reached, as llvm-cov exports it: (JSON, lcov)."""
    for old in given.build.glob("*.profraw"):
        old.unlink()
    profile = str(given.build / "%p.profraw")
    for run in programs.runs(given.build):
        called(run.command, LLVM_PROFILE_FILE=profile)
    merged = given.build / "coverage.profdata"
    called(["llvm-profdata-14", "merge", "-sparse", "-o", merged, *given.build.glob("*.profraw")])
    first, *others = [str(given.build / program) for program in programs.targets(given.build)]
    command = ["llvm-cov-14", "export", f"-instr-profile={merged}", first, *(f"-object={one}" for one in others),
               *(str(given.root / folder) for folder in FOLDERS)]
    return json.loads(called([*command, "-format=text"])), called([*command, "-format=lcov"])


# ---- Points ----
def relative(given, path):
    path = pathlib.Path(os.path.normpath(given.build / path))
    name = str(path.relative_to(given.root)) if path.is_relative_to(given.root) else ""
    return name if name.startswith(FOLDERS) else None


def between(lines, first, last):
    """The text of an extent; lines and columns (in bytes) count from 1."""
    if first[0] == last[0]:
        return lines[first[0] - 1][first[1] - 1:last[1] - 1]
    return b"\n".join([lines[first[0] - 1][first[1] - 1:], *lines[first[0]:last[0] - 1], lines[last[0] - 1][:last[1] - 1]])


def branches(given, exported):
    """A template has its branches once for each instance: what one of them does is done."""
    for file in exported["data"][0]["files"]:
        name = relative(given, file["filename"])
        if name is None:
            continue
        lines = (given.root / name).read_bytes().split(b"\n")
        counts = collections.defaultdict(lambda: [0, 0])
        for line, column, last_line, last_column, true, false, *_ in file.get("branches", []):
            sums = counts[(line, column), (last_line, last_column)]
            sums[0] += true
            sums[1] += false
        for (first, last), (true, false) in sorted(counts.items()):
            text = explained.one_line(between(lines, first, last).decode())
            yield Point(name, first[0], "never true", text, true)
            yield Point(name, first[0], "never false", text, false)


def lines_of(given, lcov):
    name, text = None, []
    for record in lcov.splitlines():
        key, _, value = record.partition(":")
        if key == "SF":
            name = relative(given, value)
            text = (given.root / name).read_text().splitlines() if name else []
        elif key == "DA" and name:
            line, count = map(int, value.split(",")[:2])
            yield Point(name, line, "line", explained.one_line(text[line - 1]), count)


# ---- The verdict ----
def share(points, unreachable):
    done = sum(point.count > 0 or point.name in unreachable for point in points)
    return done, len(points), 100 * done / max(1, len(points))


def report(points, unreachable):
    for name, point in zip(explained.named([(one.file, one.kind, one.text) for one in points]), points):
        point.name = name
    for point in sorted(points, key=lambda one: (one.file, one.line)):
        if point.count == 0 and point.name not in unreachable:
            print(f"{point.file}:{point.line}: {point.name.split(' | ', 1)[1]}")
    counts = {point.name: point.count for point in points}
    wrong = [f"unreachable.txt: matches nothing: {name}" for name in unreachable if name not in counts]
    wrong += [f"unreachable.txt: is covered: {name}" for name in unreachable if counts.get(name, 0) > 0]
    files = sorted({point.file for point in points})
    good = not wrong
    for area in [*files, *FOLDERS]:
        own = [point for point in points if point.file == area or point.file.startswith(area + "/")]
        row = [share([one for one in own if (one.kind == "line") == lines], unreachable) for lines in (True, False)]
        print(f"{area:42}" + "".join(f"  {done:5} of {all_:5} {percent:6.2f} %" for done, all_, percent in row))
        good = good and (area in files or all(percent >= WANTED for *_, percent in row))
    print("\n".join([*wrong, f"{len(unreachable)} explained; {'enough' if good else 'not enough'}: "
                             f"{WANTED} % of lines and of branches are wanted in each folder"]))
    return good


def main():
    given = arguments()
    unreachable = explained.read(HERE / "unreachable.txt", 3)
    build(given)
    exported, lcov = measured(given)
    points = [*lines_of(given, lcov), *branches(given, exported)]
    sys.exit(0 if report(points, unreachable) else 1)


if __name__ == "__main__":
    try:
        main()
    except (Broken, explained.Unsound) as error:
        sys.exit(f"coverage: {error}")
