#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Small files, small functions, and no names that say nothing."""
import re
import shutil
import subprocess
import sys

from tree import Lint

FILE_LINES = {".hpp": 120, ".cpp": 350}
FUNCTION_LINES = 60
EMPTY_WORDS = {"manager", "util", "utils", "helper", "helpers", "common", "impl", "base"}


def words(name):
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def tags(lint, kinds):
    """(path, line, last line, name) of every definition of these kinds."""
    paths = "\n".join(str(path) for path in lint.files("*.cpp", "*.hpp"))
    done = subprocess.run(
        ["ctags", "--languages=C++", f"--kinds-C++={kinds}", "--fields=+ne", "-x", "--_xformat=%F\t%n\t%{end}\t%N", "-L", "-"],
        cwd=lint.root, input=paths, text=True, stdout=subprocess.PIPE, check=True)
    for line in done.stdout.splitlines():
        path, first, last, name = line.split("\t")
        yield path, int(first), int(last or first), name


def main():
    if shutil.which("ctags") is None:
        print("skipped: no universal-ctags")
        sys.exit(77)
    lint = Lint()
    for path in lint.files("*.cpp", "*.hpp", "*.py", "*.sh", "*.proto", "*.sql"):
        if empty := words(path.stem) & EMPTY_WORDS:
            lint.fault(path, 1, f"a file named {', '.join(sorted(empty))}: name the concept")
        limit = FILE_LINES.get(path.suffix)
        if limit and (length := len(lint.lines(path))) > limit:
            lint.fault(path, length, f"{length} lines, {limit} are the limit: two concepts?")
    for path, first, last, name in tags(lint, "f"):
        if last - first + 1 > FUNCTION_LINES:
            lint.fault(path, first, f"{name} has {last - first + 1} lines, {FUNCTION_LINES} are the limit")
    for path, first, _, name in tags(lint, "csgt"):
        if empty := words(name) & EMPTY_WORDS:
            lint.fault(path, first, f"type {name}: {', '.join(sorted(empty))} says nothing")
    lint.end()


main()
