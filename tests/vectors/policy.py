# SPDX-License-Identifier: Apache-2.0
"""docs/webauthn-policy.md names every ceremony that the specification leaves to the relying party, with what factord does."""
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "differential"))

import ceremonies  # noqa: E402
import changes  # noqa: E402
import tables  # noqa: E402
from cases import CEREMONIES, all_cases, judge  # noqa: E402

PAGE = HERE.parents[1] / "docs/webauthn-policy.md"
HEADING = ["found", "decision", "cases", "why"]
REFUSED = re.compile(r"refused at ([\d.]+)(?: / ([\d.]+))?(?:[;,].*)?$")


def made_here(name, bases):
    change, _, sort = name.partition("/")
    if sort not in bases or change not in changes.CHANGES:
        return None
    made = ceremonies.changed(bases[sort], changes.CHANGES[change])
    return made and made.case(change)


class Row:
    def __init__(self, number, cells):
        self.found, self.decision, cases, self.why = cells
        self.place = f"{PAGE.name}:{number}"
        self.cases = re.findall(r"`([^`]+)`", cases)
        self.refused = REFUSED.match(self.decision)

    def step(self, kind):
        """Where a ceremony of that kind is refused; one number stands for both kinds."""
        registration, authentication = self.refused.groups()
        return registration if kind == "registration" else authentication or registration


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = [Row(number, cells) for number, cells in tables.rows(PAGE, HEADING)]
        data = {name: case for name, case in all_cases().items() if case["kind"] in CEREMONIES}
        cls.demanded = {name for name, case in data.items() if case["expected"] == "policy"}
        named = {name for row in cls.rows for name in row.cases}
        bases = {base.base: base for base in ceremonies.bases()}
        cls.cases = {name: data.get(name) or made_here(name, bases) for name in named}
        known = [case for case in cls.cases.values() if case]
        cls.lines = {line["id"]: line for line in judge(known).lines}

    def test_every_case_that_is_left_to_the_relying_party_is_decided_once(self):
        named = [name for row in self.rows for name in row.cases]
        self.assertTrue(self.demanded)
        self.assertEqual(sorted(self.demanded - set(named)), [])
        self.assertEqual(sorted({name for name in named if named.count(name) > 1}), [])

    def test_no_case_is_named_that_does_not_exist(self):
        self.assertEqual([name for name, case in self.cases.items() if case is None], [])

    def test_every_case_is_decided_as_the_page_says(self):
        for row in self.rows:
            for name in row.cases:
                with self.subTest(place=row.place, case=name):
                    line = self.lines[name]
                    if row.refused:
                        self.assertEqual((line["verdict"], line["step"]), ("reject", row.step(self.cases[name]["kind"])), line)
                    else:
                        self.assertEqual(line["verdict"], "ok", line)

    def test_every_decision_is_said_in_the_words_of_the_page(self):
        for row in self.rows:
            with self.subTest(place=row.place):
                self.assertTrue(row.found)
                self.assertTrue(row.refused or re.match(r"(read|accepted|ignored|left out|taken)\b", row.decision), row.decision)


if __name__ == "__main__":
    unittest.main()
