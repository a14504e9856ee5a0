# SPDX-License-Identifier: Apache-2.0
"""The tables of a page in docs/ that a test is held against."""
import re


def rows(page, heading):
    """Line number and cells of every row below that heading, in all tables of the page that have it."""
    out, within = [], False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("|"):
            within = False
        elif cells == heading:
            within = True
        elif within and not set(line) <= set("|- "):
            if len(cells) != len(heading):
                raise AssertionError(f"{page.name}:{number}: has {len(cells)} cells")
            out.append((number, cells))
    return out
