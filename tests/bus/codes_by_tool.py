# SPDX-License-Identifier: Apache-2.0
"""Recovery codes and registration codes, made and used with factorctl."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from enrolment import PASSKEY, credential  # noqa: E402
from private_bus import FACTORCTL  # noqa: E402

STRANGER = "factord-test-b"  # whom no Allow= line names
NOT_FOUND, INVALID, DENIED = 5, 3, 7


class ByTool(BusCase):
    def ctl(self, *words, user="root", status=0, **more):
        done = self.bus.run_as(user, [self.bus.publish(FACTORCTL), "--org", "acme", *words], **more)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done


class Recovery(ByTool):
    def generated(self, person, *words):
        """The codes: alone on standard output, so that they can be piped to a printer."""
        done = self.ctl("recovery", "generate", "--user", person.user_id, *words)
        codes = done.stdout.split()
        for code in codes:
            self.assertRegex(code, r"^[a-z2-7]{4}(-[a-z2-7]{4}){3}$")
            self.assertNotIn(code, done.stderr)
        return codes

    def check(self, person, code, status=0):
        return self.ctl("--json", "check", "recovery", "--user", person.user_id, input=code + "\n", status=status)

    def test_each_code_is_good_once(self):
        person = self.someone()
        codes = self.generated(person)
        self.assertEqual(len(set(codes)), 10)
        told = json.loads(self.check(person, codes[3]).stdout)
        self.assertEqual((told["userId"], told["kind"], told["factors"]),
                         (person.user_id, "recovery-codes", ["knowledge"]))
        self.check(person, codes[3], INVALID)
        self.check(person, codes[4].upper().replace("-", " "))

    def test_new_codes_make_earlier_ones_void_and_removed_ones_are_gone(self):
        person = self.someone()
        before, = self.generated(person, "--count", "1")
        after, = self.generated(person, "--count", "1")
        self.check(person, before, INVALID)
        self.ctl("recovery", "remove", "--user", person.user_id)
        self.check(person, after, NOT_FOUND)
        self.ctl("recovery", "remove", "--user", person.user_id, status=NOT_FOUND)

    def test_nobody_makes_codes_of_others(self):
        done = self.ctl("recovery", "generate", "--user", self.someone().user_id, user=STRANGER, status=DENIED)
        self.assertEqual(done.stdout, "")


class Registration(ByTool):
    def made(self, person, *words):
        told = json.loads(self.ctl("--json", "code", "create", "--user", person.user_id, *words).stdout)
        return told["codeId"], told["code"]

    def by_code(self, person, code_id, code, *words, **more):
        return self.ctl("--json", *words, "--user", person.user_id, "--code-id", code_id, user=STRANGER,
                        input=code + "\n", **more)

    def test_who_has_a_code_enrols_a_passkey_without_a_permission(self):
        person = self.someone()
        self.ctl("passkey", "register", "--user", person.user_id, user=STRANGER, status=DENIED)
        code = self.made(person, "--kind", "passkey")
        begun = json.loads(self.by_code(person, *code, "passkey", "register").stdout)
        answer = self.bus.folder / "credential.json"
        answer.write_text(credential(json.dumps(begun["publicKeyCredentialCreationOptions"])))
        answer.chmod(0o644)
        self.by_code(person, *code, "passkey", "verify", begun["passkeyId"], str(answer), "--name", "new phone")
        factor, = person.list(PASSKEY)[0]
        self.assertEqual((factor["id"], factor["state"]), (begun["passkeyId"], "ready"))
        self.by_code(person, *code, "passkey", "register", status=INVALID)

    def test_a_code_is_for_its_user_and_kind(self):
        person, other = self.someone(), self.someone()
        code_id, code = self.made(person, "--kind", "u2f")
        self.by_code(other, code_id, code, "u2f", "register", status=INVALID)
        self.by_code(person, code_id, code, "passkey", "register", status=INVALID)
        self.by_code(person, code_id, "wrong" + code, "u2f", "register", status=INVALID)
        self.by_code(person, code_id, code, "u2f", "register")

    def test_nobody_makes_registration_codes_of_others(self):
        self.ctl("code", "create", "--user", self.someone().user_id, user=STRANGER, status=DENIED)


if __name__ == "__main__":
    unittest.main()
