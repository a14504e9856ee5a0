# SPDX-License-Identifier: Apache-2.0
"""`factorctl totp enroll` as a person has it: a QR code in a terminal that a phone (zbarimg) can read, and a prompt that
takes the code which the app (oathtool) then shows."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from enrolment import totp_code, uri_parameters, wrong_code  # noqa: E402
from private_bus import DEADLINE, FACTORCTL, SKIPPED, as_user, skip_unless_possible  # noqa: E402
from terminal import Terminal  # noqa: E402

USER = "factord-test-a"
PROMPT = "Code that the app shows: "
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
# What lights up of a cell's upper and lower half
HALVES = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
DOTS = 4  # a side of a half cell in the picture


def picture(shown):
    """A PBM image of the cells of a terminal; as there, what is not lit is black."""
    lines = [ESCAPE.sub("", line) for line in shown.splitlines() if "\x1b[" in line]
    rows = [[HALVES[cell][half] for cell in line] for line in lines for half in (0, 1)]
    if len({len(row) for row in rows}) != 1:
        raise AssertionError(f"the drawing is not a rectangle:\n{shown}")
    dots = [" ".join(str(1 - lit) for lit in row for _ in range(DOTS)) for row in rows for _ in range(DOTS)]
    return f"P1\n{len(rows[0]) * DOTS} {len(dots)}\n" + "\n".join(dots) + "\n"


def scanned(shown):
    """What a phone reads from the terminal."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "pbm:-"],
                          input=picture(shown), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=DEADLINE)
    if done.returncode != 0:
        raise AssertionError(f"zbarimg reads nothing ({done.stderr.strip()}):\n{shown}")
    return done.stdout.strip()


class EnrollingInATerminal(BusCase):
    @contextlib.contextmanager
    def enrolling(self, *arguments):
        """The terminal at its prompt, and what it has shown before that."""
        argv = as_user(USER, [self.bus.publish(FACTORCTL), "totp", "enroll", *arguments])
        env = self.bus.environment({"PATH": os.defpath, "LANG": "C.UTF-8", "TERM": "xterm-256color"})
        with Terminal(argv, env) as terminal:
            yield terminal, terminal.wait_for(PROMPT)

    def factors(self):
        done = self.bus.run_as(USER, [self.bus.publish(FACTORCTL), "--json", "totp", "list"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return {item["id"]: item for item in json.loads(done.stdout).get("result", [])}

    def assert_ready_with(self, terminal, uri, name):
        terminal.type(totp_code(uri))
        rest, status = terminal.end()
        self.assertEqual(status, 0, rest)
        self.assertIn("TOTP is ready", rest)
        factors = self.factors()
        made = [factors[word] for word in rest.split() if word in factors]
        self.assertEqual([(item["state"], item["name"]) for item in made], [("ready", name)])

    def test_the_scanned_uri_names_issuer_and_account_and_its_code_makes_the_factor_ready(self):
        with self.enrolling("--name", "Phone") as (terminal, shown):
            uri = scanned(shown)
            parts = urllib.parse.urlsplit(uri)
            self.assertEqual((parts.scheme, parts.netloc, urllib.parse.unquote(parts.path)),
                             ("otpauth", "totp", f"/example.org:{USER}"))
            self.assert_ready_with(terminal, uri, "Phone")

    def test_the_scanned_secret_is_the_one_that_is_printed_for_typing(self):
        with self.enrolling() as (_, shown):
            printed = re.search(r"Secret: ([A-Z2-7 ]+)$", shown, re.MULTILINE)[1]
            self.assertEqual(printed.replace(" ", ""), uri_parameters(scanned(shown))["secret"])

    def test_the_largest_secret_with_a_long_issuer_can_be_scanned_too(self):
        issuer = "Bücher & Töchter GmbH, Abteilung für Übergrößen"
        with self.enrolling("--algorithm", "SHA512", "--digits", "8", "--issuer", issuer,
                            "--name", "Large") as (terminal, shown):
            uri = scanned(shown)
            asked = uri_parameters(uri)
            self.assertEqual((asked["algorithm"], asked["digits"], asked["issuer"]), ("SHA512", "8", issuer))
            self.assert_ready_with(terminal, uri, "Large")

    def test_after_a_wrong_code_it_asks_again(self):
        with self.enrolling("--name", "Mistyped") as (terminal, shown):
            uri = scanned(shown)
            terminal.type(wrong_code(uri))
            self.assertIn("EVENT-8isk2", terminal.wait_for(PROMPT))
            self.assert_ready_with(terminal, uri, "Mistyped")

    def test_three_wrong_codes_end_it_and_leave_nothing_ready(self):
        before = self.factors()
        with self.enrolling() as (terminal, shown):
            uri = scanned(shown)
            for prompts_left in (2, 1, 0):
                terminal.type(wrong_code(uri))
                if prompts_left:
                    terminal.wait_for(PROMPT)
            self.assertEqual(terminal.end()[1], 3)
        self.assertEqual(self.factors(), before)


if __name__ == "__main__":
    skip_unless_possible()
    missing = [tool for tool in ("zbarimg", "oathtool") if shutil.which(tool) is None]
    if missing:
        print(f"skipped: no {', '.join(missing)}", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main()
