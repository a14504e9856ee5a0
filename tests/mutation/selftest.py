#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The mutation and coverage runs do what they say: every kind of mutant is made and at work, nothing else changes, and
the lists of exceptions cannot hide anything."""
import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "coverage")]
try:
    import units
except ImportError:
    print("skipped: no python3-clang")
    sys.exit(77)
import coverage  # noqa: E402
import explained  # noqa: E402
import mutation  # noqa: E402
import schemata  # noqa: E402

FLAGS = ["-std=c++20", "-include", str(HERE / "mutant.hpp")]

SAMPLE = r"""
#include <sys/time.h>

#include <cstdio>
#include <optional>
#include <string>

struct Refusal {
  int step = 1;
};
using Verdict = std::optional<Refusal>;

constexpr int widest = 7;
constexpr int twice(int n) { return n * 2; }
static_assert(twice(2) == 4);

bool within(int n) { return n > 3 && n <= widest; }
bool beyond(int n) { return n < 3 || n >= widest; }

Verdict judge(int n) {
  if (n == 4) return Refusal{};
  return std::nullopt;
}

const char* defect(int n) { return n % 2 != 0 ? "odd" : nullptr; }

template <typename T>
T larger(T a, T b) {
  if (a < b) return b;
  return a;
}

int sum(int n) {
  int all = 0;
  for (int i = 0; i < n; ++i) all += i;
  while (all > 100) all -= 10;
  do {
    ++all;
  } while (all < 5);
  return all;
}

int asked(std::optional<int> n) {
  if (const auto m = n) return *m;
  return -1;
}

std::string louder(std::string text) {
  text.append("!");
  if (text == "no!") text = "yes";
  return text;
}

