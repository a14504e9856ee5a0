#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone, with the flags of the source nearest to it in compile_commands.json."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess

from tree import Lint

TAKES_VALUE = ("-o", "-MQ", "-MF")
DROPPED = ("-c", "-MD", "-MMD", "ccache")


def commands(lint):
    """[(source relative to the root, folder to run in, words of its command)]"""
    entries = json.loads((lint.build / "compile_commands.json").read_text())
    for entry in entries:
        source = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if source.is_relative_to(lint.root) and not source.is_relative_to(lint.build):
            yield source.relative_to(lint.root), entry["directory"], entry["file"], shlex.split(entry["command"])


def flags(words, source):
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in TAKES_VALUE:
            skip = True
        elif word != source and pathlib.PurePath(word).name not in DROPPED:
            kept.append(word)
    return kept


def nearness(header, source):
    common = os.path.commonpath([header.parent, source.parent]) if header.parts[0] == source.parts[0] else ""
    return header.with_suffix("") == source.with_suffix(""), len(pathlib.PurePath(common).parts)


def compile_alone(header, known, folders):
    _, folder, name, words = max(known, key=lambda entry: nearness(header, entry[0]))
    command = [*flags(words, name), *folders, "-fsyntax-only", "-x", "c++", "-"]
    done = subprocess.run(command, cwd=folder, input=f'#include "{header}"\n', text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return header, done


def main():
    lint = Lint()
    known = list(commands(lint))
    folders = sorted({word for _, _, _, words in known for word in words if word.startswith("-I")})
    headers = lint.files("*.hpp")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, done in pool.map(lambda path: compile_alone(path, known, folders), headers):
            if done.returncode != 0:
                line = re.search(rf"{re.escape(str(header))}:(\d+)", done.stdout)
                lint.fault(header, line[1] if line else 1, "does not compile alone")
                print(done.stdout)
    lint.end()


main()
