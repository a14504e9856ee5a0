# SPDX-License-Identifier: Apache-2.0
"""Finds the places of a source that can be mutated: one walk over libclang's syntax tree.

A Place is one edit of the text that holds up to three mutants; how it is written out is schemata.py's business."""
import dataclasses
import re
import sys

# Debian's module, also where another Python comes first in PATH
sys.path.append("/usr/lib/python3/dist-packages")
from clang import cindex  # noqa: E402

from explained import one_line  # noqa: E402

Kind = cindex.CursorKind

FUNCTIONS = {Kind.FUNCTION_DECL, Kind.CXX_METHOD, Kind.CONSTRUCTOR, Kind.DESTRUCTOR, Kind.CONVERSION_FUNCTION,
             Kind.FUNCTION_TEMPLATE}
NEVER_RUN = {Kind.STATIC_ASSERT, Kind.ENUM_CONSTANT_DECL, Kind.TYPE_ALIAS_DECL, Kind.TYPE_ALIAS_TEMPLATE_DECL,
             Kind.TYPEDEF_DECL, Kind.TEMPLATE_NON_TYPE_PARAMETER}
BOUNDARIES = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
MOVED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
ASSIGNMENTS = re.compile(r"^(=|[-+*/%&|^]=|<<=|>>=)$")
LITERAL = re.compile(r"^(0[xX][0-9a-fA-F']+|[0-9][0-9']*)[uUlLzZ]*$")


@dataclasses.dataclass
class Mutant:
    text: str   # of the source, on one line
    kind: str
    offset: int  # of its number from that of the place


@dataclasses.dataclass
class Place:
    file: str
    begin: int
    end: int
    rank: int  # of places with the same extent the higher one goes around the lower one
    function: str
    mutants: list
    prefix: str = ""  # "@" stands for the place's number, "~" for whether a constexpr function holds it
    suffix: str = ""
    operator: tuple = None  # (begin, end, text instead)
    within_constexpr: bool = False
    number: int = 0


def statements_of(cursor):
    return list(cursor.get_children())


