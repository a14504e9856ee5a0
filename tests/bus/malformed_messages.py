# SPDX-License-Identifier: Apache-2.0
"""Messages that no library would send: the bus hangs up, or the daemon answers an error; either way it lives on, serves
the next client, and has lost nothing. A second part plays the bus itself, which the daemon trusts with its life but not
with its store."""
import contextlib
import os
import pathlib
import socket
import struct
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from bus_monitor import Monitor  # noqa: E402
from callers import FACTORS, BusError, Caller, filled_pipe, options  # noqa: E402
from health import Watch  # noqa: E402
from private_bus import DEADLINE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import (BIG, BUS, CALL, DESTINATION, ERROR, ERROR_NAME, FACTORD, INTERFACE, MEMBER, PATH,  # noqa: E402
                     REPLY_SERIAL, RETURN, SENDER, SIGNAL, SIGNATURE, UNIX_FDS, Closed, RawConnection, body_of,
                     call_fields, message, method_call)

LIST = (FACTORS, "ListTOTP")
GOOD_BODY = body_of("sa{sv}", "", {})
OURS = "org.factord1.Error."
THEIRS = "org.freedesktop.DBus.Error."


def deep_variant(levels):
    value = ("s", "the end")
    for _ in range(levels):
        value = ("v", value)
    return value


class MessageCase(BusCase):
    def setUp(self):
        self.watch = Watch(self.daemon, self.root)

    def tearDown(self):
        with RawConnection(self.bus, "factord-test-b") as next_client:
            next_client.call(*LIST, "sa{sv}", "", {})
        self.watch.check(self)

    @contextlib.contextmanager
    def client(self):
        with RawConnection(self.bus, "factord-test-a") as client:
            client.call(*LIST, "sa{sv}", "", {})  # the daemon knows it
            yield client

    def hung_up(self, data, fds=()):
        """The bus closes the connection that sends this."""
        with self.client() as client, self.assertRaises(Closed):
            client.send(data, fds)
            while True:
                client.receive()

    def error_of(self, data, serial, fds=()):
        with self.client() as client:
            client.send(data, fds)
            with self.assertRaises(BusError) as caught:
                client.answer_to(serial)
            # The same connection goes on.
            client.call(*LIST, "sa{sv}", "", {})
            return caught.exception

    def still_served(self, *messages):
        """None of this is answered, and the connection goes on."""
        with self.client() as client:
            for data in messages:
                client.send(data)
            client.call(*LIST, "sa{sv}", "", {})


