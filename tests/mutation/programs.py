# SPDX-License-Identifier: Apache-2.0
"""The tests of both verifiers, as meson knows them in a build folder."""
import collections
import json
import pathlib
import re
import subprocess

TESTS = re.compile(r"^(unit-(webauthn|otp)(-.*)?|vectors)$")

Run = collections.namedtuple("Run", "name command")


def tests(build):
    """(name, command) of each."""
    listed = subprocess.run(["meson", "introspect", "--tests", build], check=True, stdout=subprocess.PIPE, text=True)
    for test in json.loads(listed.stdout):
        if TESTS.match(test["name"]):
            yield test["name"], test["cmd"]


def targets(build):
    """What ninja has to build for them."""
    return sorted({str(pathlib.Path(command[0]).relative_to(build)) for _, command in tests(build)})


def runs(build):
    """One run for each program, of the vectors one for each file. Unit tests end at their first failure."""
    found = []
    for name, command in tests(build):
        data = [word for word in command if word.endswith(".json")]
        rest = [word for word in command if word not in data]
        if name.startswith("unit-"):
            found.append(Run(name, (*rest, "--abort")))
        found += [Run(f"{name} {pathlib.Path(file).name}", (*rest, file)) for file in data]
    return found
