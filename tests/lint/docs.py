#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""README.md fits on two screens, and links between pages lead somewhere."""
import re

from tree import Lint

README_LINES = 120
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def anchors(text):
    """The anchors a forge makes of the headings."""
    for heading in re.findall(r"^#+ +(.*)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def without_code(text):
    blank = lambda found: re.sub(r"[^\n]", " ", found[0])
    return re.sub(r"`[^`\n]*`", blank, re.sub(r"^```.*?^```", blank, text, flags=re.S | re.M))


def check_link(lint, path, number, link):
    if re.match(r"[a-z]+:", link):
        return
    name, _, anchor = link.partition("#")
    target = lint.root / path.parent / name if name else lint.root / path
    if not target.exists():
        lint.fault(path, number, f"{link}: there is no such file")
    elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
        lint.fault(path, number, f"{link}: there is no such heading")


def main():
    lint = Lint()
    if not (lint.root / "README.md").is_file():
        lint.fault("README.md", 1, "is missing")
    elif (length := len(lint.lines("README.md"))) > README_LINES:
        lint.fault("README.md", length, f"{length} lines, {README_LINES} are the limit")
    for path in lint.files("*.md"):
        for number, line in enumerate(without_code(lint.text(path)).splitlines(), 1):
            for link in LINK.findall(line):
                check_link(lint, path, number, link)
    lint.end()


main()
