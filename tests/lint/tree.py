# SPDX-License-Identifier: Apache-2.0
"""What every lint shares: its arguments, the files of the tree, code without comments, and how it ends."""
import argparse
import os
import pathlib
import re
import subprocess
import sys

IGNORED = re.compile(r"^(build.*|\.git|__pycache__|node_modules)$")
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S)


class Lint:
    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
        parser.add_argument("--build", type=pathlib.Path)
        given = parser.parse_args()
        self.root = given.root.resolve()
        self.build = (given.build or self.root / "build").resolve()
        self.faults = 0

    def files(self, *patterns):
        """Relative paths matching one of the patterns: what git knows or would add; without git, all but builds."""
        paths = [pathlib.PurePath(name) for name in self._by_git() or self._by_walk()]
        return sorted(path for path in paths
                      if any(path.match(pattern) for pattern in patterns) and (self.root / path).is_file())

    def text(self, path):
        return (self.root / path).read_text(errors="replace")

    def lines(self, path):
        return list(enumerate(self.text(path).splitlines(), 1))

    def code_lines(self, path):
        """Lines of C++ with comments and literals blanked out, numbered as in the file."""
        blank = NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), self.text(path))
        return list(enumerate(blank.splitlines(), 1))

    def fault(self, path, line, message):
        self.faults += 1
        print(f"{path}:{line}: {message}")

    def end(self):
        print(f"{self.faults} faults" if self.faults else "no faults")
        sys.exit(1 if self.faults else 0)

    def _by_git(self):
        # A clone of another owner is fine to read
        git = ["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
        try:
            return [name for name in subprocess.run(git, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                                    text=True).stdout.split("\0") if name]
        except (OSError, subprocess.CalledProcessError):
            return None

    def _by_walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not IGNORED.match(name)]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)
