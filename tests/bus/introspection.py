# SPDX-License-Identifier: Apache-2.0
"""ipc/org.factord1.xml says what the running daemon publishes, all of it and nothing else, and documents it;
docs/errors.md lists every failure that there is."""
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import private_bus

OURS = "org.factord1."
XML = private_bus.SOURCE / "ipc" / "org.factord1.xml"
FAILURES = private_bus.SOURCE / "core" / "failure.hpp"
ERRORS = private_bus.SOURCE / "docs" / "errors.md"
PERMISSIONS = {"user.read", "user.write", "user.credential.write", "user.passkey.write", "check"}
OWN = {"yes", "self.write"}
# Of google.rpc, with the HTTP status that its API gateways give
CODES = {"invalid_argument": (3, 400), "deadline_exceeded": (4, 504), "not_found": (5, 404), "already_exists": (6, 409),
         "permission_denied": (7, 403), "resource_exhausted": (8, 429), "failed_precondition": (9, 400),
         "internal": (13, 500), "unavailable": (14, 503), "data_loss": (15, 500)}
VARIES = {"FACTORD-Arg1", "FACTORD-Quo1", "FACTORD-Thr1", "FACTORD-Time1"}  # their texts say what exactly is wrong


def camel(code):
    return "".join(word.capitalize() for word in code.split("_"))


def parsed(text):
    """The tree of an introspection, with its comments."""
    builder = ElementTree.TreeBuilder(insert_comments=True)
    return ElementTree.fromstring(text, ElementTree.XMLParser(target=builder))


def elements(node):
    return [child for child in node if isinstance(child.tag, str)]


def interfaces(tree):
    return {node.get("name"): node for node in tree.iter("interface") if node.get("name").startswith(OURS)}


def shape(member):
    """All about a member that a caller could notice; the order of its arguments counts."""
    arguments = [(arg.get("name"), arg.get("type"), arg.get("direction", "in")) for arg in member.iter("arg")]
    annotations = sorted((node.get("name"), node.get("value")) for node in member.iter("annotation"))
    return arguments, annotations, member.get("type"), member.get("access")


def published(tree):
    return {f"{name} {member.tag} {member.get('name')}": shape(member)
            for name, node in interfaces(tree).items() for member in elements(node)}


def documented(tree):
    """(element, the comment before it) of interfaces and members."""
    for interface in interfaces(tree).values():
        for node in (tree, interface):
            comment = None
            for child in node:
                if child.tag is ElementTree.Comment:
                    comment = child.text
                    continue
                if node is interface or child is interface:
                    yield child, comment or ""
                comment = None


def failures():
    """(id, code, text) of each row of core/failure.hpp."""
    rows = re.findall(r'Failure \w+\{Code::(\w+),\s*"([^"]+)",\s*"([^"]+)"\}', FAILURES.read_text())
    return [(id_, code, text) for code, id_, text in rows]


def rows_of_errors():
    """The cells of each row of docs/errors.md that has an id, by the id."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in ERRORS.read_text().splitlines() if re.match(r"\| \d+ \| \w+ \| \d+ \|", line)]
    return {row[3]: row for row in rows}, len(rows)


class Introspection(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.written = parsed(XML.read_text())

    def test_the_file_says_what_the_daemon_publishes_and_nothing_else(self):
        private_bus.skip_unless_possible()
        with private_bus.PrivateBus() as bus, private_bus.Factord(bus) as daemon:
            del daemon
            done = bus.run_as("factord-test-a", [
                "dbus-send", "--system", "--print-reply=literal", f"--dest={OURS[:-1]}", "/org/factord1",
                "org.freedesktop.DBus.Introspectable.Introspect"])
        self.assertEqual(done.returncode, 0, done.stderr)
        live = published(parsed(done.stdout.strip()))
        self.assertIn("org.factord1.Factors method RemovePasskey", live)
        self.assertEqual(published(self.written), live)

    def test_every_member_is_documented_under_its_own_name(self):
        members = list(documented(self.written))
        self.assertEqual(len(members), len(published(self.written)) + len(interfaces(self.written)))
        for element, comment in members:
            with self.subTest(member=element.get("name")):
                self.assertEqual(comment.split(":")[0].strip(), element.get("name"))

    def test_every_argument_of_a_method_is_documented_in_its_order(self):
        for element, comment in documented(self.written):
            with self.subTest(member=element.get("name")):
                described = re.findall(r"^\s*@(\w+): \S", comment, re.M)
                self.assertEqual(described, [arg.get("name") for arg in element.findall("arg")])

    def test_every_method_names_its_permission(self):
        methods = 0
        for element, comment in documented(self.written):
            if element.tag != "method":
                continue
            methods += 1
            with self.subTest(method=element.get("name")):
                found = re.search(r"^\s*Permission: (\S+)\.(?: Own: (\S+)\.)?\s*\Z", comment, re.M)
                self.assertIsNotNone(found)
                self.assertIn(found[1], PERMISSIONS | {"none"})
                self.assertIn(found[2], OWN | {None})
        self.assertGreaterEqual(methods, 22)

    def test_every_error_that_the_file_names_exists_under_that_code(self):
        known = {id_: camel(code) for id_, code, _ in failures()}
        named = re.findall(r"(\w+)\s+\(([A-Z]+-\w+)\)", XML.read_text())
        self.assertGreater(len(named), 20)
        for code, id_ in named:
            with self.subTest(id=id_):
                self.assertEqual(known.get(id_), code)


class Errors(unittest.TestCase):
    def test_every_failure_stands_in_the_table_once_with_code_name_status_and_text(self):
        rows, count = rows_of_errors()
        known = failures()
        self.assertEqual(len(known), FAILURES.read_text().count("inline constexpr Failure "))
        self.assertEqual(sorted(rows), sorted(id_ for id_, _, _ in known))
        self.assertEqual(count, len(known))
        for id_, code, text in known:
            with self.subTest(id=id_):
                number, status = CODES[code]
                self.assertEqual(rows[id_][:3], [str(number), camel(code), str(status)])
                if id_ in VARIES:
                    self.assertTrue(rows[id_][4].startswith("*varies*"))
                else:
                    self.assertEqual(rows[id_][4], text)

    def test_every_row_says_when(self):
        for id_, row in rows_of_errors()[0].items():
            with self.subTest(id=id_):
                self.assertEqual(len(row), 6)
                self.assertGreater(len(row[5]), 20)


if __name__ == "__main__":
    unittest.main()
