# SPDX-License-Identifier: Apache-2.0
"""The sources as libclang parses them: which mutants there are, and which of them compile."""
import pathlib

import finder
import schemata
from finder import cindex

# The first number of a mutant is 1: 0 stands for none
FIRST = 1


class Unparsed(Exception):
    """A source has errors without any mutant."""


class Units:
    def __init__(self, texts, commands):
        """texts: absolute file name -> bytes; commands: (absolute file name, compiler's arguments)."""
        self.texts = texts
        index = cindex.Index.create()
        options = cindex.TranslationUnit.PARSE_PRECOMPILED_PREAMBLE
        self.units = [index.parse(name, args=[*flags, *resources()], unsaved_files=self.unsaved(texts), options=options)
                      for name, flags in commands]
        for unit in self.units:
            for fault in self.errors(unit):
                raise Unparsed(f"{unit.spelling}: {fault}")

    def expressible_places(self):
        """(places that compile all together, how many mutants were left out)."""
        found = finder.Finder(self.texts)
        for unit in self.units:
            found.unit(unit)
        left_out = len(found.inexpressible)
        places = []
        for file in self.texts:
            kept, crossing = schemata.nested([place for place in found.places.values() if place.file == file])
            places += kept
            left_out += sum(len(place.mutants) for place in crossing)
        number = FIRST
        for place in places:
            place.number = number
            number += 1 + max(mutant.offset for mutant in place.mutants)
        for unit in self.units:
            kept = self.compiling(unit, places)
            left_out += sum(len(place.mutants) for place in places) - sum(len(place.mutants) for place in kept)
            places = kept
        return places, left_out

    def compiling(self, unit, places):
        """Drops the places that make the compiler complain, until it does not."""
        while True:
            faults, written = self.tried(unit, places)
            if not faults:
                return places
            blamed = {id(place) for fault in faults for place in self.blamed(fault, written)}
            if not blamed:
                return self.bisected(unit, places)
            places = [place for place in places if id(place) not in blamed]

    def tried(self, unit, places):
        written = {name: schemata.write(text, [place for place in places if place.file == name])
                   for name, text in self.texts.items()}
        unit.reparse(self.unsaved({name: one.text for name, one in written.items()}))
        return self.errors(unit), written

    def blamed(self, fault, written):
        """A compiler's note may point at the mutant where its error points elsewhere."""
        for said in [fault, *fault.children]:
            file = said.location.file
            if file is not None and file.name in written:
                place = schemata.innermost(written[file.name], said.location.offset)
                if place is not None:
                    return [place]
        return []

    def bisected(self, unit, places):
        """The longest way round, for errors far from their cause."""
        fixed = []

        def add(group):
            if not self.tried(unit, fixed + group)[0]:
                fixed.extend(group)
            elif len(group) > 1:
                add(group[:len(group) // 2])
                add(group[len(group) // 2:])

        add(places)
        return fixed

    @staticmethod
    def errors(unit):
        return [fault for fault in unit.diagnostics if fault.severity >= cindex.Diagnostic.Error]

    @staticmethod
    def unsaved(texts):
        return [(name, text.decode()) for name, text in texts.items()]


def resources():
    """libclang looks for the compiler's own headers next to where it was built; Debian's packages part them."""
    for path in sorted(pathlib.Path("/usr/lib/llvm-14/lib/clang").glob("*/include")):
        return ["-isystem", str(path)]
    return []
