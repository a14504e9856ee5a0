# SPDX-License-Identifier: Apache-2.0
"""A bus of the test's own, which says of a caller whatever the test wants: uids at the edges of their type, none, two,
and such as are no number. Nobody is taken for root, or for anybody, because of that."""
import contextlib
import itertools
import os
import pathlib
import pwd
import socket
import sys
import threading
import types
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "support")]
from callers import ADMIN, FACTORS  # noqa: E402
from private_bus import DEADLINE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import (BUS, CALL, DESTINATION, ERROR, ERROR_NAME, FACTORD, MEMBER, REPLY_SERIAL, RETURN, SENDER,  # noqa: E402
                     SIGNATURE, Closed, RawConnection, body_of, call_fields, message)

LIST_USERS = (ADMIN, "ListUsers", "a{sv}", {})
OWN_LIST = (FACTORS, "ListTOTP", "sa{sv}", "", {})
ROOTS_LIST = (FACTORS, "ListTOTP", "sa{sv}", "root", {})


class FalseDriver(RawConnection):
    """The bus's end of the daemon's connection. credentials() gives (signature, value) of the answer, or None: an error.
    A thread of its own serves it; ask() is for the test."""

    def __init__(self, listening):
        self._serials, self._buffer, self._fds = itertools.count(1), bytearray(), []
        self._socket, _ = listening.accept()
        self.credentials, self._answers, self._answered = None, {}, threading.Condition()

    def serve(self):
        with contextlib.suppress(Closed, OSError, TimeoutError):
            self._authenticate_the_daemon()
            while True:
                received = self.receive()
                if received.kind == CALL:
                    self._answer(received)
                elif received.kind in (RETURN, ERROR):
                    with self._answered:
                        self._answers[received.fields[REPLY_SERIAL]] = received
                        self._answered.notify()

    def ask(self, name, call):
        """The daemon's answer to a call that comes from `name`."""
        serial, (interface, member, signature, *arguments) = self.next_serial(), call
        fields = {**call_fields(interface, member, signature), SENDER: name}
        self.send(message(CALL, serial, fields, body_of(signature, *arguments)))
        with self._answered:
            assert self._answered.wait_for(lambda: serial in self._answers, DEADLINE), "no answer"
            return self._answers.pop(serial)

    def _authenticate_the_daemon(self):
        said = b""
        while b"BEGIN\r\n" not in said:
            said += self._socket.recv(4096) or b"BEGIN\r\n"
        steps = said.lstrip(b"\0").partition(b"BEGIN\r\n")
        self._buffer += steps[2]
        guid = b"OK 0123456789abcdef0123456789abcdef\r\n"
        for step in steps[0].splitlines():
            self._socket.sendall({b"AUTH EXTERNAL": b"DATA\r\n", b"NEGOTIATE_UNIX_FD": b"AGREE_UNIX_FD\r\n"}.get(step, guid))

    def _answer(self, question):
        member = question.fields[MEMBER]
        answer = {"Hello": ("s", ":1.1"), "RequestName": ("u", 1), "GetConnectionCredentials": self.credentials}
        to = {DESTINATION: ":1.1", SENDER: BUS[0], REPLY_SERIAL: question.serial}
        if member == "GetConnectionCredentials" and self.credentials is None:
            self.send(message(ERROR, self.next_serial(), {**to, ERROR_NAME: "org.freedesktop.DBus.Error.NameHasNoOwner"}))
            return
        signature, value = answer.get(member, ("", None))
        body = body_of(signature, value) if signature else b""
        self.send(message(RETURN, self.next_serial(), {**to, **({SIGNATURE: signature} if signature else {})}, body))