class WhatTheBusStops(MessageCase):
    def call_with(self, body, signature="sa{sv}", **more):
        return message(CALL, 99, call_fields(*LIST, signature), body, **more)

    def test_a_body_cut_short_at_any_place(self):
        body = body_of("sa{sv}", "alice", {"org": ("s", "acme"), "state": ("s", "any")})
        for size in range(len(body)):
            with self.subTest(size=size):
                self.hung_up(self.call_with(body[:size]))

    def test_a_body_longer_than_its_signature(self):
        for more in (b"\0", b"x" * 8, bytes(1 << 20)):
            self.hung_up(self.call_with(GOOD_BODY + more))

    def test_a_message_that_is_cut_short_by_leaving(self):
        whole = self.call_with(GOOD_BODY)
        for size in range(0, len(whole), 7):
            with self.client() as client:
                client.send(whole[:size])

    def test_lengths_that_are_not_true(self):
        text_at, array_at = 0, GOOD_BODY.index(b"\0\0\0\0", 5)
        for at in (text_at, array_at):
            for length in (1, 2, 7, 1 << 16, 1 << 26, (1 << 26) + 1, 2**31 - 1, 2**31, 2**32 - 8, 2**32 - 1):
                with self.subTest(at=at, length=length):
                    body = bytearray(GOOD_BODY)
                    struct.pack_into("<I", body, at, length)
                    self.hung_up(self.call_with(bytes(body)))

    def test_a_body_size_beyond_what_a_message_may_have(self):
        for size in (1 << 27, (1 << 27) + 1, 2**31, 2**32 - 1):
            with self.subTest(size=size):
                self.hung_up(self.call_with(GOOD_BODY, body_size=size))

    def test_text_that_is_not_utf_8(self):
        for text in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\x80", b"\xe2\x82", b"a\0b",
                     b"\xf8\x88\x80\x80\x80"):
            with self.subTest(text=text):
                self.hung_up(self.call_with(body_of("sa{sv}", text, {})))
                self.hung_up(self.call_with(body_of("sa{sv}", "x", {"org": ("s", text)})))

    def test_a_text_without_its_final_zero(self):
        self.hung_up(self.call_with(GOOD_BODY[:4] + b"x" + GOOD_BODY[5:]))

    def test_padding_that_is_not_zero(self):
        body = bytearray(body_of("sa{sv}", "", {"org": ("s", "x")}))
        body[5] = 1
        self.hung_up(self.call_with(bytes(body)))

    def test_a_truth_that_is_neither(self):
        for number in (2, 2**32 - 1):
            body = bytearray(body_of("sa{sv}", "", {"force": ("b", True)}))
            struct.pack_into("<I", body, len(body) - 4, number)
            self.hung_up(self.call_with(bytes(body)))

    def test_variants_nested_beyond_64(self):
        for levels in (64, 65, 100, 250):
            with self.subTest(levels=levels):
                self.hung_up(self.call_with(body_of("sa{sv}", "", {"org": deep_variant(levels)})))
        good = body_of("sa{sv}", "", {"org": ("v", ("v", ("s", "x")))})
        self.hung_up(self.call_with(good.replace(b"\x01v\0" * 2, b"\x01v\0" * 100_000)))

    def test_a_signature_that_is_none(self):
        for signature in ("a", "sa{sv", "sa{vs}", "(", "()", "a{s}", "z", "e", "a" * 40 + "s",
                          "(" * 40 + "s" + ")" * 40):
            with self.subTest(signature=signature):
                self.hung_up(self.call_with(GOOD_BODY, signature))

    def test_a_variant_whose_signature_is_none(self):
        good = body_of("sa{sv}", "", {"org": ("s", "x")})
        at = good.index(b"\x01s\0")
        for wrong in (b"\x01z\0", b"\x00\0\0", b"\x02s\0", b"\x01a\0", b"\xff" * 3, b"\x01(\0"):
            with self.subTest(signature=wrong):
                self.hung_up(self.call_with(good[:at] + wrong + good[at + 3:]))

    def test_the_wrong_byte_order_mark(self):
        good = self.call_with(GOOD_BODY)
        for mark in (b"B", b"x", b"\0"):
            # A body of the other order is 16 MiB and never comes: the bus may wait for it until this client leaves.
            with self.client() as client, contextlib.suppress(Closed, TimeoutError):
                client.send(mark + good[1:])
                client.receive(timeout=0.05)

    def test_a_header_without_what_a_call_must_have(self):
        for missing in (PATH, MEMBER):
            fields = call_fields(*LIST, "sa{sv}")
            del fields[missing]
            self.hung_up(message(CALL, 99, fields, GOOD_BODY))

    def test_a_header_with_values_that_are_none(self):
        for code, value in ((PATH, "no-path"), (PATH, "/a//b"), (PATH, "/a/"), (MEMBER, "a.b"), (MEMBER, ""),
                            (MEMBER, "x" * 256), (INTERFACE, "nodot"), (INTERFACE, "a..b"), (DESTINATION, ".."),
                            (PATH, ("s", "/org/factord1")), (MEMBER, ("u", 7)), (SIGNATURE, ("s", "sa{sv}")),
                            (REPLY_SERIAL, 0), (0, ("s", "x"))):
            with self.subTest(code=code, value=value):
                self.hung_up(message(CALL, 99, {**call_fields(*LIST, "sa{sv}"), code: value}, GOOD_BODY))

    def test_a_serial_of_zero_a_wrong_version_and_a_type_of_zero(self):
        self.hung_up(message(CALL, 0, call_fields(*LIST, "sa{sv}"), GOOD_BODY))
        self.hung_up(message(0, 99, call_fields(*LIST, "sa{sv}"), GOOD_BODY))
        good = self.call_with(GOOD_BODY)
        self.hung_up(good[:3] + b"\x02" + good[4:])

    def test_a_header_beyond_64_mebibytes(self):
        good = self.call_with(GOOD_BODY)
        for size in ((1 << 26) + 1, 2**31, 2**32 - 1):
            self.hung_up(good[:12] + struct.pack("<I", size) + good[16:])

    def test_descriptors_promised_and_not_sent_or_more_than_a_message_may_have(self):
        body = body_of("sha{sv}", "", 0, {})
        with contextlib.ExitStack() as stack:
            pipes = [filled_pipe(b"x") for _ in range(17)]
            for pipe in pipes:
                stack.callback(os.close, pipe)
            fields = call_fields(FACTORS, "ImportTOTP", "sha{sv}")
            self.hung_up(message(CALL, 99, {**fields, UNIX_FDS: 2**32 - 1}, body), pipes[:1])
            self.hung_up(message(CALL, 99, {**fields, UNIX_FDS: 17}, body), pipes)

    def test_a_signal_that_tells_the_daemon_that_its_bus_is_gone(self):
        for path in ("/org/freedesktop/DBus/Local", FACTORD[1]):
            self.hung_up(message(SIGNAL, 99, {PATH: path, INTERFACE: "org.freedesktop.DBus.Local",
                                              MEMBER: "Disconnected", DESTINATION: FACTORD[0]}))

    def test_noise_instead_of_messages(self):
        for data in (b"\0" * 4096, b"\xff" * 4096, b"GET / HTTP/1.1\r\n\r\n" * 100, bytes(range(256)) * 16,
                     b"l\1\0\1" + b"\xff" * 1000):
            with self.subTest(data=data[:10]):
                self.hung_up(data)


