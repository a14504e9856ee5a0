#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""clang-format would change nothing."""
import re
import shutil
import subprocess
import sys

from tree import Lint


def main():
    if shutil.which("clang-format") is None:
        print("skipped: no clang-format")
        sys.exit(77)
    lint = Lint()
    paths = [str(path) for path in lint.files("*.cpp", "*.hpp")]
    if paths:
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], cwd=lint.root, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        found = re.findall(r"^([^\s:]+):(\d+):\d+: error:", done.stdout, re.M)
        for path, line in dict.fromkeys(found):  # one line may be named once a blank
            lint.fault(path, line, "not as clang-format has it (clang-format -i)")
        if done.returncode != 0 and lint.faults == 0:
            lint.fault(".clang-format", 1, done.stdout.strip())
    lint.end()


main()
