# SPDX-License-Identifier: Apache-2.0
"""What one stranger's messages may cost the daemon: descriptors, processor time, memory that stays."""
import os
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError  # noqa: E402
from health import SANITIZED, Watch, descriptors, property_of, resident  # noqa: E402
from private_bus import skip_unless_possible  # noqa: E402
from raw_bus import ERROR, FACTORD, REPLY_SERIAL, RawConnection  # noqa: E402

A = "factord-test-a"
MOST = 16  # descriptors of one message
OF_A_READ = 3  # the descriptor itself, and a pipe between it and us


class Costs(BusCase):
    def setUp(self):
        self.watch = Watch(self.daemon, self.root)
        self.stranger = self.enterContext(RawConnection(self.bus, A))

    def tearDown(self):
        self.watch.check(self)

    def processor_time(self):
        fields = pathlib.Path(f"/proc/{self.daemon.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_call_that_waits_keeps_no_descriptor_but_the_one_it_is_about(self):
        read_end, write_end = os.pipe()
        try:
            calls = [self.stranger.start(FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[read_end] * MOST)
                     for _ in range(50)]
            with self.assertRaises(BusError):  # answered after all of them have come
                self.stranger.call(FACTORS, "RemoveTOTP", "ssa{sv}", "", "none", {})
            self.assertLessEqual(descriptors(self.daemon.pid) - self.watch.descriptors, len(calls) * OF_A_READ)
        finally:
            os.close(write_end)
            os.close(read_end)
        waiting = set(calls)  # whose answers may come in any order
        while waiting:
            received = self.stranger.receive()
            self.assertEqual(received.kind, ERROR)
            waiting.remove(received.fields[REPLY_SERIAL])

    def test_a_path_of_thirty_thousand_parts_is_not_looked_up(self):
        begun = self.processor_time()
        for path in ("/x" * 30_000, FACTORD[1] + "/x" * 30_000, "/" + "x" * 60_000, FACTORD[1] + "/x" * 200) * 5:
            with self.assertRaises(BusError) as caught:
                self.stranger.call(FACTORS, "ListTOTP", "sa{sv}", "", {}, to=(FACTORD[0], path))
            self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.UnknownObject")
        # Each of ten of these took a third of a second
        self.assertLess(self.processor_time() - begun, 5 if SANITIZED else 1)

    @unittest.skipIf(SANITIZED, "a sanitizer keeps freed memory")
    def test_megabytes_that_were_read_and_refused_are_given_back(self):
        for _ in range(3):
            for size in (1, 5, 31):
                with self.assertRaises(BusError):
                    self.stranger.call(FACTORS, "ListTOTP", "sa{sv}", "", {"org": ("s", "x" * (size << 20))})
        property_of(self.root, "Version")
        self.assertLess(resident(self.daemon.pid) - self.watch.resident, 4 << 20)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