int main() {
  const itimerval limit{{}, {0, 50'000}};  // of processor time: some mutants never end
  setitimer(ITIMER_PROF, &limit, nullptr);
  for (int n = -1; n < 12; ++n)
    std::printf("%d%d%d%s%d%d ", within(n), beyond(n), judge(n) ? judge(n)->step : 0, defect(n) ? defect(n) : "-",
                larger(n, 5), twice(n));
  std::printf("%d %d %d %d %d ", sum(3), sum(19), sum(20), sum(0), larger(2.5, 1.5) > 2);
  std::printf("%d %d %s %s\n", asked(3), asked({}), louder("no").c_str(), louder("a").c_str());
}
"""

MADE = """
Refusal::step | int step = 1 | 1 minus 1
Refusal::step | int step = 1 | 1 plus 1
asked | -1 | 1 minus 1
asked | -1 | 1 plus 1
asked | const auto m = n | inverted
asked | const auto m = n | made false
asked | const auto m = n | made true
beyond | n < 3 | 3 minus 1
beyond | n < 3 | 3 plus 1
beyond | n < 3 | < made <=
beyond | n < 3 | operand of || dropped
beyond | n < 3 || n >= widest | return inverted
beyond | n >= widest | >= made >
beyond | n >= widest | operand of || dropped
defect | defect | passed at once
defect | n % 2 != 0 | != made ==
defect | n % 2 != 0 | 0 minus 1
defect | n % 2 != 0 | 0 plus 1
defect | n % 2 != 0 | made false
defect | n % 2 != 0 | made true
defect | n % 2 | 2 minus 1
defect | n % 2 | 2 plus 1
judge | judge | passed at once
judge | n == 4 | 4 minus 1
judge | n == 4 | 4 plus 1
judge | n == 4 | == made !=
judge | n == 4 | made false
judge | n == 4 | made true
larger | a < b | < made <=
larger | a < b | inverted
larger | a < b | made false
larger | a < b | made true
louder | text == "no!" | == made !=
louder | text == "no!" | made false
louder | text == "no!" | made true
louder | text = "yes" | statement dropped
louder | text.append("!") | statement dropped
sum | ++all | statement dropped
sum | all += i | statement dropped
sum | all -= 10 | 10 minus 1
sum | all -= 10 | 10 plus 1
sum | all -= 10 | statement dropped
sum | all < 5 | 5 minus 1
sum | all < 5 | 5 plus 1
sum | all < 5 | < made <=
sum | all < 5 | inverted
sum | all < 5 | made false
sum | all < 5 | made true
sum | all > 100 | 100 minus 1
sum | all > 100 | 100 plus 1
sum | all > 100 | > made >=
sum | all > 100 | inverted
sum | all > 100 | made false
sum | all > 100 | made true
sum | i < n | < made <=
sum | i < n | inverted
sum | i < n | made false
sum | i < n | made true
sum | int all = 0 | 0 minus 1
sum | int all = 0 | 0 plus 1
sum | int i = 0 | 0 minus 1
sum | int i = 0 | 0 plus 1
twice | n * 2 | 2 minus 1
twice | n * 2 | 2 plus 1
within | n <= widest | <= made <
within | n <= widest | operand of && dropped
within | n > 3 | 3 minus 1
within | n > 3 | 3 plus 1
within | n > 3 | > made >=
within | n > 3 | operand of && dropped
within | n > 3 && n <= widest | return inverted
""".strip().splitlines()
# Of two equal ones either is the larger; 0 adds nothing
EQUIVALENT = {"larger | a < b | < made <=", "sum | int i = 0 | 0 plus 1"}


def mutated(source):
    """(places, how many were left out) of a source text."""
    name = "/nowhere/sample.cpp"
    return units.Units({name: source.encode()}, [(name, FLAGS)]).expressible_places()


def named(places, source):
    cases = mutation.cases(places, {place.file: source.encode() for place in places})
    return {case.name.split(" | ", 1)[1]: case for case in cases}


class Sample(unittest.TestCase):
    """One program with all mutants of the sample in it."""
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.places, cls.left_out = mutated(SAMPLE)
        cls.cases = named([place for place in cls.places], SAMPLE)
        cls.written = schemata.write(SAMPLE.encode(), cls.places).text
        path = pathlib.Path(cls.folder.name, "sample.cpp")
        path.write_bytes(cls.written)
        cls.program = path.with_suffix("")
        subprocess.run(["g++", *FLAGS, "-w", "-o", cls.program, path], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_with(self, number, **environment):
        done = subprocess.run([self.program], env=dict(os.environ, FACTORD_MUTANT=str(number), **environment), text=True,
                              stdout=subprocess.PIPE)
        return done.stdout if done.returncode == 0 else f"status {done.returncode}"

    def test_every_kind_of_mutant_is_made_and_no_other(self):
        # Those of main() print the sample and are of no interest
        self.assertEqual([name for name in sorted(self.cases) if not name.startswith("main |")], sorted(MADE))

    def test_with_no_mutant_on_the_program_is_as_it_was(self):
        plain = pathlib.Path(self.folder.name, "plain.cpp")
        plain.write_text(SAMPLE)
        subprocess.run(["g++", "-std=c++20", "-o", plain.with_suffix(""), plain], check=True)
        expected = subprocess.run([plain.with_suffix("")], check=True, text=True, stdout=subprocess.PIPE).stdout
        self.assertEqual(self.run_with(0), expected)

    def test_every_mutant_changes_what_the_program_does(self):
        unmutated = self.run_with(0)
        for name in MADE:
            with self.subTest(name):
                same = self.run_with(self.cases[name].number) == unmutated
                self.assertEqual(same, name in EQUIVALENT)

    def test_no_line_moves(self):
        self.assertEqual(self.written.count(b"\n"), SAMPLE.count("\n"))

    def test_constants_are_left_out_and_counted(self):
        self.assertEqual(self.left_out, 2)  # widest, up and down; a static_assert holds nothing that runs

    def test_the_places_that_a_run_reaches_are_traced(self):
        trace = pathlib.Path(self.folder.name, "trace")
        self.run_with(0, FACTORD_MUTANT_TRACE=str(trace))
        reached = {int(line) for line in trace.read_text().split()}
        self.assertEqual(reached, {place.number for place in self.places})


class Finding(unittest.TestCase):
    def test_a_mutant_that_does_not_compile_is_left_out_and_the_others_stay(self):
        source = "int f(int n) {\n  const int size = 3;\n  int room[size] = {};\n  return n == 5 ? room[1] : 2;\n}\n"
        places, left_out = mutated(source)
        names = named(places, source)
        self.assertEqual(left_out, 2)
        self.assertNotIn("f | const int size = 3 | 3 plus 1", names)
        self.assertIn("f | n == 5 | == made !=", names)
        self.assertIn("f | room[1] | 1 plus 1", names)

    def test_a_condition_that_declares_after_an_initializer_is_counted_as_inexpressible(self):
        source = "int* g(int);\nint f(int n) {\n  if (int m = n; int* p = g(m)) return *p;\n  return n;\n}\n"
        places, left_out = mutated(source)
        self.assertEqual((len(places), left_out), (0, 3))

    def test_a_condition_that_the_compiler_decides_is_no_place(self):
        places, _ = mutated("template <bool yes>\nint f(int n) {\n  if constexpr (yes) return n;\n  return -n;\n}\n")
        self.assertEqual(places, [])

    def test_names_do_not_change_when_lines_are_added_above(self):
        source = "bool f(int n) { return n < 5; }\n"
        moved = "// more\n\n" + source
        self.assertEqual(list(named(mutated(source)[0], source)), list(named(mutated(moved)[0], moved)))

    def test_mutants_of_one_description_are_numbered(self):
        source = "bool f(int n) {\n  if (n == 1) return n == 1;\n  return false;\n}\n"
        names = named(mutated(source)[0], source)
        self.assertIn("f | n == 1 | == made !=", names)
        self.assertIn("f | n == 1 | == made != [2]", names)

    def test_a_source_with_errors_is_refused(self):
        with self.assertRaises(units.Unparsed):
            mutated("int f( {\n")


class FakeRunner:
    def reaches(self, case):
        return case.number % 2 == 0


class Verdict(unittest.TestCase):
    """100 mutants that exist on paper alone."""
    def setUp(self):
        source = "".join(f"bool f{n}(bool a) {{ return a; }}\n" for n in range(100))
        self.cases = list(named(mutated(source)[0], source).values())
        for case in self.cases:
            case.killed_by = "test"

    def reported(self, survivors, known=()):
        for case in self.cases[:survivors]:
            case.killed_by = None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            good = mutation.report(self.cases, {name: "why" for name in known}, FakeRunner(), 3)
        return good, out.getvalue()

    def test_ninety_five_percent_are_enough(self):
        good, said = self.reported(5)
        self.assertTrue(good)
        self.assertIn("95 killed, 5 survived, 0 equivalent of 100; killed 95.0 %", said)
        self.assertIn("sample.cpp:1: f0 | a | return inverted", said)
        self.assertIn("3 mutants cannot be expressed", said)

    def test_less_is_not_enough(self):
        self.assertFalse(self.reported(6)[0])

    def test_equivalent_mutants_do_not_count(self):
        good, said = self.reported(6, [self.cases[0].name])
        self.assertFalse(good)
        self.assertIn("94 killed, 5 survived, 1 equivalent of 100; killed 94.9 %", said)

    def test_a_killed_mutant_cannot_be_listed_as_equivalent(self):
        good, said = self.reported(1, [self.cases[50].name])
        self.assertFalse(good)
        self.assertIn("is killed", said)

    def test_an_entry_that_matches_nothing_is_an_error(self):
        good, said = self.reported(0, ["a.cpp | f | gone | made true"])
        self.assertFalse(good)
        self.assertIn("matches no mutant", said)


class Exceptions(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            return explained.read(pathlib.Path(file.name), 4)

    def test_an_entry_has_a_reason_of_one_or_more_lines(self):
        self.assertEqual(self.read("# note\n\na | b | c | d\n    one\n    two\n"), {"a | b | c | d": "one two"})

    def test_an_entry_without_a_reason_or_twice_or_cut_short_is_an_error(self):
        for text in ("a | b | c | d\n", "a | b | c | d\n  x\na | b | c | d\n  x\n", "a | b | c\n  x\n", "  x\n"):
            with self.subTest(text), self.assertRaises(explained.Unsound):
                self.read(text)


class Coverage(unittest.TestCase):
    def reported(self, uncovered, unreachable=()):
        points = [coverage.Point("daemon/otp/a.cpp", n, "line", f"line {n}", 0 if n < uncovered else 1)
                  for n in range(100)]
        points += [coverage.Point("daemon/otp/a.cpp", 1, "never true", "a", 1),
                   coverage.Point("daemon/webauthn/b.cpp", 1, "line", "b", 1),
                   coverage.Point("daemon/webauthn/b.cpp", 1, "never false", "b", 1)]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            good = coverage.report(points, {name: "why" for name in unreachable})
        return good, out.getvalue()

    def test_ninety_eight_percent_are_enough_and_less_is_not(self):
        self.assertTrue(self.reported(2)[0])
        good, said = self.reported(3)
        self.assertFalse(good)
        self.assertIn("daemon/otp/a.cpp:2: line | line 2\n", said)

    def test_what_is_explained_counts_as_covered(self):
        good, said = self.reported(3, ["daemon/otp/a.cpp | line | line 0"])
        self.assertTrue(good)
        self.assertNotIn("line 0", said)

    def test_an_explanation_of_what_is_covered_or_not_there_is_an_error(self):
        self.assertFalse(self.reported(0, ["daemon/otp/a.cpp | line | line 7"])[0])
        self.assertFalse(self.reported(0, ["daemon/otp/a.cpp | line | gone"])[0])

    def test_the_text_between_two_places_is_cut_out(self):
        lines = [b"if (a &&", b"    b) c();"]
        self.assertEqual(coverage.between(lines, (1, 5), (2, 6)), b"a &&\n    b")
        self.assertEqual(coverage.between(lines, (2, 8), (2, 11)), b"c()")


if __name__ == "__main__":
    unittest.main()
