# SPDX-License-Identifier: Apache-2.0
"""Lists of exceptions, each named without line numbers and followed by its reason, indented:

    FILE | FUNCTION | TEXT OF THE SOURCE | KIND
        why this cannot be otherwise
"""
import collections
import re


class Unsound(Exception):
    """The list itself is wrong."""


def one_line(text, longest=160):
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= longest else line[:longest - 3] + "..."


def named(entries):
    """One name for each tuple of texts, with [2] and on where one comes again."""
    seen = collections.Counter()
    names = []
    for parts in entries:
        name = " | ".join(parts)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} [{seen[name]}]")
    return names


def read(path, parts):
    """name -> reason, of entries with that many parts."""
    found, last = {}, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            if last is None:
                raise Unsound(f"{path.name}:{number}: a reason without an entry")
            found[last] = f"{found[last]} {line.strip()}".strip()
            continue
        last = line.strip()
        if last in found:
            raise Unsound(f"{path.name}:{number}: is there twice: {last}")
        if last.count(" | ") < parts - 1:
            raise Unsound(f"{path.name}:{number}: has fewer than {parts} parts: {last}")
        found[last] = ""
    for name, reason in found.items():
        if not reason:
            raise Unsound(f"{path.name}: no reason: {name}")
    return found
