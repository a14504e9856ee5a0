# SPDX-License-Identifier: Apache-2.0
"""build/tests/vectors: what makes a case fail, the lines it writes, and how it ends on files that are none."""
import base64
import json
import unittest

from cases import Run, all_cases, judge

CASES = all_cases()
# Refused cases and the step that refuses them, found once
REFUSED_AT = {"7.1": {"3": "json-response-missing-reg", "5": "cd-utf16-reg", "8": "chal-other-reg", "13": "ad-trailing-reg",
                      "14": "ad-rpid-evil-reg", "8.2.1": "packed-ou-wrong-reg", "8.6": "u2f-sigflip-reg"},
              "7.2": {"3": "json-trailing-auth", "6": "cred-unknown-id-auth", "7": "ad-trailing-64-auth",
                      "12": "origin-http-auth", "15": "ad-rpid-origin-auth", "21": "sig-es256-flip-last-auth"}}


def outcome(case):
    run = judge([case])
    [line] = run.lines
    return run, line


class Steps(unittest.TestCase):
    def case(self, section, refused_at, named):
        return {**CASES[REFUSED_AT[section][refused_at]], "step": named}

    def assert_in_time(self, section, refused_at, named):
        with self.subTest(refused_at=refused_at, named=named):
            run, line = outcome(self.case(section, refused_at, named))
            self.assertEqual((line["verdict"], line["step"]), ("reject", refused_at))
            self.assertEqual((run.passed, run.failed, run.status), (1, 0, 0), line)
            self.assertNotIn("named", line["reason"])

    def assert_late(self, section, refused_at, named):
        with self.subTest(refused_at=refused_at, named=named):
            run, line = outcome(self.case(section, refused_at, named))
            self.assertEqual((line["verdict"], line["step"]), ("reject", refused_at))
            self.assertEqual((run.passed, run.failed, run.status), (0, 1, 1), line)
            self.assertIn("later than the step that the case names", line["reason"])

    def test_a_refusal_at_the_step_named_or_before_it_passes(self):
        for section, refused_at, named in [
                ("7.1", "8", "7.1 step 8"), ("7.1", "8", "7.1 step 9"), ("7.1", "3", "7.1 step 3 (5.1 RegistrationResponseJSON)"),
                ("7.1", "5", "7.1 step 6"), ("7.1", "13", "7.1 step 13 (5.8.5, RFC 9053)"), ("7.1", "14", "7.1 step 22, 8.2.1"),
                ("7.1", "8.2.1", "7.1 step 22, 8.2"), ("7.1", "8.2.1", "7.1 step 22"), ("7.1", "8.6", "8.6"),
                ("7.1", "8.2.1", "7.1 step 24"), ("7.1", "13", "7.1 step 28 / 7.2 step 23"), ("7.1", "14", "14"),
                ("7.1", "14", "step 14"), ("7.1", "14", "7.1 steps 13-15"), ("7.1", "14", "7.1 steps 8 or 14"),
                ("7.2", "3", "7.2 step 3 (5.1 AuthenticationResponseJSON)"), ("7.2", "15", "7.2 step 15, 10.1.1"),
                ("7.2", "21", "7.2 step 21"), ("7.2", "6", "7.2 step 6"), ("7.2", "12", "7.2 step 12, 7.1 step 9")]:
            self.assert_in_time(section, refused_at, named)

    def test_a_refusal_after_the_step_named_fails(self):
        for section, refused_at, named in [
                ("7.1", "8", "7.1 step 7"), ("7.1", "14", "7.1 step 13 (5.8.5, RFC 9053)"), ("7.1", "8.2.1", "7.1 step 21"),
                ("7.1", "8.6", "7.1 step 20"), ("7.1", "13", "7.1 step 6"), ("7.1", "14", "13"), ("7.1", "14", "7.1 steps 8-13"),
                ("7.2", "21", "7.2 step 15, 10.1.1"), ("7.2", "15", "7.2 step 6"), ("7.2", "7", "7.2 step 5"),
                ("7.2", "21", "10.1.1"), ("7.2", "12", "7.2 step 11, 7.1 step 9")]:
            self.assert_late(section, refused_at, named)

    def test_a_section_on_formats_stands_for_all_the_reading(self):
        for named in ("6.5.1, CTAP2 canonical CBOR", "5.1", "5.8.1", "6.1", "CTAP2", "RFC 8949 section 4.2", "CBOR", "RFC 8259"):
            self.assert_in_time("7.1", "3", named)
            self.assert_in_time("7.1", "13", named)
            self.assert_late("7.1", "14", named)
            self.assert_in_time("7.2", "7", named)
            self.assert_late("7.2", "12", named)

    def test_a_step_that_is_not_understood_is_no_reason_to_fail(self):
        for section, refused_at in (("7.1", "8.2.1"), ("7.2", "21")):
            for named in ("somewhere", "", "9.9 step 3", "7.3 step 1", "7.1 step 99999999999", "7.1 step 1" * 100_000, 13, None, ["7.1 step 1"]):
                with self.subTest(named=named):
                    run, line = outcome(self.case(section, refused_at, named))
                    self.assertEqual((run.passed, run.failed), (1, 0), line)
                    self.assertIn("the step that the case names is not understood", line["reason"])

    def test_steps_of_the_other_ceremony_alone_are_not_understood(self):
        run, line = outcome(self.case("7.1", "14", "7.2 step 3"))
        self.assertEqual((run.passed, run.failed), (1, 0), line)
        self.assertIn("is not understood", line["reason"])

    def test_a_case_without_a_step_passes_when_it_is_refused(self):
        case = self.case("7.1", "14", "")
        del case["step"]
        run, line = outcome(case)
        self.assertEqual((run.passed, run.failed), (1, 0), line)

    def test_the_step_is_no_matter_where_the_rp_may_choose(self):
        run, _ = outcome({**self.case("7.1", "14", "7.1 step 3"), "expected": "policy"})
        self.assertEqual((run.passed, run.failed), (1, 0))

    def test_the_id_outside_may_be_compared_after_the_reading_of_the_one_inside(self):
        case = json.loads(json.dumps(CASES["w3c-none-es256-reg"]))
        other = base64.urlsafe_b64encode(b"another credential").decode().rstrip("=")
        case["credential"]["id"] = case["credential"]["rawId"] = other
        run, line = outcome({**case, "expected": "reject", "step": "7.1 step 3 (5.1 RegistrationResponseJSON)"})
        self.assertEqual((line["verdict"], line["step"], run.passed), ("reject", "13", 1), line)
        self.assertIn("later than named for a reason: ", line["reason"])


