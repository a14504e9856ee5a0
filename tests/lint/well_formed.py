#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""XML, JSON, Python and shell files parse."""
import ast
import json
import re
import subprocess
import xml.etree.ElementTree

from tree import Lint


def xml_fault(text, _):
    try:
        xml.etree.ElementTree.fromstring(text)
    except xml.etree.ElementTree.ParseError as error:
        return error.position[0], str(error)


def json_fault(text, _):
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno, str(error)


def python_fault(text, _):
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error.lineno, str(error)


def shell_fault(_, path):
    done = subprocess.run(["bash", "-n", path], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        line = re.search(r"line (\d+)", done.stdout)
        return int(line[1]) if line else 1, done.stdout.strip()


def parser_of(path, text):
    first = text.split("\n", 1)[0]
    if path.suffix in (".xml", ".policy", ".svg") or first.startswith(("<?xml", "<!DOCTYPE busconfig")):
        return xml_fault
    if path.suffix == ".json":
        return json_fault
    if path.suffix == ".py" or (first.startswith("#!") and "python" in first):
        return python_fault
    if path.suffix == ".sh" or (first.startswith("#!") and first.endswith("sh")):
        return shell_fault


def main():
    lint = Lint()
    for path in lint.files("*"):
        text = lint.text(path)
        parser = parser_of(path, text)
        if parser and (fault := parser(text, lint.root / path)):
            lint.fault(path, *fault)
    lint.end()


main()
