# SPDX-License-Identifier: Apache-2.0
"""The scratch folder of the mutation run: a copy of the tree, built once with every mutant in it.

FOLDER/tree is the copy, FOLDER/build its build. Files whose text stays the same keep their time, so a second run
compiles only what has changed."""
import json
import os
import pathlib
import re
import shlex
import subprocess

import programs

FOLDERS = ("daemon/webauthn/", "daemon/otp/")
ERROR = re.compile(r"^(?P<file>[^:\s]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error:", re.M)


class Broken(Exception):
    """The copy cannot be built, for a reason that no mutant is to blame for."""


class Scratch:
    def __init__(self, root, folder, jobs):
        self.root, self.folder, self.jobs = root, folder, jobs
        self.tree, self.build = folder / "tree", folder / "build"

    def copy(self):
        """Makes the copy; returns the sources to mutate as file name in the tree -> bytes."""
        names = self.names()
        for path in [path for path in self.tree.rglob("*") if path.is_file() or path.is_symlink()]:
            if str(path.relative_to(self.tree)) not in names:
                path.unlink()
        mutated = {}
        for name in sorted(names):
            content = (self.root / name).read_bytes()
            if name.startswith(FOLDERS) and name.endswith((".cpp", ".hpp")):
                mutated[name] = content  # written when the mutants are known
                if (self.tree / name).exists():
                    continue
            self.write(name, content)
            (self.tree / name).chmod((self.root / name).stat().st_mode)
        return mutated

    def names(self):
        git = ["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
        try:
            listed = subprocess.run(git, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            return {name for name in listed.stdout.split("\0") if name and (self.root / name).is_file()}
        except (OSError, subprocess.CalledProcessError):  # a source archive
            return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()
                    and not path.relative_to(self.root).parts[0].startswith(("build", ".git"))}

    def write(self, name, content):
        path = self.tree / name
        if path.exists() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def configure(self):
        if (self.build / "build.ninja").exists():
            return
        # What the library asserts is a witness too: without it a read past the end would go unseen
        flags = f"-std=c++20 -w -D_GLIBCXX_ASSERTIONS -include {self.tree}/tests/mutation/mutant.hpp"
        environment = dict(os.environ, CXX="ccache g++", CXXFLAGS=flags, CCACHE_NOHASHDIR="yes")
        self.call(["meson", "setup", self.build, self.tree, "-Doptimization=1", "-Ddebug=false"], environment)

    def call(self, command, environment=None):
        done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Broken(done.stdout)

    def units(self):
        """(file name in the tree, arguments for the compiler) of every source to mutate."""
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            path = pathlib.Path(os.path.normpath(pathlib.Path(entry["directory"], entry["file"])))
            name = str(path.relative_to(self.tree)) if path.is_relative_to(self.tree) else ""
            if name.startswith(FOLDERS):
                yield name, self.arguments(entry)

    def arguments(self, entry):
        words = shlex.split(entry["command"])
        kept = [word for word in words if word.startswith(("-D", "-std="))]
        for at, word in enumerate(words):
            if word.startswith("-I"):
                kept.append("-I" + os.path.normpath(os.path.join(entry["directory"], word[2:])))
            elif word in ("-isystem", "-include"):
                kept += [word, os.path.normpath(os.path.join(entry["directory"], words[at + 1]))]
        return kept

    def compile(self):
        """Builds the programs; returns (file name, line) of errors in mutated sources."""
        done = subprocess.run(["ninja", "-C", self.build, "-k", "0", f"-j{self.jobs}", *programs.targets(self.build)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 0:
            return set()
        faults = set()
        for found in ERROR.finditer(done.stdout):
            path = pathlib.Path(os.path.normpath(self.build / found["file"]))
            name = str(path.relative_to(self.tree)) if path.is_relative_to(self.tree) else ""
            if name.startswith(FOLDERS):
                faults.add((name, int(found["line"])))
        if not faults:
            raise Broken(done.stdout[max(0, done.stdout.find("FAILED:")):])
        return faults
