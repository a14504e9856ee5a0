#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tree speaks of the project alone: no paths of one machine, nothing of how it is written, nothing left for later.

The brackets in the patterns keep this file from finding itself."""
import re

from tree import Lint

FORBIDDEN = [
    (r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b", "left for later: do it, or open an issue"),
    (r"/wor[k]/|/hom[e]/\w|/User[s]/\w|/far[m]/|\.\./share[d]/", "a path that only one machine has"),
    (r"\bA[I]\b|\bL[L]Ms?\b|\b[Cc]hat-?GP[T]\b|\b[Cc]laud[e]\b|\b[Cc]opilo[t]\b|language mode[l]|[Cc]o-[Aa]uthored-b[y]",
     "speaks of how the project is made"),
]
# Data and licence texts of others stay as they came.
FOREIGN = ("LICENSE", "*.json", "*.png", "*.cbor", "*.bin")


def main():
    lint = Lint()
    foreign = set(lint.files(*FOREIGN))
    for path in lint.files("*"):
        if path in foreign:
            continue
        for number, line in lint.lines(path):
            for pattern, why in FORBIDDEN:
                if found := re.search(pattern, line):
                    lint.fault(path, number, f"'{found[0]}': {why}")
    lint.end()


main()
