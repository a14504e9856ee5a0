# SPDX-License-Identifier: Apache-2.0
"""A configuration that cannot be read leaves the one before in force, whatever is wrong with it."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from access import Configurable  # noqa: E402
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError  # noqa: E402
from enrolment import CONFIG  # noqa: E402
from private_bus import skip_unless_possible  # noqa: E402

A, B = "factord-test-a", "factord-test-b"
ALLOW = f"[Access]\nAllow=user:{B} user.read\n"
WRONG = "The configuration is wrong; the one before stays in force"


class Reload(BusCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=CONFIG + ALLOW))
        cls.drop_ins = pathlib.Path(f"{cls.daemon.config_file}.d")

    def may_read(self):
        try:
            self.caller(B).call(FACTORS, "ListTOTP", "sa{sv}", A, {})
            return True
        except BusError as error:
            self.assertEqual(error.id, "AUTH-AWfge")
            return False

    def assert_kept(self, config):
        """A reload with that text fails, and the rules are those of before."""
        said = len(self.daemon.stderr)
        self.daemon.reconfigure(config)
        self.assertIn(WRONG, self.daemon.stderr[said:])
        self.assertTrue(self.may_read())

    def test_drop_ins_that_cannot_be_read_keep_the_old_rules(self):
        self.assertTrue(self.may_read())
        # Into a link to itself, and into a file, not even root gets.
        self.drop_ins.symlink_to(self.drop_ins)
        self.assert_kept(CONFIG)
        self.drop_ins.unlink()
        self.drop_ins.write_text("")
        self.assert_kept(CONFIG)
        self.drop_ins.unlink()
        self.daemon.reconfigure(CONFIG)
        self.assertFalse(self.may_read())
        self.daemon.reconfigure(CONFIG + ALLOW)

    def test_a_file_that_cannot_be_read_keeps_the_old_rules(self):
        drop_in = self.drop_ins / "a.conf"
        self.drop_ins.mkdir()
        for make in (lambda: drop_in.symlink_to(drop_in), drop_in.mkdir, lambda: drop_in.write_bytes(b"[\0\xff")):
            make()
            self.assert_kept(CONFIG)
            drop_in.rmdir() if drop_in.is_dir() and not drop_in.is_symlink() else drop_in.unlink()
        self.drop_ins.rmdir()


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
