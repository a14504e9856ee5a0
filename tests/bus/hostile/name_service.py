# SPDX-License-Identifier: Apache-2.0
"""A name service that does not answer, and callers who do not wait for it: the daemon serves others meanwhile, answers in
time, and keeps nothing of those who have left."""
import contextlib
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from callers import ADMIN, FACTORS, BusError  # noqa: E402
from health import descriptors  # noqa: E402
from private_bus import FACTORD, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import BUS, RawConnection  # noqa: E402

USER = "factord-test-a"
LONGEST_WAIT = 30  # the daemon gives it 2 s; a busy machine more


class SlowNameService(unittest.TestCase):
    """The daemon's /etc/passwd is a named pipe here: whoever opens it waits until somebody writes."""

    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("no mount namespace")
        cls.bus = cls.enterClassContext(PrivateBus())
        cls.passwd = cls.bus.folder / "passwd"
        os.mkfifo(cls.passwd)
        wrapper = cls.bus.folder / "wrapped-factord"
        wrapper.write_text("#!/bin/sh\nexec unshare --mount sh -c "
                           f"'mount --bind \"$0\" /etc/passwd && exec {FACTORD} \"$@\"' {cls.passwd} \"$@\"\n")
        wrapper.chmod(0o755)
        cls.daemon = cls.enterClassContext(Factord(cls.bus, program=wrapper))
        cls.addClassCleanup(threading.Thread(target=cls.let_all_through, daemon=True).start)
        cls.root = cls.enterClassContext(RawConnection(cls.bus))

    @classmethod
    def let_through(cls):
        """Who reads the file now comes to its end."""
        with contextlib.suppress(OSError):
            os.close(os.open(cls.passwd, os.O_WRONLY | os.O_NONBLOCK))

    @classmethod
    def let_all_through(cls):
        """To the daemon's end, which waits for those whose turn has not come yet, too."""
        while True:
            os.close(os.open(cls.passwd, os.O_WRONLY))

    def tearDown(self):
        self.let_through()

    def served(self):
        """Root's questions about organizations need no account."""
        return self.root.call(ADMIN, "ListUsers", "a{sv}", {"org": ("s", "acme")})

    def test_a_caller_whose_account_is_not_told_is_answered_in_time(self):
        with RawConnection(self.bus, USER) as caller:
            begun = time.monotonic()
            serial = caller.start(FACTORS, "ListTOTP", "sa{sv}", "", {})
            self.served()
            with self.assertRaises(BusError) as caught:
                caller.answer_to(serial)
            self.assertIn(caught.exception.code, ("Unavailable", "PermissionDenied"))
            self.assertLess(time.monotonic() - begun, LONGEST_WAIT)

    def test_callers_who_leave_while_their_account_is_looked_for_leave_nothing(self):
        self.served()
        before = descriptors(self.daemon.pid)
        for _ in range(5):
            with contextlib.ExitStack() as stack:
                for caller in [stack.enter_context(RawConnection(self.bus, USER)) for _ in range(20)]:
                    for call in (("ListTOTP", "sa{sv}", "", {}), ("RegisterTOTP", "sa{sv}", "", {}),
                                 ("RemoveMyPasskey", "sa{sv}", "x", {}), ("ListTOTP", "sa{sv}", "root", {})):
                        caller.start(FACTORS, *call)
                    caller.call(BUS[0], "GetId", to=BUS)
            self.served()
        deadline = time.monotonic() + LONGEST_WAIT
        while descriptors(self.daemon.pid) > before + 1:  # the file itself, where it is open
            self.assertLess(time.monotonic(), deadline)
            self.served()
        self.assertEqual(self.served(), ([], {"changeDate": 0, "creationDate": 0, "resourceOwner": "acme", "sequence": 0,
                                              "totalResult": 0}))


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
