#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tally.py LOG.json: counts what `meson test` has run, and shows what failed.

On stdout one line "PASSED FAILED SKIPPED": single test cases where the program reports them (Catch2, unittest, or a
last line "N passed, N failed[, N skipped]"), else one a program. On stderr the whole output of every program that
failed. A program that failed without a failed case of its own (a crash, a sanitizer, a timeout) is one failure more.
"""
import json
import pathlib
import re
import sys

GOOD = ("OK", "EXPECTEDFAIL")


def cases(output):
    """(passed, failed, skipped) as the program itself says, or None."""
    if said := re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", output, re.M):
        return tuple(int(number or 0) for number in said[-1])
    if said := re.search(r"^All tests passed \(.* in (\d+) test cases?\)", output, re.M):
        return int(said[1]), 0, 0
    if said := re.search(r"^test cases: *\d+ \|(.*)$", output, re.M):
        counts = dict((word, int(number)) for number, word in re.findall(r"(\d+) (passed|failed|skipped)", said[1]))
        return counts.get("passed", 0), counts.get("failed", 0), counts.get("skipped", 0)
    if said := re.search(r"^Ran (\d+) tests? in .*\n\n(?:OK|FAILED)(?: \((.*)\))?$", output, re.M):
        counts = dict((word, int(number)) for word, number in re.findall(r"(\w+)=(\d+)", said[2] or ""))
        failed = counts.get("failures", 0) + counts.get("errors", 0) + counts.get("successes", 0)
        skipped = counts.get("skipped", 0)
        return int(said[1]) - failed - skipped, failed, skipped
    return None


def count(test):
    if test["result"] == "SKIP":
        return 0, 0, 1
    good = test["result"] in GOOD
    passed, failed, skipped = cases(test.get("stdout", "") + "\n" + test.get("stderr", "")) or (int(good), 0, 0)
    return passed, failed if good else max(failed, 1), skipped


def show(test):
    print(f"    --- {test['name']}: {test['result']} (exit status {test['returncode']})", file=sys.stderr)
    for line in (test.get("stdout", "") + test.get("stderr", "")).splitlines():
        print("    " + line, file=sys.stderr)


def main(path):
    tests = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line]
    totals = [count(test) for test in tests]
    for test, total in zip(tests, totals):
        if total[1]:
            show(test)
    print(*(sum(column) for column in zip(*totals, (0, 0, 0))))


if __name__ == "__main__":
    main(sys.argv[1])
