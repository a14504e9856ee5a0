# SPDX-License-Identifier: Apache-2.0
"""One user who wants too much: calls without end, calls that never end, file descriptors, megabytes, refusals. The
daemon stays, its memory and its log stay small, and others are served."""
import collections
import contextlib
import ctypes
import os
import pathlib
import pwd
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from callers import ADMIN, FACTORS, BusError, content, options  # noqa: E402
from enrolment import CONFIG, KINDS, PASSKEY, TOTP, U2F, Person  # noqa: E402
from health import PROPERTIES, SANITIZED, Watch, descriptors, property_of  # noqa: E402
from private_bus import DEADLINE, FACTORD, Factord, skip_unless_possible  # noqa: E402
from raw_bus import CALL, ERROR, ERROR_NAME, REPLY_SERIAL, RawConnection, body_of, call_fields, message  # noqa: E402

A, B, C = "factord-test-a", "factord-test-b", "factord-test-c"
NO_REPLY = 1
MOST_FDS = 16  # of one message, on Debian's system bus


def without_reply(connection, interface, member, signature, *arguments, fds=()):
    connection.send(message(CALL, connection.next_serial(), call_fields(interface, member, signature, len(fds)),
                            body_of(signature, *arguments), flags=NO_REPLY), fds)


class Overload(BusCase):
    PROGRAM = None  # None: factord itself

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.PROGRAM:
            cls.daemon.stop()
            wrapper = cls.bus.folder / "wrapped-factord"
            wrapper.write_text(f"#!/bin/sh\n{cls.PROGRAM.format(factord=FACTORD)}\n")
            wrapper.chmod(0o755)
            cls.daemon = cls.enterClassContext(Factord(cls.bus, config=cls.CONFIG, program=wrapper))

    def setUp(self):
        self.watch = Watch(self.daemon, self.root)
        self.stack = self.enterContext(contextlib.ExitStack())

    def raw(self, user=A):
        return self.stack.enter_context(RawConnection(self.bus, user))

    def pipe(self):
        """Both ends, closed at the end of the test if not before."""
        read_end, write_end = (os.fdopen(end, "rb") for end in os.pipe2(os.O_CLOEXEC))
        self.stack.enter_context(read_end)
        self.stack.enter_context(write_end)
        return read_end, write_end

    def imports(self, connection, read_end, count, fds=1):
        """Starts that many calls which last until the pipe ends; their serials."""
        return [connection.start(FACTORS, "ImportTOTP", "sha{sv}", "", 0, {}, fds=[read_end.fileno()] * fds)
                for _ in range(count)]

    def refusal(self, connection, serial):
        """None where the call succeeds."""
        try:
            connection.answer_to(serial)
        except BusError as error:
            return error.code, error.message
        return None

    def codes(self, connection, serials):
        """Of calls that may end in any order, the codes of their errors."""
        codes, waiting = set(), set(serials)
        while waiting:
            received = connection.receive()
            if received.fields.get(REPLY_SERIAL) in waiting:
                waiting.remove(received.fields[REPLY_SERIAL])
                codes.add(received.fields.get(ERROR_NAME, "").rpartition(".")[2])
        return codes

    def assert_served(self, user=B):
        self.caller(user).call(FACTORS, "ListTOTP", "sa{sv}", "", {})


