# SPDX-License-Identifier: Apache-2.0
"""Writes mutants into a source: nothing but the wrapped expressions changes, no line moves."""
import dataclasses


@dataclasses.dataclass
class Written:
    text: bytes
    spans: list  # (begin, end, place) in the text as written


class Writer:
    def __init__(self, source):
        self.source = source
        self.out = []
        self.size = 0
        self.spans = []

    def put(self, text):
        self.out.append(text)
        self.size += len(text)

    def region(self, begin, end, places):
        at = begin
        while places:
            place = places.pop(0)
            inner = []
            while places and places[0].begin < place.end:
                inner.append(places.pop(0))
            self.put(self.source[at:place.begin])
            self.place(place, inner)
            at = place.end
        self.put(self.source[at:end])

    def place(self, place, inner):
        start = self.size
        self.put(filled(place, place.prefix))
        if place.operator is None:
            self.region(place.begin, place.end, inner)
        else:
            begin, end, instead = place.operator
            self.region(place.begin, begin, [one for one in inner if one.end <= begin])
            self.put(instead.encode())
            self.region(end, place.end, [one for one in inner if one.begin >= end])
        self.put(filled(place, place.suffix))
        self.spans.append((start, self.size, place))


def filled(place, pattern):
    constant = "true" if place.within_constexpr else "false"
    return pattern.replace("@", str(place.number)).replace("<~>", f"<{constant}>").encode()


def ordered(places):
    return sorted(places, key=lambda place: (place.begin, -place.end, -place.rank))


def nested(places):
    """Those that lie within each other or apart, and those that cross another one, as macros may have it."""
    kept, crossing, around = [], [], []
    for place in ordered(places):
        while around and around[-1].end <= place.begin:
            around.pop()
        outer = around[-1] if around else None
        if outer and (place.end > outer.end or outer.operator and place.begin < outer.operator[1]
                      and place.end > outer.operator[0]):
            crossing.append(place)
            continue
        kept.append(place)
        around.append(place)
    return kept, crossing


def write(source, places):
    writer = Writer(source)
    writer.region(0, len(source), ordered(places))
    return Written(b"".join(writer.out), writer.spans)


def innermost(written, offset):
    """The place around an offset of the text as written, if any."""
    around = [span for span in written.spans if span[0] <= offset < span[1]]
    return min(around, key=lambda span: span[1] - span[0])[2] if around else None


def on_line(written, line):
    """The places that touch a line, counted from 1."""
    lines = written.text.split(b"\n")
    begin = sum(len(one) + 1 for one in lines[:line - 1])
    end = begin + len(lines[line - 1])
    return [place for first, last, place in written.spans if first <= end and last >= begin]
