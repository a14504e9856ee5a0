#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that docs/cves.md names is there: `file::name`, a Python test or attack, or a TEST_CASE."""
import re

from tree import Lint

PAGE = "docs/cves.md"
NAMED = re.compile(r"`([\w/]+\.(?:py|cpp))::([^`]+)`")


def is_there(text, name):
    return re.search(rf"^(?: +def (?=test_)|@attack\ndef ){re.escape(name)}\(|^TEST_CASE\(\"{re.escape(name)}\"", text, re.M)


def main():
    lint = Lint()
    if not (lint.root / PAGE).is_file():
        lint.end()
    for number, line in lint.lines(PAGE):
        for file, name in NAMED.findall(line):
            if not (lint.root / file).is_file():
                lint.fault(PAGE, number, f"{file}: there is no such file")
            elif not is_there(lint.text(file), name):
                lint.fault(PAGE, number, f"{file}: there is no test '{name}'")
        if line.startswith("| ") and "`tests/" not in line and "::" in line:
            lint.fault(PAGE, number, "a test that is not named as `file::test`")
    lint.end()


main()