class Floods(Overload):
    # Calls that are refused cost the daemon little: so that it is never done, none is.
    CONFIG = CONFIG + "[Limits]\nRequestsPerConnection=65536\nRequestsPerUid=65536\n"

    def flood(self, connection, enough):
        """Keeps hundreds of calls waiting for the daemon, and few enough for the queue of the bus."""
        calls = 50 * message(CALL, connection.next_serial(), call_fields(FACTORS, "RegisterTOTP", "sa{sv}"),
                             body_of("sa{sv}", "", {}), flags=NO_REPLY)  # whose serial nobody looks at
        serials = collections.deque()
        while not enough.is_set():
            connection.send(calls)
            # Answered at once, whether or not any batch closes
            serials.append(connection.start(PROPERTIES, "Get", "ss", ADMIN, "Version"))
            if len(serials) >= 8:
                connection.answer_to(serials.popleft())

    def test_others_are_answered_while_two_connections_flood_the_bus(self):
        enough = threading.Event()
        floods = [threading.Thread(target=self.flood, args=(self.raw(), enough)) for _ in range(2)]
        self.stack.callback(lambda: [flood.join() for flood in floods])
        self.stack.callback(enough.set)
        me = Person(self.caller(B))
        for flood in floods:
            flood.start()
        longest = 0.0
        for _ in range(3):
            begun = time.monotonic()
            pending = me.register(TOTP)
            me.verify(pending)
            me.remove(TOTP, pending.id)
            longest = max(longest, time.monotonic() - begun)
            self.assertTrue(all(flood.is_alive() for flood in floods))
        # Each was answered before it timed out; how fast is for the benchmark
        print(f"three calls beside the flood took {longest:.3f} s at most", file=sys.stderr)
        enough.set()
        for flood in floods:
            flood.join()
        self.watch.check(self)


class CallsUnderWay(Overload):
    CONFIG = CONFIG + "[Limits]\nRequestsPerConnection=4\nRequestsPerUid=6\n"
    OF_CONNECTION = ("ResourceExhausted", "Limit RequestsPerConnection=4 is reached (FACTORD-Quo1)")
    OF_UID = ("ResourceExhausted", "Limit RequestsPerUid=6 is reached (FACTORD-Quo1)")

    def ask(self, connection):
        return self.refusal(connection, connection.start(FACTORS, "ListTOTP", "sa{sv}", "", {}))

    def fill(self, connections, read_end):
        """Three calls of each are under way."""
        serials = [self.imports(connection, read_end, 3) for connection in connections]
        for connection in connections:
            self.ask(connection)  # whatever the answer: what came before it has been taken
        return serials

    def test_a_connection_that_fills_its_places_is_refused_until_the_calls_end(self):
        read_end, write_end = self.pipe()
        full, other = self.raw(), self.raw()
        serials = self.imports(full, read_end, 4)
        for _ in range(3):
            self.assertEqual(self.ask(full), self.OF_CONNECTION)
        self.assertIsNone(self.ask(other))
        self.assert_served()
        write_end.close()
        self.assertEqual(self.codes(full, serials), {"InvalidArgument"})
        for _ in range(20):
            self.assertIsNone(self.ask(full))

    def test_a_uid_that_fills_its_places_over_its_connections_is_refused_alone(self):
        read_end, write_end = self.pipe()
        first, second, third = (self.raw() for _ in range(3))
        serials = self.fill((first, second), read_end)
        for connection in (first, second, third):
            self.assertEqual(self.ask(connection), self.OF_UID)
        self.assert_served(B)
        self.assert_served("root")
        write_end.close()
        for connection, theirs in zip((first, second), serials):
            self.assertEqual(self.codes(connection, theirs), {"InvalidArgument"})
        self.assertIsNone(self.ask(third))

    def test_places_are_given_back_after_every_kind_of_end(self):
        connection = self.raw()
        for call in (("ListTOTP", "sa{sv}", "", {}), ("RegisterTOTP", "sa{sv}", "", {}),
                     ("ListTOTP", "sa{sv}", B, {}), ("ListTOTP", "sa{sv}", "", {"bogus": ("s", "x")}),
                     ("RemoveTOTP", "ssa{sv}", "", "no-such-id", {})):
            for _ in range(10):
                refused = self.refusal(connection, connection.start(FACTORS, *call))
                self.assertNotEqual((refused or [""])[0], "ResourceExhausted")

    def test_places_are_given_back_when_the_caller_has_left(self):
        read_end, write_end = self.pipe()
        leaving = self.raw()
        self.imports(leaving, read_end, 4)
        self.assertEqual(self.ask(leaving), self.OF_CONNECTION)
        leaving.close()
        write_end.close()
        staying = [self.raw(), self.raw()]
        self.watch.check(self)  # nothing of the calls is left
        read_end, write_end = self.pipe()
        self.fill(staying, read_end)
        self.assertEqual(self.ask(self.raw()), self.OF_UID)
        self.assertEqual(self.ask(staying[0]), self.OF_UID)

    def test_root_is_not_limited(self):
        read_end, write_end = self.pipe()
        root = self.raw("root")
        serials = self.imports(root, read_end, 20)
        self.assertIsNone(self.ask(root))
        write_end.close()
        self.assertEqual(self.codes(root, serials), {"InvalidArgument"})