class Verdicts(unittest.TestCase):
    def test_every_line_has_the_members_of_the_format_in_their_order(self):
        run = judge([CASES["w3c-none-es256-reg"], CASES["chal-other-reg"], {"id": "odd", "kind": "unheard of"}])
        for line in run.lines:
            self.assertEqual(list(line), ["id", "expected", "verdict", "step", "reason"])

    def test_a_good_case_that_should_be_refused_fails_and_so_does_a_bad_one_that_should_not(self):
        run = judge([{**CASES["w3c-none-es256-reg"], "expected": "reject", "step": "7.1 step 8"},
                     {**CASES["chal-other-reg"], "expected": "ok"}])
        self.assertEqual((run.passed, run.failed, run.status), (0, 2, 1))

    def test_a_case_of_unknown_kind_fails_alone(self):
        good = CASES["w3c-none-es256-reg"]
        for expected in ("ok", "reject", "policy"):
            run = judge([good, {"id": "odd", "kind": "unheard of", "expected": expected}, good])
            self.assertEqual((run.passed, run.failed, run.status), (2, 1, 1))
            self.assertEqual((run.lines[1]["id"], run.lines[1]["expected"]), ("odd", expected))
            self.assertIn("unknown kind", run.lines[1]["reason"])

    def test_a_case_that_lacks_something_or_holds_nonsense_fails_alone(self):
        good = CASES["w3c-none-es256-reg"]
        auth = CASES["w3c-none-es256-auth"]
        without = lambda case, name: {key: value for key, value in case.items() if key != name}
        odd = [without(good, name) for name in ("kind", "rp_id", "origins", "challenge", "algs", "credential")]
        odd += [without(auth, "stored"), {**auth, "stored": {**auth["stored"], "public_key": "?"}}, {**good, "algs": "ES256"},
                {**good, "credential_raw": "?"}, {**CASES["totp-001"], "algorithm": "MD5"}, {**good, "expected": "perhaps"},
                {**good, "expected": 1}, 1, None, [], "text", {}, {"id": 5}]
        for case in odd:
            with self.subTest(case=str(case)[:200]):
                run = judge([good, case, good])
                self.assertEqual((run.passed, run.failed, run.status), (2, 1, 1), run.lines[1])
                self.assertEqual(list(run.lines[1]), ["id", "expected", "verdict", "step", "reason"])
                self.assertTrue(run.lines[1]["reason"])

    def test_great_depth_fails_one_case_and_ends_no_run(self):
        case = json.dumps({**CASES["w3c-none-es256-reg"], "credential": "HERE", "expected": "reject", "step": "7.1 step 3"})
        nested = lambda depth: case.replace('"HERE"', "[" * depth + "]" * depth)
        run = Run(f"[{nested(900)},{nested(100_000)},{nested(1)}]")
        self.assertEqual((run.passed, run.failed), (2, 1), run.stderr)
        self.assertIn("too deep", run.lines[1]["reason"])


class Files(unittest.TestCase):
    def test_a_file_that_is_broken_ends_the_run_with_a_message(self):
        good = json.dumps([CASES["w3c-none-es256-reg"]])
        for text in ("", "{", "[1,", "nonsense", "{}", "5", '"text"', good[:-5], good + "x", b"\xff\xfe", b'["\xff"]'):
            with self.subTest(text=text[:20]):
                run = Run(good, text)
                self.assertEqual(run.status, 2)
                self.assertIn("1.json", run.stderr)
                self.assertIsNone(run.passed)

    def test_no_file_and_a_missing_file_are_errors_of_use(self):
        self.assertEqual(Run().status, 2)

    def test_a_file_without_cases_has_none_that_fail(self):
        run = Run("[]")
        self.assertEqual((run.passed, run.failed, run.status), (0, 0, 0))


if __name__ == "__main__":
    unittest.main()