class WhatReachesTheDaemon(MessageCase):
    def test_another_signature_than_the_methods(self):
        for signature, arguments in (("", ()), ("s", ("x",)), ("a{sv}", ({},)), ("sa{ss}", ("", {})),
                                     ("ssa{sv}", ("", "", {})), ("sa{sv}s", ("", {}, "")), ("ua{sv}", (1, {})),
                                     ("(sa{sv})", (("", {}),)), ("v" * 200, (("s", ""),) * 200)):
            with self.subTest(signature=signature):
                error = self.error_of(method_call(99, *LIST, signature, *arguments), 99)
                self.assertEqual(error.name, THEIRS + "InvalidArgs")

    def test_methods_interfaces_and_objects_that_are_not_there(self):
        for interface, member, path, name in (
                (FACTORS, "Nothing", FACTORD[1], "UnknownMethod"), (FACTORS, "listTOTP", FACTORD[1], "UnknownMethod"),
                ("org.factord1.Nothing", "ListTOTP", FACTORD[1], "UnknownInterface"),
                (FACTORS, "ListTOTP", "/", "UnknownObject"), (FACTORS, "ListTOTP", FACTORD[1] + "/x", "UnknownObject"),
                (FACTORS, "ListTOTP", "/" + "/".join("x" * 1000), "UnknownObject")):
            with self.subTest(member=member, path=path[:20]):
                call = method_call(99, interface, member, "sa{sv}", "", {}, to=(FACTORD[0], path))
                self.assertIn(self.error_of(call, 99).name, (THEIRS + name, THEIRS + "UnknownMethod",
                                                             THEIRS + "AccessDenied"))

    def test_a_call_without_an_interface(self):
        fields = call_fields(*LIST, "sa{sv}")
        del fields[INTERFACE]
        with self.client() as client:
            client.send(message(CALL, 99, fields, GOOD_BODY))
            with contextlib.suppress(BusError):
                client.answer_to(99)

    def test_the_other_byte_order_is_as_good(self):
        with self.client() as client:
            client.send(method_call(99, *LIST, "sa{sv}", "", {"state": ("s", "any")}, order=BIG))
            self.assertEqual(client.answer_to(99)[0], [])

    def test_variants_nested_as_deep_as_the_bus_lets_through(self):
        for levels in (1, 10, 30, 60):
            with self.subTest(levels=levels):
                call = method_call(99, *LIST, "sa{sv}", "", {"org": deep_variant(levels)})
                self.assertEqual(self.error_of(call, 99).name, OURS + "InvalidArgument")

    def test_wide_dictionaries_of_two_mebibytes(self):
        for entries in ([("org", ("s", ""))] * 50_000, [(f"{n}", ("u", n)) for n in range(50_000)],
                        [("x" * (2 << 20), ("s", "x"))]):
            call = method_call(99, *LIST, "sa{sv}", "", entries)
            self.assertEqual(self.error_of(call, 99).name, OURS + "InvalidArgument")

    def test_header_fields_nobody_knows(self):
        with self.client() as client:
            more = {code: ("s", "x" * 100) for code in range(20, 40)}
            client.send(message(CALL, 99, {**call_fields(*LIST, "sa{sv}"), **more}, GOOD_BODY))
            client.answer_to(99)

    def test_a_huge_header(self):
        for size in (1000, 60_000, 1 << 20, 20 << 20):
            for field in ({40: ("s", "x" * size)}, {PATH: "/" + "x" * size}):
                with self.subTest(size=size, field=list(field)), self.client() as client:
                    with contextlib.suppress(Closed):  # a path beyond 64 KiB gets no answer from libsystemd
                        client.send(message(CALL, 99, {**call_fields(*LIST, "sa{sv}"), **field}, GOOD_BODY))
                        client.call(*LIST, "sa{sv}", "", {})

    def test_a_sender_that_is_claimed_does_not_count(self):
        error = self.error_of(message(CALL, 99, {**call_fields(*LIST, "sa{sv}"), SENDER: self.root.name},
                                      body_of("sa{sv}", "root", {})), 99)
        self.assertEqual(error.name, OURS + "PermissionDenied")

    def test_a_call_that_wants_no_reply_gets_none(self):
        unwanted = [message(CALL, 99, call_fields(*LIST, "sa{sv}"), body, flags=1)
                    for body in (GOOD_BODY, body_of("sa{sv}", "root", {}), body_of("sa{sv}", "", {"x": ("s", "y")}))]
        with self.client() as client, Monitor(self.bus, f"destination='{client.name}'") as monitor:
            for data in unwanted * 50:
                client.send(data)
            serial = client.start(*LIST, "sa{sv}", "", {})
            client.answer_to(serial)
            answers = [one.fields[REPLY_SERIAL] for one in monitor.seen(kinds=(RETURN, ERROR))]
        self.assertEqual(answers, [serial])  # the bus would have dropped the others

    def test_replies_nobody_asked_for_are_dropped(self):
        replies = []
        for serial in (1, 2, 3, 10, 100, 2**32 - 1):
            replies += [message(RETURN, 99, {DESTINATION: FACTORD[0], REPLY_SERIAL: serial}),
                        message(RETURN, 99, {DESTINATION: FACTORD[0], REPLY_SERIAL: serial, SIGNATURE: "a{sv}"},
                                body_of("a{sv}", {"UnixUserID": ("u", 0)})),
                        message(ERROR, 99, {DESTINATION: FACTORD[0], REPLY_SERIAL: serial,
                                            ERROR_NAME: "org.freedesktop.DBus.Error.NoReply"})]
        with self.client() as client:
            for reply in replies:
                client.send(reply)
            with self.assertRaises(BusError) as caught:  # and nobody was taken for root by the second kind
                client.call(*LIST, "sa{sv}", "root", {})
            self.assertEqual(caught.exception.name, OURS + "PermissionDenied")

    def test_signals_to_the_daemon_are_passed_over(self):
        signals = [message(SIGNAL, 99, {PATH: FACTORD[1], INTERFACE: FACTORS, MEMBER: "FactorsChanged",
                                        DESTINATION: FACTORD[0]})]
        for name in ("org.freedesktop.DBus", "org.factord1", self.root.name):
            signals.append(message(SIGNAL, 99, {PATH: BUS[1], INTERFACE: BUS[0], MEMBER: "NameOwnerChanged",
                                                SIGNATURE: "sss", DESTINATION: FACTORD[0]},
                                   body_of("sss", name, name, "")))
            signals.append(message(SIGNAL, 99, {PATH: BUS[1], INTERFACE: BUS[0], MEMBER: "NameLost", SIGNATURE: "s",
                                                DESTINATION: FACTORD[0]}, body_of("s", name)))
        self.still_served(*signals * 20)

    def test_a_message_of_a_type_nobody_knows_is_passed_over(self):
        for kind in (5, 255):
            with self.client() as client, contextlib.suppress(Closed):
                client.send(message(kind, 99, call_fields(*LIST, "sa{sv}"), GOOD_BODY))
                client.call(*LIST, "sa{sv}", "", {})

    def test_one_serial_used_by_many_calls(self):
        with self.client() as client:
            for _ in range(50):
                client.send(method_call(99, *LIST, "sa{sv}", "", {}))
            for _ in range(50):
                with contextlib.suppress(BusError):
                    client.answer_to(99)

    def test_a_thousand_clients_that_leave_without_waiting_for_their_answers(self):
        for _ in range(1000 // 20):
            with contextlib.ExitStack() as stack:
                for client in [stack.enter_context(RawConnection(self.bus, "factord-test-c")) for _ in range(20)]:
                    for _ in range(5):
                        client.start(*LIST, "sa{sv}", "", {})


class BusThatCannotBeTrusted(unittest.TestCase):
    """The daemon's own connection is fed with noise: it ends by itself and says why, and its store opens again."""

    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        cls.bus = cls.enterClassContext(PrivateBus())

    def test_the_daemon_ends_and_the_store_is_whole(self):
        daemon = self.enterContext(Factord(self.bus))
        with Caller(self.bus) as root:
            handed = root.call(FACTORS, "RegisterTOTP", "sa{sv}", "", {})
            os.close(handed[1])
        self.assertEqual(daemon.stop(), 0)
        accepted = b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n"
        for sent in (b"REJECTED EXTERNAL\r\n", b"OK x\r\n", b"", b"\0" * 100_000, accepted + b"\xff" * 4096,
                     accepted + method_call(1, *LIST, "sa{sv}", "", {})[:-1]):
            with self.subTest(sent=sent[:40]), self.false_bus() as listener:
                daemon.bus, true_bus = listener, daemon.bus
                daemon.spawn()
                daemon.bus = true_bus
                connection, _ = listener.socket.accept()
                with connection:
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                        connection.sendall(sent)
                        connection.shutdown(socket.SHUT_WR)
                    self.assertNotEqual(daemon.wait(), 0)
                self.assertIn("bus", daemon.stderr.splitlines()[-1])
        daemon.start()
        with Caller(self.bus) as root:
            items, _ = root.call(FACTORS, "ListTOTP", "sa{sv}", "", options(state="any"))
            self.assertEqual([item["id"] for item in items], [handed[0]])

    @contextlib.contextmanager
    def false_bus(self):
        """Something that listens where a bus is expected."""
        path = f"{self.bus.folder}/false"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            listening.settimeout(DEADLINE)
            try:
                yield types.SimpleNamespace(address=f"unix:path={path}", socket=listening)
            finally:
                os.unlink(path)


if __name__ == "__main__":
    unittest.main()
