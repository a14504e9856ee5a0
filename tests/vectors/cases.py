# SPDX-License-Identifier: Apache-2.0
"""The cases in tests/vectors/data, and build/tests/vectors run over them or over others."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

DATA = pathlib.Path(__file__).resolve().parent / "data"
PROGRAM = pathlib.Path(os.environ.get("FACTORD_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build")) / "tests/vectors"
CEREMONIES = ("registration", "authentication")


def all_cases():
    """id -> case, of every file"""
    return {case["id"]: case for path in sorted(DATA.glob("*.json")) for case in json.loads(path.read_text())}


class Run:
    """What the program said: its lines as dictionaries, the sums, its exit status."""

    def __init__(self, *texts):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, text in enumerate(texts):
                paths.append(pathlib.Path(folder, f"{number}.json"))
                paths[-1].write_bytes(text if isinstance(text, bytes) else text.encode())
            done = subprocess.run([PROGRAM, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.status = done.returncode
        self.stderr = done.stderr.decode(errors="replace")
        out = done.stdout.decode().splitlines()
        self.lines = [json.loads(line) for line in out if line.startswith("{")]
        sums = re.fullmatch(r"(\d+) passed, (\d+) failed", out[-1]) if out else None
        self.passed, self.failed = map(int, sums.groups()) if sums else (None, None)


def judge(cases):
    return Run(json.dumps(list(cases)))