class Finder:
    def __init__(self, texts):
        self.texts = texts      # file name -> source, bytes: libclang counts bytes
        self.places = {}        # (file, begin, end, rank) -> Place: a header is seen from many sources
        self.inexpressible = set()  # (file, begin, end, kind)
        self.ancestors = []

    # ---- The walk ----
    def unit(self, unit):
        for cursor in unit.cursor.get_children():
            if self.file_of(cursor):
                self.walk(cursor, "", False)

    def file_of(self, cursor):
        file = cursor.location.file
        return file.name if file is not None and file.name in self.texts else None

    def walk(self, cursor, function, within_constexpr):
        if not self.file_of(cursor) or cursor.kind in NEVER_RUN:
            return
        if cursor.kind in FUNCTIONS:
            function, within_constexpr = self.name(cursor), self.declared_constant(cursor)
        elif cursor.kind in (Kind.VAR_DECL, Kind.FIELD_DECL):
            if self.declared_constant(cursor):
                self.leave_out(cursor)
                return
            if cursor.kind == Kind.FIELD_DECL or not function:
                function = self.name(cursor)
        self.function, self.within_constexpr = function, within_constexpr
        self.judge(cursor)
        self.ancestors.append(cursor)
        for child in cursor.get_children():
            self.walk(child, function, within_constexpr)
        self.ancestors.pop()

    def judge(self, cursor):
        kind = cursor.kind
        if kind in FUNCTIONS:
            self.verdict(cursor)
        elif kind in (Kind.IF_STMT, Kind.WHILE_STMT, Kind.FOR_STMT, Kind.DO_STMT):
            self.controlled(cursor)
        elif kind == Kind.CONDITIONAL_OPERATOR:
            self.condition(next(cursor.get_children()))
        elif kind == Kind.RETURN_STMT:
            self.returned(cursor)
        elif kind == Kind.INTEGER_LITERAL:
            self.literal(cursor)
        elif kind == Kind.COMPOUND_STMT:
            for child in cursor.get_children():
                self.statement(child)
        elif kind in (Kind.CASE_STMT, Kind.DEFAULT_STMT, Kind.CXX_FOR_RANGE_STMT):
            self.statement(statements_of(cursor)[-1])
        if kind in (Kind.BINARY_OPERATOR, Kind.CALL_EXPR):
            self.operation(cursor)

    # ---- The kinds of mutants ----
    def controlled(self, cursor):
        children = statements_of(cursor)
        if cursor.kind == Kind.DO_STMT:
            self.condition(children[1])
            return
        tokens = [token.spelling for token in cursor.get_tokens()]
        header_end = self.header_end(cursor)
        for body in children:
            if self.extent(body)[0] >= header_end:
                self.statement(body)
        if tokens[1] == "constexpr":
            return
        header = [child for child in children if self.extent(child)[1] <= header_end]
        if cursor.kind == Kind.FOR_STMT:
            first, second = self.semicolons(cursor)
            header = [child for child in header if first <= self.extent(child)[0] < second]
        if not header:
            return
        if len(header) > 1 and header[-2].kind == Kind.VAR_DECL:
            self.declared_condition(cursor, header)
        else:
            self.condition(header[-1])

    def condition(self, cursor):
        text = self.text(cursor)
        # A comparison for equality is inverted as such
        kinds = ["inverted", "made false", "made true"]
        mutants = [Mutant(text, kind, offset) for offset, kind in enumerate(kinds)
                   if offset > 0 or not self.compares_equality(cursor)]
        self.add(cursor, 5, mutants, "::factord_mutant::condition<~>(@, static_cast<bool>(", "))")

    def declared_condition(self, cursor, header):
        variable = header[-2]
        text = self.text(variable)
        mutants = [Mutant(text, kind, offset) for offset, kind in enumerate(["inverted", "made false", "made true"])]
        if cursor.kind != Kind.IF_STMT or len(header) > 2:  # `if (init; declaration; condition)` is no C++
            self.inexpressible.update((self.file_of(variable), *self.extent(variable), one.kind) for one in mutants)
            return
        self.add(variable, 5, mutants, "",
                 f"; ::factord_mutant::condition<~>(@, static_cast<bool>({variable.spelling}))")

    def returned(self, cursor):
        values = statements_of(cursor)
        if not values or values[0].type.get_canonical().kind != cindex.TypeKind.BOOL:
            return
        if not self.compares_equality(values[0]):
            self.add(values[0], 5, [Mutant(self.text(values[0]), "return inverted", 0)],
                     "::factord_mutant::inverted<~>(@, static_cast<bool>(", "))")

    def verdict(self, cursor):
        result = cursor.result_type
        canonical = result.get_canonical().spelling
        if not (re.match(r"^std::optional<(\w+::)*Refusal>$", canonical) or canonical == "const char *"
                or result.spelling.endswith("Verdict")):
            return
        body = [child for child in cursor.get_children() if child.kind == Kind.COMPOUND_STMT]
        if body:
            begin, _ = self.extent(body[0])
            self.add_at(self.file_of(cursor), begin, begin + 1, 0, [Mutant(cursor.spelling, "passed at once", 0)],
                        "", " if (::factord_mutant::on<~>(@)) return {};")

    def literal(self, cursor):
        text = self.text(cursor)
        if not LITERAL.match(text):  # a name that is a macro
            return
        file, (begin, end) = self.file_of(cursor), self.extent(cursor)
        source = self.texts[file]
        declared = self.ancestors[-1].kind in (Kind.VAR_DECL, Kind.FIELD_DECL) and source[begin - 1:begin] == b"["
        if declared or source[begin - 1:begin] == b"<" or source[end:end + 1] == b">":  # of a type
            self.inexpressible.update({(file, begin, end, "plus 1"), (file, begin, end, "minus 1")})
            return
        around = next(self.text(one) for one in reversed(self.ancestors) if self.extent(one) != (begin, end))
        self.add(cursor, 0, [Mutant(around, f"{text} plus 1", 0), Mutant(around, f"{text} minus 1", 1)],
                 "::factord_mutant::literal<~>(@, ", ")")

    def operation(self, cursor):
        children = statements_of(cursor)
        operator = self.operator(cursor)
        if operator is None:
            return
        token, begin, end = operator
        left, right = children[0], children[-1]
        if token in ("&&", "||") and cursor.kind == Kind.BINARY_OPERATOR:
            neutral = "true" if token == "&&" else "false"
            for side in (left, right):
                if self.token(side) != token:  # of a || b || c each once
                    self.add(side, 4, [Mutant(self.text(side), f"operand of {token} dropped", 0)],
                             f"::factord_mutant::operand<~>(@, {neutral}, static_cast<bool>(", "))")
        elif token in ("==", "!="):
            other = "!=" if token == "==" else "=="
            self.add(cursor, 3, [Mutant(self.text(cursor), f"{token} made {other}", 0)],
                     "::factord_mutant::inverted<~>(@, static_cast<bool>(", "))")
        elif token in BOUNDARIES:
            self.add(cursor, 3, [Mutant(self.text(cursor), f"{token} made {MOVED[token]}", 0)],
                     f"::factord_mutant::{BOUNDARIES[token]}<~>(@, ", ")", (begin, end, ", "))

    def statement(self, cursor):
        inner = self.unwrapped(cursor)
        token = self.token(inner)
        assigns = token is not None and ASSIGNMENTS.match(token)
        if token is not None and not assigns:
            return
        steps = inner.kind == Kind.UNARY_OPERATOR and re.search(r"^(\+\+|--)|(\+\+|--)$", self.text(inner))
        if inner.kind in (Kind.CALL_EXPR, Kind.COMPOUND_ASSIGNMENT_OPERATOR) or assigns or steps:
            self.add(cursor, 6, [Mutant(self.text(cursor), "statement dropped", 0)],
                     "(::factord_mutant::on<~>(@) ? void() : void(", "))")

    # ---- What the tree tells ----
    def operator(self, cursor):
        """(token, begin, end) of a binary operator, built in or overloaded."""
        children = statements_of(cursor)
        if cursor.kind == Kind.CALL_EXPR:
            if len(children) != 3 or not cursor.spelling.startswith("operator"):
                return None
            begin, end = self.extent(children[1])
        elif cursor.kind == Kind.BINARY_OPERATOR and len(children) == 2:
            begin, end = self.extent(children[0])[1], self.extent(children[1])[0]
        else:
            return None
        file = self.file_of(cursor)
        if file is None or not self.extent(children[0])[1] <= begin < end <= self.extent(children[-1])[0]:
            return None  # within a macro
        source = self.texts[file][begin:end].decode()
        token = re.sub(r"//[^\n]*|/\*.*?\*/|\s", "", source, flags=re.S)
        at = source.find(token)
        return (token, begin + at, begin + at + len(token)) if at >= 0 else None

    def token(self, cursor):
        found = self.operator(self.unwrapped(cursor))
        return found[0] if found else None

    def compares_equality(self, cursor):
        return self.token(cursor) in ("==", "!=")

    def unwrapped(self, cursor):
        """Without what the compiler has put around an expression; not without parentheses."""
        while cursor.kind in (Kind.UNEXPOSED_EXPR, Kind.UNARY_OPERATOR):
            children = statements_of(cursor)
            if len(children) != 1:
                break
            rewritten = cursor.kind == Kind.UNARY_OPERATOR and self.text(cursor).startswith("!=")
            if cursor.kind == Kind.UNARY_OPERATOR and not rewritten:
                break
            if not rewritten and self.extent(children[0]) != self.extent(cursor):
                break
            cursor = children[0]
        return cursor

    def header_end(self, cursor):
        depth = 0
        for token in cursor.get_tokens():
            if token.spelling in ("(", ")"):
                depth += 1 if token.spelling == "(" else -1
                if depth == 0:
                    return token.extent.start.offset
        raise ValueError("a statement without a header")

    def semicolons(self, cursor):
        found, depth = [], 0
        for token in cursor.get_tokens():
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.spelling, 0)
            if token.spelling == ";" and depth == 1:
                found.append(token.extent.start.offset)
                if len(found) == 2:
                    return found
        raise ValueError("a for without two semicolons")

    def declared_constant(self, cursor):
        end = cursor.location.offset
        return any(token.spelling in ("constexpr", "consteval") for token in cursor.get_tokens()
                   if token.extent.start.offset < end)

    def name(self, cursor):
        parts = []
        while cursor is not None and cursor.kind not in (Kind.TRANSLATION_UNIT, Kind.NAMESPACE):
            parts.append(cursor.spelling)
            cursor = cursor.semantic_parent
        return "::".join(reversed(parts))

    def extent(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def text(self, cursor):
        begin, end = self.extent(cursor)
        return one_line(self.texts[self.file_of(cursor)][begin:end].decode())

    # ---- What is found ----
    def add(self, cursor, rank, mutants, prefix, suffix, operator=None):
        self.add_at(self.file_of(cursor), *self.extent(cursor), rank, mutants, prefix, suffix, operator)

    def add_at(self, file, begin, end, rank, mutants, prefix, suffix, operator=None):
        place = Place(file, begin, end, rank, self.function, mutants, prefix, suffix, operator, self.within_constexpr)
        self.places.setdefault((file, begin, end, rank), place)

    def leave_out(self, cursor):
        """Counts the literals of a constant: it is no place for a mutant."""
        for inner in cursor.walk_preorder():
            if inner.kind == Kind.INTEGER_LITERAL and self.file_of(inner) and LITERAL.match(self.text(inner)):
                at = (self.file_of(inner), *self.extent(inner))
                self.inexpressible.update({(*at, "plus 1"), (*at, "minus 1")})
