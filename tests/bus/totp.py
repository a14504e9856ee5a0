# SPDX-License-Identifier: Apache-2.0
"""TOTP from end to end: oathtool is the app that makes the codes."""
import contextlib
import fcntl
import os
import pathlib
import socket
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import FACTORS, BusError, content, filled_pipe, options, sealed_memfd, u  # noqa: E402
from enrolment import CONFIG, TOTP, totp_code, uri_parameters, wrong_code  # noqa: E402

SEED_URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"


class EnrollingAnApp(BusCase):
    def test_codes_of_every_algorithm_and_length_and_period_are_taken(self):
        for algorithm, seed_size in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64)):
            user = self.someone()
            for digits in (6, 7, 8):
                for period in (15, 30, 60, 300):
                    with self.subTest(algorithm=algorithm, digits=digits, period=period):
                        pending = user.register(TOTP, algorithm=algorithm, digits=u(digits), period=u(period))
                        asked = uri_parameters(pending.asks)
                        self.assertEqual((asked["algorithm"], asked["digits"], asked["period"]),
                                         (algorithm, str(digits), str(period)))
                        self.assertEqual(len(asked["secret"]) * 5 // 8, seed_size)
                        user.verify(pending)
                        item = next(item for item in user.list(TOTP)[0] if item["id"] == pending.id)
                        self.assertEqual((item["algorithm"], item["digits"], item["period"]),
                                         (algorithm, digits, period))

    def test_without_options_it_is_sha1_and_6_digits_and_30_seconds(self):
        user = self.someone()
        uri = urllib.parse.urlsplit(user.register(TOTP).asks)
        self.assertEqual((uri.scheme, uri.netloc, uri.path), ("otpauth", "totp", f"/example.org:{user.user_id}"))
        asked = dict(urllib.parse.parse_qsl(uri.query))
        self.assertEqual(set(asked), {"secret", "issuer", "algorithm", "digits", "period"})
        self.assertEqual((asked["issuer"], asked["algorithm"], asked["digits"], asked["period"]),
                         ("example.org", "SHA1", "6", "30"))

    def test_issuer_account_and_name_are_taken_from_the_options(self):
        user = self.someone()
        pending = user.register(TOTP, issuer="Bücher & Co", account="a+b@example.org", name="Phone")
        uri = urllib.parse.urlsplit(pending.asks)
        self.assertEqual(urllib.parse.unquote(uri.path), "/Bücher & Co:a+b@example.org")
        self.assertEqual(uri_parameters(pending.asks)["issuer"], "Bücher & Co")
        user.verify(pending)
        self.assertEqual(user.list(TOTP)[0][0]["name"], "Phone")

    def test_options_out_of_their_bounds_are_refused(self):
        user = self.someone()
        for asked in ({"digits": u(5)}, {"digits": u(9)}, {"period": u(14)}, {"period": u(301)}, {"digits": "6"},
                      {"algorithm": "MD5"}, {"algorithm": "sha1"}, {"issuer": ""}, {"issuer": "a:b"},
                      {"account": "x" * 201}, {"name": "a\nb"}, {"account": "left\u200eright"}):
            with self.subTest(asked), self.refused("FACTORD-Arg1"):
                user.register(TOTP, **asked)
        self.assertEqual(user.all_factors(), {})

    def test_the_uri_comes_in_a_sealed_memfd_at_its_start(self):
        user = self.someone()
        _, fd, _ = self.root.call(FACTORS, "RegisterTOTP", "sa{sv}", user.user_id, options(org="acme"))
        everything = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        self.assertEqual(fcntl.fcntl(fd, fcntl.F_GET_SEALS) & everything, everything)
        self.assertEqual(os.lseek(fd, 0, os.SEEK_CUR), 0)
        with self.assertRaises(PermissionError):
            os.pwrite(fd, b"x", 0)
        self.assertTrue(content(fd).startswith(b"otpauth://totp/"))

    def test_every_registration_has_a_secret_of_its_own(self):
        user = self.someone()
        secrets = {uri_parameters(user.register(TOTP).asks)["secret"] for _ in range(10)}
        self.assertEqual(len(secrets), 10)

    def test_blanks_in_a_code_do_not_matter(self):
        for write in (lambda code: f"{code[:3]} {code[3:]}", lambda code: f"  {code}\t",
                      lambda code: "\u202f".join(code), lambda code: f"{code[:3]}\u00a0{code[3:]}"):
            user = self.someone()
            pending = user.register(TOTP)
            user.verify(pending, write(totp_code(pending.asks)))

    def test_a_wrong_code_is_refused_and_the_right_one_is_still_taken(self):
        user = self.someone()
        pending = user.register(TOTP)
        right = totp_code(pending.asks)
        for wrong in (wrong_code(pending.asks), right[:-1], right + "0", right[::-1] + "x", "-" + right, "0x1234"):
            with self.subTest(wrong), self.refused("EVENT-8isk2"):
                user.verify(pending, wrong)
        user.verify(pending)

    def test_a_code_of_another_secret_is_refused(self):
        first, second = self.someone(), self.someone()
        pending, others = first.register(TOTP, digits=u(8)), second.register(TOTP, digits=u(8))
        with self.refused("EVENT-8isk2"):
            first.verify(pending, totp_code(others.asks))

    def test_a_user_may_have_several(self):
        user = self.someone()
        ids = {user.enrol(TOTP, name=name) for name in ("Phone", "Tablet", "Safe")}
        self.assertEqual({item["id"] for item in user.list(TOTP)[0]}, ids)


class WindowCase(BusCase):
    PERIOD = 300

    def taken_steps(self, around):
        """Which steps around now are taken, each tried with a registration of its own within one and the same step."""
        user = self.someone()
        while True:
            start = int(time.time()) // self.PERIOD
            taken = [offset for offset in range(-around, around + 1) if self.takes(user, start + offset)]
            if int(time.time()) // self.PERIOD == start:
                return taken

    def takes(self, user, step):
        pending = user.register(TOTP, digits=u(8), period=u(self.PERIOD))
        try:
            user.verify(pending, totp_code(pending.asks, f"@{step * self.PERIOD}"))
        except BusError as error:
            self.assertEqual(error.id, "EVENT-8isk2")
            return False
        return True


class UsualWindow(WindowCase):
    def test_one_step_before_and_after_is_taken_and_two_are_not(self):
        self.assertEqual(self.taken_steps(3), [-1, 0, 1])


class NoWindow(WindowCase):
    CONFIG = CONFIG + "[Totp]\nSkew=0\n"

    def test_without_skew_only_the_present_step_is_taken(self):
        self.assertEqual(self.taken_steps(2), [0])


class WiderWindow(WindowCase):
    CONFIG = CONFIG + "[Totp]\nSkew=3\n"

    def test_skew_widens_it_on_both_sides(self):
        self.assertEqual(self.taken_steps(5), [-3, -2, -1, 0, 1, 2, 3])


class Importing(BusCase):
    def take_in(self, user, fd, **asked):
        try:
            return self.root.call(FACTORS, "ImportTOTP", "sha{sv}", user.user_id, 0,
                                  options(org="acme", **asked), fds=[fd])
        finally:
            os.close(fd)

    def test_a_uri_comes_through_a_pipe_or_a_sealed_memfd_and_is_ready_at_once(self):
        for carry in (filled_pipe, sealed_memfd):
            user = self.someone()
            totp_id, details = self.take_in(user, carry(SEED_URI + b"&algorithm=SHA256&digits=8&period=60"),
                                            name="Old phone")
            item = user.list(TOTP)[0][0]
            self.assertEqual((item["id"], item["state"], item["name"], item["algorithm"], item["digits"],
                              item["period"]), (totp_id, "ready", "Old phone", "SHA256", 8, 60))
            self.assertEqual((details["sequence"], details["changeDate"], details["creationDate"],
                              details["resourceOwner"]), (3, item["changeDate"], item["creationDate"], "acme"))
            with self.refused("COMMAND-qx4ls"):
                user.call("VerifyTOTPRegistration", "ss", totp_id, "123456")
            self.assertEqual(user.remove(TOTP, totp_id)["sequence"], 4)

    def test_a_pending_registration_stays_beside_an_import(self):
        user = self.someone()
        pending = user.register(TOTP)
        imported, _ = self.take_in(user, sealed_memfd(SEED_URI))
        user.verify(pending)
        self.assertEqual({item["id"] for item in user.list(TOTP)[0]}, {pending.id, imported})

    def test_a_uri_may_come_in_pieces_and_late(self):
        user = self.someone()
        read_end, write_end = os.pipe()
        call = self.root.start(FACTORS, "ImportTOTP", "sha{sv}", user.user_id, 0, options(org="acme"), fds=[read_end])
        os.close(read_end)
        for byte in SEED_URI:
            os.write(write_end, bytes([byte]))
        self.assertEqual(user.list(TOTP)[0], [])  # answered while the other still waits
        os.close(write_end)
        self.root.finish(call)
        self.assertEqual(len(user.list(TOTP)[0]), 1)

    def test_a_pipe_without_an_end_is_given_up_after_five_seconds(self):
        user = self.someone()
        read_end, write_end = os.pipe()
        start = time.monotonic()
        call = self.root.start(FACTORS, "ImportTOTP", "sha{sv}", user.user_id, 0, options(org="acme"), fds=[read_end])
        os.close(read_end)
        with os.fdopen(write_end, "wb"), self.assertRaises(BusError) as caught:
            self.root.finish(call)
        self.assertEqual((caught.exception.name, caught.exception.id),
                         ("org.factord1.Error.DeadlineExceeded", "FACTORD-Time1"))
        self.assertGreaterEqual(time.monotonic() - start, 4.9)

    def test_only_pipes_and_fully_sealed_memfds_are_read(self):
        seals = (fcntl.F_SEAL_WRITE, fcntl.F_SEAL_GROW, fcntl.F_SEAL_SHRINK, fcntl.F_SEAL_SEAL)
        with contextlib.ExitStack() as stack:
            sockets = socket.socketpair()
            for end in sockets:
                stack.enter_context(end)
            file = stack.enter_context(tempfile.TemporaryFile())
            file.write(SEED_URI)
            file.seek(0)
            read_end, write_end = os.pipe()
            os.close(read_end)
            refused = {"socket": os.dup(sockets[0].fileno()), "file": os.dup(file.fileno()),
                       "directory": os.open("/", os.O_RDONLY), "null": os.open("/dev/null", os.O_RDONLY),
                       "writing end": write_end, "path": os.open("/", os.O_PATH)}
            for missing in seals:
                kept = sum(seal for seal in seals if seal != missing)
                refused[f"memfd without seal {missing}"] = sealed_memfd(SEED_URI, kept)
            user = self.someone()
            for what, fd in refused.items():
                with self.subTest(what), self.refused("FACTORD-Arg1"):
                    self.take_in(user, fd)
            self.assertEqual(user.list(TOTP)[0], [])

    def test_what_is_no_totp_uri_is_refused_and_never_repeated(self):
        user = self.someone()
        for bad in (b"", b"secret!", SEED_URI.replace(b"totp", b"hotp") + b"&counter=1", SEED_URI[:20],
                    SEED_URI.replace(b"secret=", b"secret=0189"), SEED_URI + b"&digits=5", SEED_URI + b"&period=301",
                    SEED_URI + b"&secret=JBSWY3DPEHPK3PXP", b"\xff\xfe" * 20, b"otpauth-migration://offline?data=x",
                    SEED_URI + b"\0", SEED_URI + b"&x=" + b"y" * 4096):
            for carry in (filled_pipe, sealed_memfd):
                with self.subTest(bad), self.refused("FACTORD-Arg1") as caught:
                    self.take_in(user, carry(bad))
                self.assertNotIn("JBSWY3DP", caught.exception.message)
        self.assertEqual(user.list(TOTP)[0], [])
        self.assertNotIn("JBSWY3DP", self.daemon.stderr)

    def test_4096_bytes_are_read_and_not_one_more(self):
        padding = lambda size: SEED_URI + b"&x=" + b"y" * (size - len(SEED_URI) - 3)
        for carry in (filled_pipe, sealed_memfd):
            user = self.someone()
            self.take_in(user, carry(padding(4096)))
            with self.refused("FACTORD-Arg1"):
                self.take_in(user, carry(padding(4097)))


if __name__ == "__main__":
    unittest.main()
