#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every lint passes a small sound tree, and fails, naming the place, on each fault planted in it; and what tools/check
counts with (tools/tally.py) is right."""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"

SOUND = {
    "README.md": "# Title\n\n[a page](docs/page.md#one-word) and [itself](#title)\n",
    "docs/page.md": "## One word\n\n`[no](link)`\n",
    "core/thing.hpp": SPDX + "#pragma once\n\n#include <string>\n\nstruct Thing {\n  std::string name;\n};\n",
    "core/thing.cpp": SPDX + '#include "core/thing.hpp"\n\n// not a call: std::chrono::system_clock::now()\n',
    "daemon/otp/step.cpp": SPDX + '#include "core/thing.hpp"\n',
    "tools/run": "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\ntrue\n",
    "data.json": "{}\n",
}

# (lint, file, its planted content, what must be said)
PLANTED = [
    ("cves", "docs/cves.md", "\n| `core/gone.py::test_x` |\n", "docs/cves.md:2: core/gone.py: there is no such file"),
    ("cves", "docs/cves.md", "| `core/thing.cpp::a test` |\n", "docs/cves.md:1: core/thing.cpp: there is no test"),
    ("docs", "README.md", "line\n" * 121, "README.md:121: 121 lines"),
    ("docs", "README.md", None, "README.md:1: is missing"),
    ("docs", "docs/page.md", "\n[gone](nowhere.md)\n", "docs/page.md:2: nowhere.md: there is no such file"),
    ("docs", "docs/page.md", "[gone](../README.md#nothing)\n", "docs/page.md:1: ../README.md#nothing: there is no"),
    ("formatted", "core/thing.cpp", SPDX + "int  a ;\n", "core/thing.cpp:2: not as clang-format"),
    ("headers_alone", "core/thing.hpp", "#pragma once\nstruct Thing {\n  std::string name;\n};\n",
     "core/thing.hpp:3: does not compile alone"),
    ("layers", "core/thing.cpp", '#include "storage/store.hpp"\n', "core/thing.cpp:1: core must not include"),
    ("layers", "storage/a.cpp", '#include "ipc/door.hpp"\n', "storage/a.cpp:1: storage must not include"),
    ("layers", "ipc/a.hpp", '#include "storage/store.hpp"\n', "ipc/a.hpp:1: ipc must not include"),
    ("layers", "ipc/a.hpp", '#include "record.pb.h"\n', "ipc/a.hpp:1: ipc must not include"),
    ("layers", "daemon/otp/step.cpp", '#include "daemon/vault.hpp"\n', "step.cpp:1: daemon/otp must not include"),
    ("layers", "daemon/webauthn/a.cpp", '#include "daemon/otp/totp.hpp"\n', "a.cpp:1: daemon/webauthn must not include"),
    ("layers", "tools/factorctl/a.cpp", '#include "daemon/vault.hpp"\n', "a.cpp:1: tools/factorctl must not include"),
    ("layers", "core/thing.cpp", '\n#include "error.hpp"\n', "core/thing.cpp:2: \"error.hpp\": write includes from"),
    ("layers", "ipc/door.cpp", "#include <sdbus-c++/sdbus-c++.h>\n", "ipc/door.cpp:1: <sdbus-c++/sdbus-c++.h> belongs"),
    ("layers", "daemon/a.cpp", "#include <sqlite3.h>\n", "daemon/a.cpp:1: <sqlite3.h> belongs"),
    ("layers", "storage/a.cpp", "auto t = std::chrono::system_clock::now();\n", "storage/a.cpp:1: takes the time of day"),
    ("layers", "storage/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "storage/a.cpp:1: takes a monotonic"),
    ("layers", "daemon/a.cpp", "void f() { randombytes_buf(p, 1); }\n", "daemon/a.cpp:1: takes randomness"),
    ("sizes", "core/thing.hpp", "//\n" * 121, "core/thing.hpp:121: 121 lines"),
    ("sizes", "core/thing.cpp", "//\n" * 351, "core/thing.cpp:351: 351 lines"),
    ("sizes", "core/thing.cpp", "int f() {\n" + "\n" * 60 + "}\n", "core/thing.cpp:1: f has 62 lines"),
    ("sizes", "core/string_util.cpp", "", "core/string_util.cpp:1: a file named util"),
    ("sizes", "core/thing.hpp", "struct ThingManager {\n};\n", "core/thing.hpp:1: type ThingManager"),
    ("spdx", "core/thing.cpp", "int a;\n", "core/thing.cpp:1: no 'SPDX"),
    ("spdx", "tools/run", "#!/bin/sh\n", "tools/run:1: no 'SPDX"),
    ("well_formed", "a.xml", "<a>\n<b></a>", "a.xml:2: mismatched tag"),
    ("well_formed", "data.json", "{\n,}", "data.json:2: "),
    ("well_formed", "tools/run", "#!/bin/sh\nif\n", "tools/run:3: "),
    ("well_formed", "a.py", "def f(:\n", "a.py:1: "),
    ("words", "core/thing.cpp", "\n// TO" "DO later\n", "core/thing.cpp:2: 'TO" "DO'"),
    ("words", "README.md", "see /hom" "e/me/x\n", "README.md:1: '/hom" "e/m'"),
]

# (file below units/, text in it, what a fault makes of it, what must be said)
UNIT_FAULTS = [
    ("factord.service.in", "NoNewPrivileges=yes", "NoNewPriviledges=yes", "Unknown key"),
    ("factord.service.in", "PrivateNetwork=yes\n", "", "more exposed than"),
    ("sysusers.d/factord.conf", "u factord", "q factord", "Unknown command type"),
    ("tmpfiles.d/factord.conf", "d /etc/factord 0755 root root -", "d etc", "not a line of tmpfiles.d"),
    ("org.factord1.service", "User=factord", "User=root", "must say just"),
    ("org.factord1.conf", 'user="factord"', 'user="nobody"', "must be factord alone"),
    ("org.factord1.conf", ' send_interface="org.factord1.Admin"', "", "not about one interface"),
    ("org.factord1.conf", 'send_member="GetConnectionStats"', "", "the service user may call more"),
    ("factord.conf", "#Skew=1", "#Skewed=1", "Skew is not shown"),
    ("factord.conf", "#Skew=1", "Skew=1", "comment the line out"),
]

# (text in units/org.factord1.policy, what a fault makes of it, what must be said)
ACTION_FAULTS = [
    ("<allow_any>auth_self<", "<allow_any>auth_self_keep<", "a kept authorization forgets"),
    ("<allow_any>no<", "<allow_any>yes<", "not those of the contract"),
    ("unix-user:factord", "unix-user:root", "must be owned by unix-user:factord"),
    ('<message xml:lang="fr">', '<message xml:lang="it">', "message must be there in English, German and French"),
    ("$(user)", "$(program)", "only org, user and method can be named"),
    ("org.factord1.store.admin", "org.factord1.store.write", "store.admin is missing"),
]

# (result and output of a program as `meson test` records it, what is counted)
TALLIES = [
    ("OK", "all is well\n", "1 0 0"),
    ("SKIP", "skipped: needs root\n", "0 0 1"),
    ("TIMEOUT", "", "0 1 0"),
    ("OK", "All tests passed (40 assertions in 12 test cases)\n", "12 0 0"),
    ("FAIL", "test cases:  4 |  3 passed | 1 failed\nassertions: 9 | 8 passed | 1 failed\n", "3 1 0"),
    ("FAIL", "All tests passed (1 assertion in 1 test case)\nLeakSanitizer: detected memory leaks\n", "1 1 0"),
    ("OK", "3 passed, 0 failed\n9 passed, 0 failed, 2 skipped\n", "9 0 2"),
    ("FAIL", "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n", "2 2 1"),
]


def write(root, files):
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def lint(name, root):
    done = subprocess.run([sys.executable, "-B", HERE / f"{name}.py", "--root", root, "--build", root / "build"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def sound_tree(folder):
    root = pathlib.Path(folder)
    write(root, SOUND)
    shutil.copy(SOURCE / ".clang-format", root)
    command = {"directory": str(root), "file": "core/thing.cpp", "command": f"g++ -I. -o x.o -c core/thing.cpp"}
    write(root, {"build/compile_commands.json": json.dumps([command])})
    return root


def units_tree(folder):
    root = pathlib.Path(folder)
    shutil.copytree(SOURCE / "units", root / "units")
    (root / "daemon").mkdir()
    shutil.copy(SOURCE / "daemon" / "config.cpp", root / "daemon")
    return root


def actions_tree(folder):
    root = pathlib.Path(folder)
    for path in ("units/org.factord1.policy", "ipc/access.cpp"):
        (root / path).parent.mkdir()
        shutil.copy(SOURCE / path, root / path)
    return root


def tally(result, output):
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log.json"
        log.write_text(json.dumps({"name": "x", "result": result, "returncode": 0, "stdout": output}) + "\n")
        done = subprocess.run([sys.executable, "-B", SOURCE / "tools" / "tally.py", log], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.returncode, done.stdout


class Verdicts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def judge(self, name, outcome, code, said):
        """code and said: what the lint must end with and say."""
        if outcome[0] == 77:
            self.skipped += 1
        elif outcome[0] == code and said in outcome[1]:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{name}: wanted {code} and '{said}', got {outcome[0]}:\n{outcome[1]}")


def main():
    argparse.ArgumentParser().parse_known_args()  # called as every lint is, needs none of it
    verdicts = Verdicts()
    for name in sorted({row[0] for row in PLANTED}):
        with tempfile.TemporaryDirectory() as folder:
            verdicts.judge(f"{name}, sound", lint(name, sound_tree(folder)), 0, "no faults")
    for name, path, content, said in PLANTED:
        with tempfile.TemporaryDirectory() as folder:
            root = sound_tree(folder)
            write(root, {path: content})
            verdicts.judge(f"{name}, {path}", lint(name, root), 1, said)
    for path, text, fault, said in UNIT_FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            root = units_tree(folder)
            unit = root / "units" / path
            if text not in unit.read_text():
                sys.exit(f"units/{path}: '{text}' to plant a fault in is gone")
            unit.write_text(unit.read_text().replace(text, fault))
            verdicts.judge(f"units, {path}", lint("units", root), 1, said)
    for text, fault, said in ACTION_FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            root = actions_tree(folder)
            policy = root / "units" / "org.factord1.policy"
            if text not in policy.read_text():
                sys.exit(f"{policy.name}: '{text}' to plant a fault in is gone")
            policy.write_text(policy.read_text().replace(text, fault, 1))
            verdicts.judge(f"actions, {text}", lint("actions", root), 1, said)
    for result, output, counted in TALLIES:
        verdicts.judge(f"tally, {result}", tally(result, output), 0, counted + "\n")
    print(f"{verdicts.passed} passed, {verdicts.failed} failed, {verdicts.skipped} skipped")
    sys.exit(1 if verdicts.failed else 0)


main()
