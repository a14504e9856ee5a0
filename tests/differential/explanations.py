# SPDX-License-Identifier: Apache-2.0
"""The table in docs/differential.md: which disagreements there are, who is right, why."""
import fnmatch
import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/differential.md"
HEADING = ["cases", "factord", "python-fido2", "right", "why"]


class Row:
    def __init__(self, number, cells):
        self.number = number
        cases, self.factord, self.peer, self.right, self.why = cells
        self.patterns = re.findall(r"`([^`]+)`", cases)
        self.unused = set(self.patterns)

    def faults(self):
        """What is wrong with the row as such"""
        place = f"{PAGE.name}:{self.number}"
        if not self.patterns or not self.why:
            yield f"{place}: names no case, or no reason"
        if self.right not in ("factord", "python-fido2", "either"):
            yield f"{place}: says of nobody that they are right"
        if not re.fullmatch(r"accepts|refuses at [\d.]+( or [\d.]+)*", self.factord):
            yield f"{place}: '{self.factord}' is no verdict with its steps"
        if not re.fullmatch(r"accepts|refuses: .+", self.peer):
            yield f"{place}: '{self.peer}' is no verdict with a reason"
        if (self.factord == "accepts") == (self.peer == "accepts"):
            yield f"{place}: is no disagreement"
        if self.factord == "accepts" and any("*" in pattern for pattern in self.patterns):
            yield f"{place}: what factord alone accepts is named case by case"

    def explains(self, disagreement):
        if disagreement.factord != "accepts":
            if self.factord == "accepts" or disagreement.step not in self.factord.split()[2::2]:
                return False
        elif self.factord != "accepts":
            return False
        if self.peer != "accepts" and self.peer.removeprefix("refuses: ").strip("`") not in (disagreement.refusal or ""):
            return False
        found = {pattern for pattern in self.patterns if fnmatch.fnmatchcase(disagreement.id, pattern)}
        self.unused -= found
        return bool(found)


class Disagreement:
    def __init__(self, line, refusal):
        self.id, self.step, self.refusal = line["id"], line["step"], refusal
        self.factord = "accepts" if line["verdict"] == "ok" else "refuses"
        self.reason = line["reason"]

    def __str__(self):
        factord = "accepts" if self.factord == "accepts" else f"refuses at {self.step} ({self.reason})"
        return f"{self.id}: factord {factord}; python-fido2 " + \
            ("accepts" if self.refusal is None else f"refuses: {self.refusal}")