def said(*pairs):
    return "a{sv}", list(pairs)


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        cls.bus = cls.enterClassContext(PrivateBus())  # for its folder and its users
        path = cls.bus.folder / "false"
        listening = cls.enterClassContext(socket.socket(socket.AF_UNIX))
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(DEADLINE)
        false_bus = types.SimpleNamespace(address=f"unix:path={path}", folder=cls.bus.folder)
        accepted = []
        threading.Thread(target=lambda: cls._serve(listening, accepted), daemon=True).start()
        cls.daemon = cls.enterClassContext(Factord(false_bus))
        cls.driver = accepted[0]
        cls.names = (f":1.{number}" for number in itertools.count(100))

    @staticmethod
    def _serve(listening, accepted):
        accepted.append(FalseDriver(listening))
        accepted[0].serve()

    def answer(self, credentials, call):
        """What somebody new is answered, of whom the bus says this."""
        self.driver.credentials = credentials
        received = self.driver.ask(next(self.names), call)
        return received.fields.get(ERROR_NAME, "").rpartition(".")[2] or received.body

    def assert_nobody(self, credentials):
        for call in (LIST_USERS, OWN_LIST, ROOTS_LIST):
            with self.subTest(credentials=credentials, call=call[1]):
                self.assertEqual(self.answer(credentials, call), "PermissionDenied")

    def test_a_plain_uid_is_who_it_says(self):
        self.assertIsInstance(self.answer(said(("UnixUserID", ("u", 0))), LIST_USERS), tuple)
        uid = pwd.getpwnam("factord-test-a").pw_uid
        self.assertIsInstance(self.answer(said(("UnixUserID", ("u", uid))), OWN_LIST), tuple)
        self.assertEqual(self.answer(said(("UnixUserID", ("u", uid))), ROOTS_LIST), "PermissionDenied")

    def test_uids_beyond_the_signed_range_are_no_ones_but_their_own(self):
        for uid in (2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2):
            for call, answer in ((LIST_USERS, "PermissionDenied"), (ROOTS_LIST, "PermissionDenied"), (OWN_LIST, "NotFound")):
                with self.subTest(uid=uid, call=call[1]):
                    self.assertEqual(self.answer(said(("UnixUserID", ("u", uid))), call), answer)

    def test_a_uid_of_minus_one_is_nobody(self):
        self.assert_nobody(said(("UnixUserID", ("u", 2**32 - 1))))

    def test_whoever_has_no_uid_is_nobody(self):
        self.assert_nobody(None)
        self.assert_nobody(said())
        self.assert_nobody(said(("ProcessID", ("u", 1)), ("UnixGroupIDs", ("au", [0]))))
        self.assert_nobody(said(("unixuserid", ("u", 0)), ("UnixUserID\t", ("u", 0))))

    def test_a_uid_of_another_type_is_nobody(self):
        for value in (("i", 0), ("t", 0), ("x", -1), ("q", 0), ("y", 0), ("b", False), ("s", "0"), ("au", [0]),
                      ("v", ("u", 0)), ("(u)", (0,)), ("a{sv}", [])):
            self.assert_nobody(said(("UnixUserID", value)))

    def test_two_uids_are_nobody(self):
        for first, second in ((0, 1001), (1001, 0), (0, 0)):
            self.assert_nobody(said(("UnixUserID", ("u", first)), ("UnixUserID", ("u", second))))

    def test_groups_of_another_type_are_nobodys(self):
        for value in (("as", ["root"]), ("u", 0), ("ai", [0]), ("s", "0"), ("aau", [[0]])):
            self.assert_nobody(said(("UnixUserID", ("u", 1001)), ("UnixGroupIDs", value)))

    def test_an_answer_of_another_shape_is_nobody(self):
        for answer in (("u", 0), ("s", "root"), ("", None), ("a{ss}", [("UnixUserID", "0")]), ("au", [0]),
                       ("(a{sv})", ([("UnixUserID", ("u", 0))],)), ("a{sv}s", None)):
            if answer[1] is not None or answer[0] == "":
                self.assert_nobody(answer)

    def test_a_caller_without_a_name_is_nobody(self):
        self.driver.credentials = None
        serial = self.driver.next_serial()
        self.driver.send(message(CALL, serial, call_fields(*LIST_USERS[:3]), body_of("a{sv}", {})))
        # Nobody can be answered who has no name; that others are is what there is to see.
        self.assertIsInstance(self.answer(said(("UnixUserID", ("u", 0))), LIST_USERS), tuple)

    def test_much_that_nobody_asked_for_is_passed_over(self):
        more = [(f"Key{number}", ("ay", bytes(1000))) for number in range(500)]
        self.assertIsInstance(self.answer(said(*more, ("UnixUserID", ("u", 0)), *more), LIST_USERS), tuple)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
