# SPDX-License-Identifier: Apache-2.0
"""File descriptors of every kind where a secret is handed in: what is no pipe and no sealed memfd is refused, a pipe is
read to its end without ever holding up the daemon, nothing leaks, and a stranger's is not read."""
import fcntl
import os
import pathlib
import pty
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError, Caller, filled_pipe, options, sealed_memfd, variant  # noqa: E402
from enrolment import TOTP  # noqa: E402
from health import Watch, descriptors, property_of  # noqa: E402
from raw_bus import RawConnection, method_call  # noqa: E402

URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
LONGEST = 4096
PATIENCE = 5.0
SEALS = {"write": fcntl.F_SEAL_WRITE, "grow": fcntl.F_SEAL_GROW, "shrink": fcntl.F_SEAL_SHRINK,
         "seal": fcntl.F_SEAL_SEAL}


def padded(size):
    """A good URI of exactly that size: parameters without a meaning are passed over."""
    return URI + b"&image=" + b"x" * (size - len(URI) - len(b"&image="))


class DescriptorCase(BusCase):
    def setUp(self):
        self.user = self.someone()
        self.watch = Watch(self.daemon, self.root)
        self.opened = []

    def tearDown(self):
        for fd in self.opened:
            os.close(fd)
        self.watch.check(self)

    def owned(self, *fds):
        """Closed at the end of the test."""
        self.opened += fds
        return fds if len(fds) > 1 else fds[0]

    def closed(self, fd):
        self.opened.remove(fd)
        os.close(fd)

    def pipe(self, flags=os.O_CLOEXEC):
        return self.owned(*os.pipe2(flags))

    def start(self, fd, caller=None, **more):
        return (caller or self.root).start(FACTORS, "ImportTOTP", "sha{sv}", self.user.user_id, 0,
                                           options(org="acme", **more), fds=[fd])

    def refuse(self, fd, text, id_="FACTORD-Arg1"):
        with self.refused(id_) as caught:
            self.root.finish(self.start(fd))
        self.assertIn(text, caught.exception.message)
        self.assertEqual(self.user.list(TOTP)[0], [])

    def assert_imported(self, handle):
        totp_id, _ = self.root.finish(handle)
        self.assertIn(totp_id, self.user.all_factors())

    def assert_timed_out(self, handle, begun):
        with self.assertRaises(BusError) as caught:
            self.root.finish(handle)
        self.assertEqual(caught.exception.name, "org.factord1.Error.DeadlineExceeded")
        self.assertGreater(time.monotonic() - begun, PATIENCE - 0.5)
        self.assertLess(time.monotonic() - begun, PATIENCE + 30)  # only a daemon that has no limit is slower


class WhatIsNoPipe(DescriptorCase):
    def test_a_directory_a_file_a_device_a_terminal_and_a_socket_are_refused(self):
        path = self.bus.folder / "uri"
        path.write_bytes(URI)
        here, there = socket.socketpair()
        master, slave = self.owned(*pty.openpty())
        os.write(master, URI + b"\n")
        with here, there:
            there.send(URI)
            for name, fd in (("directory", self.owned(os.open("/", os.O_RDONLY))), ("terminal", slave),
                             ("its master", master), ("socket", here.fileno()),
                             ("null", self.owned(os.open("/dev/null", os.O_RDWR))),
                             ("zero", self.owned(os.open("/dev/zero", os.O_RDONLY))),
                             ("file", self.owned(os.open(path, os.O_RDONLY))),
                             ("event", self.owned(os.eventfd(1))),
                             ("process", self.owned(os.pidfd_open(os.getpid())))):
                with self.subTest(kind=name):
                    self.refuse(fd, "must be a pipe or a sealed memfd")

    def test_a_path_without_access_is_refused_even_to_a_pipe(self):
        path = self.bus.folder / "fifo"
        os.mkfifo(path)
        self.refuse(self.owned(os.open(path, os.O_PATH)), "must be a pipe or a sealed memfd")
        self.refuse(self.owned(os.open("/dev/null", os.O_PATH)), "must be a pipe or a sealed memfd")

    def test_the_writing_end_is_refused_at_once(self):
        read_end, write_end = self.pipe()
        begun = time.monotonic()
        self.refuse(write_end, "must be a pipe or a sealed memfd")
        self.closed(read_end)
        self.refuse(write_end, "must be a pipe or a sealed memfd")
        self.assertLess(time.monotonic() - begun, PATIENCE)