class PendingRegistrations(Overload):
    CONFIG = (CONFIG + f"[Access]\nAllow=user:{A} user.read,user.write,user.credential.write org:*\n"
              "[Limits]\nPendingPerUid=3\n")
    FULL = "Limit PendingPerUid=3 is reached"

    def people(self, count):
        people = [self.someone("many") for _ in range(count)]
        return [Person(self.caller(A), person.user_id, "many") for person in people]

    def refused_to_begin(self, person, kind=TOTP):
        with self.refused("FACTORD-Quo1") as caught:
            person.register(kind)
        self.assertEqual(caught.exception.text, self.FULL)

    def test_what_one_uid_begins_for_whomever_is_limited_and_each_end_frees_a_place(self):
        people = self.people(4)
        pending = [person.register(TOTP) for person in people[:2]] + [people[2].register(PASSKEY)]
        for person in (people[3], Person(self.caller(A))):
            self.refused_to_begin(person)
        self.daemon.restart()  # and it is not forgotten
        self.refused_to_begin(people[3])
        pending[0] = people[0].register(TOTP)  # in place of the own one
        self.refused_to_begin(people[3])
        people[0].verify(pending[0])
        pending[0] = people[3].register(TOTP)
        self.refused_to_begin(people[0])
        people[1].remove(TOTP, pending[1].id)
        people[0].register(U2F)
        self.refused_to_begin(people[1])
        self.root.call(ADMIN, "RemoveUser", "sa{sv}", people[0].user_id, options(org="many"))
        people[1].register(TOTP)
        self.refused_to_begin(people[1], PASSKEY)
        # Others have their own number, root has none.
        Person(self.caller(B)).register(TOTP)
        for kind in KINDS:
            Person(self.root, people[1].user_id, "many").register(kind)
        # Two of the three were taken over by root.
        people[2].register(TOTP)


class WithoutConfiguration(Overload):
    def test_64_calls_of_a_connection_and_256_of_a_uid_are_under_way_at_most(self):
        read_end, write_end = self.pipe()
        connections = [self.raw() for _ in range(5)]
        for connection in connections[:4]:
            serials = self.imports(connection, read_end, 65)
            self.assertEqual(self.refusal(connection, serials[64]),
                             ("ResourceExhausted", "Limit RequestsPerConnection=64 is reached (FACTORD-Quo1)"))
        last = connections[4].start(FACTORS, "ListTOTP", "sa{sv}", "", {})
        self.assertEqual(self.refusal(connections[4], last),
                         ("ResourceExhausted", "Limit RequestsPerUid=256 is reached (FACTORD-Quo1)"))
        self.assert_served()
        write_end.close()
        self.watch.check(self)


