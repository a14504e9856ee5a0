# SPDX-License-Identifier: Apache-2.0
"""The sources as libclang parses them: which mutants there are, and which of them compile."""
import collections
import pathlib

import finder
import schemata
from finder import cindex

# The first number of a mutant is 1: 0 stands for none
FIRST = 1

Fault = collections.namedtuple("Fault", "text places")


class Unparsed(Exception):
    """A source has errors without any mutant."""


class Units:
    def __init__(self, texts, commands):
        """texts: absolute file name -> bytes; commands: (absolute file name, compiler's arguments)."""
        self.texts, self.commands = texts, list(commands)
        self.index = cindex.Index.create()

    def expressible_places(self):
        """(places that compile all together, how many mutants were left out)."""
        found = finder.Finder(self.texts)
        for command in self.commands:
            unit = self.parsed(command, self.texts)
            for fault in self.errors(unit):
                raise Unparsed(fault.text)
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
        for command in self.commands:
            kept = self.compiling(command, places)
            left_out += sum(len(place.mutants) for place in places) - sum(len(place.mutants) for place in kept)
            places = kept
        return places, left_out

    def parsed(self, command, texts):
        """Not kept: each takes some 70 MB."""
        name, flags = command
        return self.index.parse(name, args=[*flags, *resources()], unsaved_files=self.unsaved(texts))

    def compiling(self, command, places):
        """Drops the places that make the compiler complain, until it does not."""
        while True:
            faults, written = self.tried(command, places)
            if not faults:
                return places
            blamed = {id(place) for fault in faults for place in self.blamed(fault, written)}
            if not blamed:
                return self.bisected(command, places)
            places = [place for place in places if id(place) not in blamed]

    def tried(self, command, places):
        written = {name: schemata.write(text, [place for place in places if place.file == name])
                   for name, text in self.texts.items()}
        unit = self.parsed(command, {name: one.text for name, one in written.items()})
        return self.errors(unit), written

    def blamed(self, fault, written):
        """A compiler's note may point at the mutant where its error points elsewhere."""
        for file, offset in fault.places:
            if file in written:
                place = schemata.innermost(written[file], offset)
                if place is not None:
                    return [place]
        return []

    def bisected(self, command, places):
        """The longest way round, for errors far from their cause."""
        fixed = []

        def add(group):
            if not self.tried(command, fixed + group)[0]:
                fixed.extend(group)
            elif len(group) > 1:
                add(group[:len(group) // 2])
                add(group[len(group) // 2:])

        add(places)
        return fixed

    @staticmethod
    def errors(unit):
        """Copied out, since libclang's own end with the unit."""
        return [Fault(str(fault), [(str(said.location.file), said.location.offset) for said in (fault, *fault.children)])
                for fault in unit.diagnostics if fault.severity >= cindex.Diagnostic.Error]

    @staticmethod
    def unsaved(texts):
        return [(name, text.decode()) for name, text in texts.items()]


def resources():
    """libclang looks for the compiler's own headers next to where it was built; Debian's packages part them."""
    for path in sorted(pathlib.Path("/usr/lib/llvm-14/lib/clang").glob("*/include")):
        return ["-isystem", str(path)]
    return []
