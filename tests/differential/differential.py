# SPDX-License-Identifier: Apache-2.0
"""factord and python-fido2 judge the same ceremonies: those of tests/vectors/data, ceremonies made here with one change
each, and good ones with a byte changed. Where they disagree, docs/differential.md says who is right and why.

FACTORD_SEED and FACTORD_ROUNDS choose other random bytes and more of them; then only what factord alone accepts counts,
and not where the certificate is of no trust anchor and holds what no step reads."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "vectors"))

try:
    import fido2  # noqa: F401
except ImportError:
    print("skipped: no python3-fido2")
    sys.exit(77)

import ceremonies  # noqa: E402
import changes  # noqa: E402
import explanations  # noqa: E402
import peer  # noqa: E402
import single_bytes  # noqa: E402
import tables  # noqa: E402
from cases import CEREMONIES, all_cases, judge  # noqa: E402

FIXED_SEED = "2026"
SEED = os.environ.get("FACTORD_SEED", FIXED_SEED)
ROUNDS = int(os.environ.get("FACTORD_ROUNDS", 4))
FIXED = SEED == FIXED_SEED and ROUNDS == 4
# The library's parser reads all of a certificate, OpenSSL what is asked for
UNREAD = ("error parsing asn1 value", "is not a valid X509 version")


def from_others():
    return [case for case in all_cases().values() if case["kind"] in CEREMONIES]


def made_here():
    for base in ceremonies.bases():
        for name, change in changes.CHANGES.items():
            if made := ceremonies.changed(base, change):
                yield made.case(name)


def both(cases):
    """(case, factord's line, why the peer refuses) of each"""
    run = judge(cases)
    if len(run.lines) != len(cases):
        raise AssertionError(f"{len(cases)} cases, {len(run.lines)} lines: {run.stderr}")
    return [(case, line, peer.refusal(case)) for case, line in zip(cases, run.lines)]


def disagreements(judged):
    return [explanations.Disagreement(line, refusal) for _, line, refusal in judged
            if (line["verdict"] == "ok") != (refusal is None)]


class Differential(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.others, cls.made = both(from_others()), both(list(made_here()))
        good = [case for case, line, refusal in cls.others
                if "credential" in case and line["verdict"] == "ok" and refusal is None]
        cls.bytes = both([made for case in good for made in single_bytes.changed(case, SEED, ROUNDS)])
        cls.disagreements = disagreements([*cls.others, *cls.made, *cls.bytes])
        cls.rows = [explanations.Row(number, cells)
                    for number, cells in tables.rows(explanations.PAGE, explanations.HEADING)]
        print(f"seed {SEED}: {len(cls.others)} cases of others, {len(cls.made)} made here, {len(cls.bytes)} with a byte "
              f"changed; {len(cls.disagreements)} disagreements")

    def test_both_accept_every_ceremony_made_here_that_was_not_changed(self):
        good = [(line, refusal) for case, line, refusal in self.made if case["id"].startswith("good/")]
        self.assertEqual(len(good), len(ceremonies.bases()))
        for line, refusal in good:
            self.assertEqual((line["verdict"], refusal), ("ok", None), line)

    def test_each_judges_for_itself(self):
        """A peer that accepts or refuses everything would disagree with nobody who does the same."""
        for judged in (self.others, self.made, self.bytes):
            for verdicts in ([line["verdict"] == "ok" for _, line, _ in judged], [why is None for _, _, why in judged]):
                self.assertGreater(sum(verdicts), len(judged) // 50)
                self.assertGreater(len(verdicts) - sum(verdicts), len(judged) // 50)

    def test_every_row_of_the_table_is_complete(self):
        self.assertTrue(self.rows)
        self.assertEqual([fault for row in self.rows for fault in row.faults()], [])

    def test_every_disagreement_is_explained_and_every_explanation_is_needed(self):
        unexplained = [str(one) for one in self.disagreements if not [row for row in self.rows if row.explains(one)]]
        if not FIXED:
            unexplained = [text for text in unexplained
                           if "factord accepts" in text and not any(reason in text for reason in UNREAD)]
        self.assertEqual(unexplained, [], f"seed {SEED}: no row of {explanations.PAGE.name} explains these")
        unused = [f"{explanations.PAGE.name}:{row.number}: {pattern}" for row in self.rows for pattern in sorted(row.unused)]
        if FIXED:
            self.assertEqual(unused, [], "no disagreement needs these any more")


class Table(unittest.TestCase):
    ACCEPTED = {"id": "a/b", "verdict": "ok", "step": "-", "reason": ""}
    REFUSED = {"id": "a/b", "verdict": "reject", "step": "13", "reason": "why"}

    def row(self, *cells):
        return explanations.Row(1, list(cells))

    def test_a_row_explains_a_case_that_it_names_with_both_verdicts(self):
        refused = explanations.Disagreement(self.REFUSED, None)
        accepted = explanations.Disagreement(self.ACCEPTED, "ValueError: no")
        for cells, disagreement, explained in [
                (("`a/*`", "refuses at 7 or 13", "accepts"), refused, True), (("`a/*`", "refuses at 7", "accepts"), refused, False),
                (("`a/*`", "refuses at 1", "accepts"), refused, False), (("`b/*`", "refuses at 13", "accepts"), refused, False),
                (("`c` `a/b`", "accepts", "refuses: no"), accepted, True), (("`a/b`", "accepts", "refuses: yes"), accepted, False),
                (("`a/b`", "accepts", "refuses: no"), refused, False), (("`a/b`", "refuses at 13", "accepts"), accepted, False)]:
            with self.subTest(cells=cells, of=str(disagreement)):
                row = self.row(*cells, "factord", "so")
                self.assertEqual(row.explains(disagreement), explained)
                self.assertEqual(row.unused, set(row.patterns) - ({"a/*", "a/b"} if explained else set()))

    def test_a_row_that_says_too_little_is_a_fault(self):
        self.assertEqual(list(self.row("`a`", "refuses at 13", "accepts", "either", "so").faults()), [])
        for cells in [("a", "refuses at 13", "accepts", "either", "so"), ("`a`", "refuses", "accepts", "either", "so"),
                      ("`a`", "accepts", "refuses", "factord", "so"), ("`a`", "accepts", "accepts", "factord", "so"),
                      ("`a`", "refuses at 13", "refuses: x", "factord", "so"), ("`a`", "refuses at 13", "accepts", "nobody", "so"),
                      ("`a`", "refuses at 13", "accepts", "either", ""), ("`a*`", "accepts", "refuses: x", "factord", "so")]:
            self.assertNotEqual(list(self.row(*cells).faults()), [], cells)


if __name__ == "__main__":
    unittest.main()