class FewDescriptors(Overload):
    # The first number is what the daemon is born with, the second what it may take
    PROGRAM = 'exec prlimit --nofile=1024:8192 {factord} "$@"'

    def test_messages_full_of_descriptors_do_not_end_the_daemon(self):
        read_end, write_end = self.pipe()
        most = 0
        connections = [self.raw() for _ in range(5)]
        for connection in connections:
            for _ in range(80):
                without_reply(connection, FACTORS, "ImportTOTP", "sha{sv}", "", 0, {},
                              fds=[read_end.fileno()] * MOST_FDS)
            self.refusal(connection, connection.start(FACTORS, "ListTOTP", "sa{sv}", "", {}))
            most = max(most, descriptors(self.daemon.pid))
            self.assert_served()
        self.assertEqual(resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE), (8192, 8192))
        self.assertLess(most, 1024)  # 256 calls, each with one descriptor and a pipe; sixteen of each would be 4,096
        print(f"{most} descriptors at most", file=sys.stderr)
        write_end.close()
        self.watch.check(self)

    @unittest.skipIf(SANITIZED, "the sanitizer looks at objects through a pipe and calls them broken where there is none")
    def test_a_result_that_no_descriptor_is_left_for_is_refused(self):
        me = Person(self.caller(C))
        me.remove(TOTP, me.register(TOTP).id)
        limits = resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE)
        self.addCleanup(lambda: resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, limits))
        answers = []
        for free in range(8):
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, (self.limit_with(free), limits[1]))
            try:
                totp_id, uri, _ = me.caller.call(FACTORS, "RegisterTOTP", "sa{sv}", "", {}, timeout=10)
                self.assertTrue(content(uri).startswith(b"otpauth://totp/"))
                answers.append("")
            except BusError as error:
                answers.append(error.code)
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, limits)
        print("with 0, 1, … descriptors left: " + ", ".join(answer or "done" for answer in answers), file=sys.stderr)
        self.assertIn("A reply could not be sent", self.daemon.stderr)
        self.assertEqual(answers, sorted(answers, reverse=True))
        self.assertEqual(set(answers), {"Unavailable", ""})
        self.watch.check(self)

    def limit_with(self, free):
        """The RLIMIT_NOFILE below which the daemon has so many numbers left."""
        taken = {int(number) for number in os.listdir(f"/proc/{self.daemon.pid}/fd")}
        limit = 0
        while limit in taken or free > 0:
            free -= limit not in taken
            limit += 1
        return limit


class Frozen:
    """All threads of a process but its first stand still as long as the block lasts."""

    SEIZE, INTERRUPT, DETACH, ANY_THREAD = 0x4206, 0x4207, 17, 0x40000000  # <sys/ptrace.h>, __WALL

    def __init__(self, pid):
        self.threads = [int(name) for name in os.listdir(f"/proc/{pid}/task") if int(name) != pid]
        self.held = []

    def __enter__(self):
        for thread in self.threads:
            self._ptrace(self.SEIZE, thread)
            self.held.append(thread)
            self._ptrace(self.INTERRUPT, thread)
            os.waitpid(thread, self.ANY_THREAD)

    def __exit__(self, *_):
        while self.held:
            self._ptrace(self.DETACH, self.held.pop())

    @staticmethod
    def _ptrace(request, thread):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(ctypes.c_long(request), ctypes.c_long(thread), ctypes.c_void_p(), ctypes.c_void_p()) != 0:
            raise unittest.SkipTest(f"no ptrace here: {os.strerror(ctypes.get_errno())}")


class Megabytes(Overload):
    COUNT, UNDER_WAY = 600, 64
    FULL = "Limit RequestsPerConnection=64 is reached (FACTORD-Quo1)"

    def peak(self):
        """Bytes that were resident at most since the last time."""
        status = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text()
        pathlib.Path(f"/proc/{self.daemon.pid}/clear_refs").write_text("5")
        return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) << 10

    def send(self, connection, window, passkey_id):
        fields = call_fields(FACTORS, "VerifyPasskeyRegistration", "ssssa{sv}")
        body = body_of("ssssa{sv}", "", passkey_id, "x" * (1 << 20), "Name", {})
        for _ in range(self.COUNT):
            window.acquire()
            connection.send(message(CALL, connection.next_serial(), fields, body))

    def errors(self, connection, count, window):
        """The texts of so many errors, and how often each came."""
        texts = collections.Counter()
        while texts.total() < count:
            received = connection.receive()
            if received.kind == ERROR:
                texts[received.body[0]] += 1
                window.release()
        return dict(texts)

    def test_large_credentials_that_wait_for_their_verification_are_bounded_by_the_calls_under_way(self):
        passkey_id = Person(self.caller(A)).register(PASSKEY).id
        connection = self.raw()
        window = threading.Semaphore(120)  # the bus itself takes 128 unanswered calls
        sender = threading.Thread(target=self.send, args=(connection, window, passkey_id))
        self.peak()
        before = self.peak()
        with Frozen(self.daemon.pid):  # as if the verifications took long
            sender.start()
            refused = self.COUNT - self.UNDER_WAY
            self.assertEqual(self.errors(connection, refused, window), {self.FULL: refused})
            sender.join()
            grown = self.peak() - before
        self.assertEqual(self.errors(connection, self.UNDER_WAY, window),
                         {"Error on parse credential data (WEBAU-sEr8c)": self.UNDER_WAY})
        print(f"{self.UNDER_WAY} MiB under way took {grown >> 20} MiB", file=sys.stderr)
        if not SANITIZED:
            self.assertLess(grown, 4 * self.UNDER_WAY << 20)
        self.assert_served()