class Memfds(DescriptorCase):
    def test_a_fully_sealed_one_is_read_from_its_beginning_wherever_it_stands(self):
        for at in (0, 7, len(URI), 1 << 40):
            with self.subTest(at=at):
                fd = self.owned(sealed_memfd(URI))
                os.lseek(fd, at, os.SEEK_SET)
                self.assert_imported(self.start(fd))

    def test_one_that_lacks_a_seal_is_refused(self):
        for missing in (*SEALS, None):
            with self.subTest(missing=missing or "all"):
                seals = sum(seal for name, seal in SEALS.items() if missing and name != missing)
                self.refuse(self.owned(sealed_memfd(URI, seals)), "must be a pipe or a sealed memfd")

    def test_one_that_takes_no_seals_is_refused(self):
        fd = self.owned(os.memfd_create("test", os.MFD_CLOEXEC))
        os.write(fd, URI)
        self.refuse(fd, "must be a pipe or a sealed memfd")

    def test_4096_bytes_are_read_and_more_are_not(self):
        self.refuse(self.owned(sealed_memfd(padded(LONGEST + 1))), "holds more than 4096 bytes")
        self.refuse(self.owned(sealed_memfd(bytes(64 << 20))), "holds more than 4096 bytes")
        self.refuse(self.owned(sealed_memfd(b"")), "is no otpauth URI")
        self.assert_imported(self.start(self.owned(sealed_memfd(padded(LONGEST)))))


