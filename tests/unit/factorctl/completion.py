#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What bash offers behind `factorctl`, without a bus."""
import os
import pathlib
import subprocess
import sys
import unittest

COMPLETION = pathlib.Path(__file__).resolve().parents[3] / "tools" / "factorctl" / "completion" / "factorctl"
FACTORCTL = sys.argv.pop(1)
SCRIPT = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_factorctl "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words):
    """For the last of these words."""
    done = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", COMPLETION, FACTORCTL, *words], check=True, text=True,
                          stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
    return done.stdout.split()


class Completion(unittest.TestCase):
    def test_nouns_come_first(self):
        self.assertLessEqual({"passkey", "totp", "recovery", "code", "factor", "check", "user", "monitor"},
                             set(offered("")))
        self.assertEqual(offered("mon"), ["monitor"])

    def test_behind_a_noun_come_its_verbs(self):
        self.assertEqual(offered("check", ""), ["passkey", "recovery", "totp"])
        self.assertEqual(offered("--json", "--org", "acme", "factor", "s"), ["suspend"])
        self.assertEqual(offered("user", "lo"), ["lock"])

    def test_options_are_those_of_the_verb_and_of_all(self):
        self.assertEqual(offered("totp", "remove", "--f"), ["--force"])
        self.assertEqual(offered("totp", "enroll", "--code"), ["--code-file", "--code-id"])
        self.assertLessEqual({"--json", "--org", "--user", "--help"}, set(offered("monitor", "-")))
        self.assertEqual(offered("factor", "list", "--force"), [])

    def test_users_are_offered_where_one_is_named(self):
        self.assertIn("root", offered("check", "totp", "--user", "roo"))

    def test_behind_a_whole_verb_nothing_but_files_is_offered(self):
        self.assertEqual(offered("passkey", "verify", "id", ""), [])


if __name__ == "__main__":
    unittest.main()