class Refusals(Overload):
    LEFT_OUT = re.compile(r"Refusals were left out of the log FACTORD_CALLER_UID=(\d+) FACTORD_COUNT=(\d+)")

    def test_thousands_of_refusals_are_few_lines_and_a_count(self):
        stranger, uid = self.raw(B), pwd.getpwnam(B).pw_uid
        said, begun, denied = len(self.daemon.stderr), time.monotonic(), 0
        while denied < 5000 or not self.LEFT_OUT.search(self.daemon.stderr, said):
            serials = [stranger.start(FACTORS, "ListTOTP", "sa{sv}", A, {}) for _ in range(50)]
            for serial in serials:
                self.assertEqual(self.refusal(stranger, serial)[0], "PermissionDenied")
            denied += len(serials)
            self.assertLess(time.monotonic() - begun, DEADLINE)
        lines = self.daemon.stderr[said:].splitlines()
        refused = [line for line in lines if "A call was refused" in line]
        counted = [match for line in lines if (match := self.LEFT_OUT.search(line))]
        self.assertTrue(all(f"FACTORD_CALLER_UID={uid}" in line for line in refused))
        self.assertLessEqual(len(refused), 50 + (time.monotonic() - begun) + 1)
        self.assertTrue(all(int(match[1]) == uid for match in counted))
        told = len(refused) + sum(int(match[2]) for match in counted)
        self.assertLessEqual(told, denied)
        self.assertGreater(told, denied // 10)
        print(f"{denied} refusals: {len(lines)} lines", file=sys.stderr)


class NameService(Overload):
    """The daemon has an /etc/passwd of its own here: whoever opens it asks for an account."""

    PROGRAM = 'mount --bind "$PRIVATE_PASSWD" /etc/passwd && exec {factord} "$@"'

    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("no mount namespace")
        super(Overload, cls).setUpClass()
        cls.daemon.stop()
        cls.passwd = cls.bus.folder / "passwd"
        shutil.copy("/etc/passwd", cls.passwd)
        wrapper = cls.bus.folder / "wrapped-factord"
        wrapper.write_text("#!/bin/sh\nexec unshare --mount sh -c "
                           f"'mount --bind \"$0\" /etc/passwd && exec {FACTORD} \"$@\"' {cls.passwd} \"$@\"\n")
        wrapper.chmod(0o755)
        cls.daemon = cls.enterClassContext(Factord(cls.bus, config=cls.CONFIG, program=wrapper))

    @contextlib.contextmanager
    def opened(self):
        """Yields a function: how often the file was opened since the last time."""
        libc = ctypes.CDLL(None, use_errno=True)
        fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.assertGreaterEqual(libc.inotify_add_watch(fd, os.fsencode(self.passwd), 0x20), 0)  # IN_OPEN

        def count():
            try:
                return len(os.read(fd, 1 << 16)) // 16
            except BlockingIOError:
                return 0
        try:
            yield count
        finally:
            os.close(fd)

    def test_a_stranger_does_not_make_the_name_service_look_for_others(self):
        self.assert_served(B)
        with self.opened() as count:
            for number in range(20):
                with self.refused("AUTH-AWfge"):
                    self.caller(B).call(FACTORS, "ListTOTP", "sa{sv}", f"no-such-account-{number}", {})
                with self.refused("AUTH-AWfge"):
                    self.caller(B).call(ADMIN, "GetUser", "sa{sv}", f"no-such-account-{number}", {})
            self.assertEqual(property_of(self.root, "StoreState"), "open")
            self.assertEqual(count(), 0)
            with self.refused("COMMAND-M9dsd"):
                self.root.call(ADMIN, "GetUser", "sa{sv}", "no-such-account-0", {})
            self.assertGreaterEqual(count(), 1)  # it was not known, and this is how one sees that


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