class Pipes(DescriptorCase):
    def test_what_was_written_and_ended_is_read(self):
        self.assert_imported(self.start(self.owned(filled_pipe(URI))))

    def test_4096_bytes_are_read_and_more_are_not(self):
        self.refuse(self.owned(filled_pipe(padded(LONGEST + 1))), "holds more than 4096 bytes")
        self.refuse(self.owned(filled_pipe(bytes(65536))), "holds more than 4096 bytes")
        self.refuse(self.owned(filled_pipe(b"")), "is no otpauth URI")
        self.assert_imported(self.start(self.owned(filled_pipe(padded(LONGEST)))))

    def test_too_much_is_refused_while_the_writer_still_writes(self):
        read_end, write_end = self.pipe()
        os.write(write_end, bytes(LONGEST + 1))
        begun = time.monotonic()
        self.refuse(read_end, "holds more than 4096 bytes")
        self.assertLess(time.monotonic() - begun, PATIENCE)

    def test_what_is_no_uri_is_refused(self):
        for text in (b"\0" * 100, b"\xff\xfe" * 100, b"otpauth://", b"otpauth://hotp/a?secret=JBSWY3DP", URI + b"\0",
                     b"otpauth://totp/a?secret=1", b"%" * LONGEST,
                     b"otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=99",
                     b"otpauth://totp/%00%0a%e2%80%ae?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"):
            with self.subTest(text=text[:30]):
                self.refuse(self.owned(filled_pipe(text)), "is no otpauth URI")

    def test_one_that_is_never_written_times_out_and_others_are_served_meanwhile(self):
        ends = [self.pipe() for _ in range(20)]
        begun = time.monotonic()
        handles = [self.start(read_end) for read_end, _ in ends]
        other = self.caller("factord-test-b")
        for _ in range(50):
            other.call(FACTORS, "ListTOTP", "sa{sv}", "", {})
        self.assert_imported(self.start(self.owned(sealed_memfd(URI))))
        self.assertLess(time.monotonic() - begun, PATIENCE)
        for handle in handles:
            self.assert_timed_out(handle, begun)

    def test_one_that_is_written_but_never_ends_times_out(self):
        read_end, write_end = self.pipe()
        os.write(write_end, URI)
        begun = time.monotonic()
        self.assert_timed_out(self.start(read_end), begun)

    def test_one_that_is_written_in_pieces_is_read_whole(self):
        read_end, write_end = self.pipe()
        handle = self.start(read_end)
        for byte in URI:
            os.write(write_end, bytes([byte]))
            property_of(self.root, "Version")  # the daemon has been round its loop
        self.closed(write_end)
        self.assert_imported(handle)

    def test_one_whose_content_the_caller_steals_does_not_hold_up_the_daemon(self):
        read_end, write_end = self.pipe(os.O_CLOEXEC | os.O_NONBLOCK)
        handles = [self.start(read_end) for _ in range(4)]
        os.set_blocking(read_end, True)  # of the description that the daemon shares
        begun, stolen = time.monotonic(), 0
        for _ in range(300):
            os.write(write_end, b"x")
            try:
                os.set_blocking(read_end, False)
                stolen += len(os.read(read_end, 1))
            except BlockingIOError:
                pass
            finally:
                os.set_blocking(read_end, True)
            property_of(self.root, "Version")
        self.assertLess(time.monotonic() - begun, 30)
        self.closed(write_end)
        for handle in handles:
            with self.assertRaises(BusError) as caught:
                self.root.finish(handle)
            self.assertIn(caught.exception.code, ("InvalidArgument", "DeadlineExceeded"))

    def test_a_named_pipe_is_read_too(self):
        path = self.bus.folder / "named"
        os.mkfifo(path)
        fd = self.owned(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        writer = os.open(path, os.O_WRONLY)
        os.write(writer, URI)
        os.close(writer)
        self.assert_imported(self.start(fd))

    def test_a_caller_who_leaves_while_its_pipe_is_read_changes_nothing(self):
        read_end, write_end = self.pipe()
        with Caller(self.bus) as leaving:
            self.start(read_end, caller=leaving)
            # Its descriptor has arrived once the daemon holds more than before.
            self.watch.until(lambda: descriptors(self.daemon.pid) > self.watch.descriptors, lambda: "never arrived")
        self.watch.until(lambda: not self.bus_knows(leaving.name), lambda: "the bus still knows the caller")
        os.write(write_end, URI)
        self.closed(write_end)
        self.watch.check(self)
        self.assertEqual(self.user.list(TOTP)[0], [])

    def bus_knows(self, name):
        return self.root.call("org.freedesktop.DBus", "NameHasOwner", "s", name,
                              to=("org.freedesktop.DBus", "/org/freedesktop/DBus"))[0]


class WhereNoneBelongs(DescriptorCase):
    def test_a_strangers_pipe_is_not_read(self):
        for user in ("factord-test-a", "factord-test-c"):
            read_end = self.owned(filled_pipe(URI))
            with self.refused("AUTH-AWfge"):
                stranger = self.caller(user)
                stranger.finish(self.start(read_end, caller=stranger))
            self.assertEqual(os.read(read_end, LONGEST), URI)

    def test_a_pipe_beside_a_bad_argument_is_not_read(self):
        read_end = self.owned(filled_pipe(URI))
        with self.refused("FACTORD-Arg1"):
            self.root.finish(self.start(read_end, bogus="x"))
        self.assertEqual(os.read(read_end, LONGEST), URI)

    def test_descriptors_in_unknown_options_are_refused_and_closed(self):
        fds = [self.owned(filled_pipe(URI)) for _ in range(16)]
        scattered = {f"option-{number}": variant("h", number) for number in range(1, 16)}
        for more in (scattered, {"all": variant("ah", list(range(16)))}, {"org": variant("h", 3)}):
            for _ in range(20):
                with self.refused("FACTORD-Arg1"):
                    self.root.call(FACTORS, "ImportTOTP", "sha{sv}", self.user.user_id, 0, more, fds=fds)
        for fd in fds:
            self.assertEqual(os.read(fd, LONGEST), URI)

    def test_descriptors_nobody_asked_for_are_closed(self):
        fds = [self.owned(filled_pipe(URI)) for _ in range(16)]
        with RawConnection(self.bus) as raw:
            for _ in range(20):
                raw.call(FACTORS, "ListTOTP", "sa{sv}", self.user.user_id, {"org": ("s", "acme")}, fds=fds)

    def test_a_number_that_no_descriptor_belongs_to_is_refused(self):
        with RawConnection(self.bus) as raw:
            for index, count in ((0, 0), (1, 1), (16, 1), (2**31, 1), (2**32 - 1, 1)):
                with self.subTest(index=index):
                    serial = raw.next_serial()
                    raw.send(method_call(serial, FACTORS, "ImportTOTP", "sha{sv}", self.user.user_id, index,
                                         {"org": ("s", "acme")}, fds=count), [self.owned(filled_pipe(URI))] * count)
                    with self.assertRaises(BusError) as caught:
                        raw.answer_to(serial)
                    self.assertIn(caught.exception.name, ("org.factord1.Error.InvalidArgument",
                                                          "org.freedesktop.DBus.Error.InconsistentMessage"))


if __name__ == "__main__":
    unittest.main()
