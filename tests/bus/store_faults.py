# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with the place of the store, the store itself, its key, the configuration or the bus: a clear word,
nothing lost, nothing touched; and what a reader of the files learns about people, which is nothing."""
import base64
import contextlib
import ctypes
import errno
import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from callers import ADMIN, FACTORS, BusError, Caller, options, sealed_memfd  # noqa: E402
from enrolment import CONFIG, PASSKEY, Person, credential  # noqa: E402
from health import methods, property_of  # noqa: E402
from private_bus import DEADLINE, FACTORD, Factord, PrivateBus, run_as, skip_unless_possible  # noqa: E402
from raw_bus import RawConnection  # noqa: E402

SEED = bytes(range(0x41, 0x41 + 20))
URI = b"otpauth://totp/Example:alice?secret=" + base64.b32encode(SEED) + b"&issuer=Example"
ALL_STATES = {"org": "acme", "states": ["any"]}
CLONE_NEWNS = 0x00020000


def contents(folder):
    """Name to digest of every file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def read_only(folder):
    """For whoever opens something there from now on."""
    mount("--bind", folder, folder)
    try:
        mount("-o", "remount,ro,bind", folder)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


class StoreCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_unless_possible()
        cls.bus = cls.enterClassContext(PrivateBus())
        cls.root = cls.enterClassContext(Caller(cls.bus))

    def daemon(self, **more):
        return Factord(self.bus, **{"config": CONFIG, **more})

    def fill(self, names=("alice", "bob")):
        """Users with a factor each; what the daemon says of them."""
        for name in names:
            self.root.call(ADMIN, "AddUser", "sa{sv}", name, options(org="acme", display_name=f"{name} display"))
            self.import_one(name)
        return self.everything()

    def import_one(self, user, **more):
        fd = sealed_memfd(URI)
        try:
            return self.root.call(FACTORS, "ImportTOTP", "sha{sv}", user, 0, options(org="acme", **more), fds=[fd])[0]
        finally:
            os.close(fd)

    def everything(self):
        users, _ = self.root.call(ADMIN, "ListUsers", "a{sv}", options(org="acme"))
        return users, [self.root.call(FACTORS, "ListAuthenticationFactors", "sa{sv}", self.id_of(user),
                                      options(**ALL_STATES)) for user in users]

    @staticmethod
    def id_of(user):
        return user.get("userId") or user.get("id") or user["user_id"]

    def closed_store(self):
        """A daemon that has stopped, and what its store holds."""
        daemon = self.daemon()
        daemon.start()
        held = self.fill()
        self.assertEqual(daemon.stop(), 0)
        return daemon, held

    def assert_refused_at_start(self, daemon, *words):
        """It ends with a status of its own, and its last line says why."""
        said = len(daemon.stderr)
        daemon.spawn()
        self.assertIn(daemon.wait(), range(1, 128))
        for word in words:
            self.assertIn(word, daemon.stderr[said:])

    def assert_unchanged_by_refusal(self, daemon, *words):
        before = contents(daemon.state_dir)
        self.assert_refused_at_start(daemon, *words)
        self.assertEqual(contents(daemon.state_dir), before)

    def assert_holds(self, daemon, held):
        with daemon:
            self.assertEqual(self.everything(), held)


class FullDisk(StoreCase):
    SIZE = 1 << 20

    def setUp(self):
        self.place = self.bus.folder / "small"
        self.place.mkdir()
        mount("-t", "tmpfs", "-o", f"size={self.SIZE},mode=700", "tmpfs", self.place)
        self.addCleanup(self.place.rmdir)
        self.addCleanup(subprocess.run, ["umount", self.place], check=True)
        self.filler = self.place / "filler"

    def fill_disk(self):
        with open(self.filler, "ab", buffering=0) as file:
            for size in (65536, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))
        self.assertEqual(os.statvfs(self.place).f_bavail, 0)

    def rename_until_full(self, factor_id, refusals=20, most=20_000):
        """The last name that was answered with success. Between refusals there may be successes: opened anew, the store
        has room in its log again."""
        answered = self.name_of(factor_id, "alice")
        for number in range(most):
            name = f"name {number} " + "x" * 180
            try:
                self.root.call(FACTORS, "RenameFactor", "sssa{sv}", "alice", factor_id, name, options(org="acme"))
                answered = name
            except BusError as error:
                self.assertEqual((error.name, error.id), ("org.factord1.Error.Unavailable", "FACTORD-Ava1"))
                refusals -= 1
                if refusals == 0:
                    return answered
        raise AssertionError("the disk never was full")

    def test_a_disk_that_fills_up_gives_unavailable_and_loses_nothing_answered(self):
        daemon = self.daemon(state_dir=self.place)
        with daemon:
            self.fill()
            factor_id = self.import_one("alice", name="first")
            for _ in range(3):  # a failed commit makes the daemon open its store anew: more than once
                self.fill_disk()
                name = self.rename_until_full(factor_id)
                self.filler.unlink()
                self.assertEqual(self.name_of(factor_id, "alice"), name)
                before = self.person().sequence()
                self.import_one("alice", name="after")
                self.assertEqual(self.person().sequence(), before + 2)
            held = self.everything()
            daemon.restart()
            self.assertEqual(self.everything(), held)

    def test_a_place_that_becomes_read_only_gives_unavailable_until_it_is_writable_again(self):
        daemon = self.daemon(state_dir=self.place)
        with daemon:
            self.fill()
            factor_id = self.import_one("alice", name="first")
            self.fill_disk()
            name = self.rename_until_full(factor_id)  # so that the store is opened anew at the next call
            with read_only(self.place):
                for _ in range(20):
                    with self.assertRaises(BusError) as caught:
                        self.import_one("alice")
                    self.assertEqual((caught.exception.name, caught.exception.id),
                                     ("org.factord1.Error.Unavailable", "FACTORD-Ava1"))
                self.assertEqual(property_of(self.root, "StoreState"), "open")
            self.filler.unlink()
            self.assertEqual(self.name_of(factor_id, "alice"), name)
            self.import_one("alice", name="after")

    def person(self):
        return Person(self.root, "alice", "acme")

    def name_of(self, factor_id, user):
        items, _ = self.root.call(FACTORS, "ListTOTP", "sa{sv}", user, options(org="acme"))
        return next(item["name"] for item in items if item["id"] == factor_id)

    def test_parallel_writes_on_a_filling_disk_are_each_there_or_answered_unavailable(self):
        daemon = self.daemon(state_dir=self.place)
        with daemon, contextlib.ExitStack() as stack:
            self.fill()
            clients = [stack.enter_context(RawConnection(self.bus)) for _ in range(16)]
            added, refused = set(), 0
            self.fill_disk()
            for number in range(2000):
                names = [f"user-{number}-{i}" for i in range(16)]
                serials = [client.start(ADMIN, "AddUser", "sa{sv}", name, {"org": ("s", "acme")})
                           for client, name in zip(clients, names, strict=True)]
                for client, name, serial in zip(clients, names, serials, strict=True):
                    try:
                        client.answer_to(serial)
                        added.add(name)
                    except BusError as error:
                        self.assertEqual(error.name, "org.factord1.Error.Unavailable", error)
                        refused += 1
                if refused > 64:
                    break
            self.assertGreater(refused, 64)
            self.filler.unlink()
            daemon.restart()
            self.assertEqual(self.user_ids(), added | {"alice", "bob"})

    def user_ids(self):
        found, after = set(), {}
        while True:
            users, _ = self.root.call(ADMIN, "ListUsers", "a{sv}", options(org="acme", **after))
            if not users:
                return found
            found |= {self.id_of(user) for user in users}
            after = {"after": self.id_of(users[-1])}

    def test_a_disk_that_is_full_from_the_start_is_named_and_a_store_is_made_once_there_is_room(self):
        self.fill_disk()
        daemon = self.daemon(state_dir=self.place)
        self.assert_refused_at_start(daemon, "factord: ")
        self.assertFalse((self.place / "factord.db").exists())
        self.filler.unlink()
        with daemon:
            self.fill()


class PlaceThatCannotBeWritten(StoreCase):
    def test_a_read_only_place_is_named_at_the_start_and_the_store_opens_afterwards(self):
        daemon, held = self.closed_store()
        with read_only(daemon.state_dir):
            self.assert_unchanged_by_refusal(daemon, str(daemon.state_dir), os.strerror(errno.EROFS))
        self.assert_holds(daemon, held)

    def test_a_read_only_place_without_a_store_is_named(self):
        daemon = self.daemon()
        with read_only(daemon.state_dir):
            self.assert_refused_at_start(daemon, str(daemon.state_dir), os.strerror(errno.EROFS))
        self.assertEqual(contents(daemon.state_dir), {})

    def test_a_place_that_is_missing_or_a_file_is_named(self):
        daemon = self.daemon()
        daemon.state_dir.rmdir()
        self.assert_refused_at_start(daemon, str(daemon.state_dir), os.strerror(errno.ENOENT))
        daemon.state_dir.write_text("")
        self.assert_refused_at_start(daemon, str(daemon.state_dir), os.strerror(errno.ENOTDIR))

    def test_a_second_daemon_on_the_same_store_is_refused(self):
        with self.daemon() as daemon, PrivateBus() as another:
            held = self.fill()
            second = Factord(another, state_dir=daemon.state_dir, key_file=daemon.key_file)
            self.assert_refused_at_start(second, "another daemon has this store open")
            self.assertEqual(self.everything(), held)


class DatabaseThatIsNone(StoreCase):
    def database(self, daemon):
        return daemon.state_dir / "factord.db"

    def test_a_store_of_a_newer_version_is_refused_and_not_touched(self):
        daemon, _ = self.closed_store()
        for version in (99, 2**31 - 1):
            with contextlib.closing(sqlite3.connect(self.database(daemon))) as database:
                database.execute(f"PRAGMA user_version = {version}")
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.assert_unchanged_by_refusal(daemon, f"newer version ({version})")

    def test_a_store_that_is_cut_short_is_refused_and_not_touched(self):
        daemon, held = self.closed_store()
        whole = self.database(daemon).read_bytes()
        for size in (0, 1, 16, 99, 100, 512, 4095, 4096, 4097, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
            with self.subTest(size=size):
                self.database(daemon).write_bytes(whole[:size])
                self.assert_unchanged_by_refusal(daemon, "factord.db", "is damaged")
        self.database(daemon).write_bytes(whole)
        self.assert_holds(daemon, held)

    def test_a_store_with_pages_of_noise_is_refused_or_serves_without_falling_over(self):
        daemon, _ = self.closed_store()
        whole = self.database(daemon).read_bytes()
        for at in range(0, len(whole), 4096):
            with self.subTest(page=at // 4096 + 1):
                self.database(daemon).write_bytes(whole[:at] + os.urandom(4096) + whole[at + 4096:])
                said = len(daemon.stderr)
                try:
                    daemon.start()
                except RuntimeError:
                    self.assertTrue(daemon.stderr[said:].splitlines()[-1].startswith("factord: "), daemon.stderr[said:])
                    continue
                self.try_everything()
                self.assertEqual(daemon.stop(), 0)

    def try_everything(self):
        """Each answer is what was there, or an error of ours."""
        for attempt in (self.everything, lambda: self.import_one("alice"),
                        lambda: self.root.call(ADMIN, "AddUser", "sa{sv}", "carol", options(org="acme")),
                        lambda: self.root.call(ADMIN, "RemoveUser", "sa{sv}", "bob", options(org="acme"))):
            try:
                attempt()
            except BusError as error:
                self.assertIn(error.name, [f"org.factord1.Error.{code}" for code in
                                           ("DataLoss", "Unavailable", "NotFound", "AlreadyExists")], error)

    def test_a_text_another_database_a_folder_a_link_and_a_pipe_are_refused(self):
        daemon = self.daemon()
        with daemon:
            pass
        path = self.database(daemon)
        path.write_text("SQLite format 4\n" * 1000)
        self.assert_unchanged_by_refusal(daemon, "is no database")
        path.write_text("hello\n")
        self.assert_unchanged_by_refusal(daemon, "is damaged: too short")
        path.unlink()
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE other (x)")
        self.assert_unchanged_by_refusal(daemon, "no store of factord")
        path.rename(daemon.folder / "elsewhere")
        path.symlink_to(daemon.folder / "elsewhere")
        self.assert_refused_at_start(daemon, "factord.db")
        path.unlink()
        path.mkdir()
        self.assert_refused_at_start(daemon, "is no regular file")
        path.rmdir()
        os.mkfifo(path)
        self.assert_refused_at_start(daemon, "is no regular file")

    def test_a_log_without_its_store_is_refused(self):
        daemon = self.daemon()
        with daemon:
            self.fill()
            daemon.kill()
            self.assertGreater((daemon.state_dir / "factord.db-wal").stat().st_size, 0)
            self.database(daemon).unlink()
            self.assert_unchanged_by_refusal(daemon, "its log is there")


class Keys(StoreCase):
    def assert_locked(self, daemon, held, key):
        """It runs, answers every method with FACTORD-Key1, changes no file, and opens once the key is back."""
        before = contents(daemon.state_dir)
        with daemon:
            self.assertEqual(property_of(self.root, "StoreState"), "locked")
            self.assertEqual(property_of(self.root, "Organization"), "")
            for user in ("root", "factord-test-a"):
                self.assert_every_method_is_locked(user)
        self.assertEqual(contents(daemon.state_dir), before)
        daemon.key_file.write_bytes(key)
        self.assert_holds(daemon, held)

    def assert_every_method_is_locked(self, user):
        samples = {"s": "x", "a{sv}": {}, "u": 1, "h": 0}
        fd = sealed_memfd(URI)
        with RawConnection(self.bus, user) as caller:
            for (interface, method), arguments in methods(self.root).items():
                with self.subTest(method=method, user=user), self.assertRaises(BusError) as caught:
                    caller.call(interface, method, "".join(type_ for _, type_ in arguments),
                                *[samples[type_] for _, type_ in arguments], fds=[fd])
                self.assertEqual((caught.exception.name, caught.exception.id),
                                 ("org.factord1.Error.FailedPrecondition", "FACTORD-Key1"))
        os.close(fd)

    def test_a_wrong_key_leaves_the_store_locked_and_untouched(self):
        daemon, held = self.closed_store()
        key = daemon.key_file.read_bytes()
        daemon.key_file.write_bytes(bytes(32))
        self.assert_locked(daemon, held, key)

    def test_a_missing_key_leaves_the_store_locked_and_none_is_made(self):
        daemon, held = self.closed_store()
        key = daemon.key_file.read_bytes()
        daemon.key_file.unlink()
        before = contents(daemon.state_dir)
        with daemon:
            self.assertEqual(property_of(self.root, "StoreState"), "locked")
        self.assertFalse(daemon.key_file.exists())
        self.assertEqual(contents(daemon.state_dir), before)
        self.assert_locked(daemon, held, key)

    def test_a_wrong_key_after_a_crash_does_not_touch_the_log(self):
        daemon = self.daemon()
        daemon.start()
        held = self.fill()
        daemon.kill()
        self.assertGreater((daemon.state_dir / "factord.db-wal").stat().st_size, 0)
        key = daemon.key_file.read_bytes()
        daemon.key_file.write_bytes(os.urandom(32))
        durable = ("factord.db", "factord.db-wal")
        before = {name: contents(daemon.state_dir)[name] for name in durable}
        with daemon:
            self.assertEqual(property_of(self.root, "StoreState"), "locked")
        self.assertEqual({name: contents(daemon.state_dir)[name] for name in durable}, before)
        daemon.key_file.write_bytes(key)
        self.assert_holds(daemon, held)

    def test_no_key_and_no_store_end_with_a_clear_message(self):
        daemon = self.daemon()
        for env in ({}, {"CREDENTIALS_DIRECTORY": str(daemon.folder)}):
            done = run_as("root", [FACTORD, "--bus", self.bus.address, "--state-dir", daemon.state_dir, "--config",
                                   daemon.config_file], env=env, timeout=DEADLINE)
            self.assertIn(done.returncode, range(1, 128))
            self.assertIn("no store here, and no key to make one", done.stderr)
            self.assertEqual(contents(daemon.state_dir), {})

    def test_a_key_of_the_wrong_size_is_refused_by_its_file(self):
        daemon, held = self.closed_store()
        key = daemon.key_file.read_bytes()
        for size in (0, 1, 31, 33, 64, 1 << 20):
            with self.subTest(size=size):
                daemon.key_file.write_bytes(key + bytes(size - 32) if size > 32 else key[:size])
                self.assert_unchanged_by_refusal(daemon, f"{daemon.key_file}: a master key has exactly 32 bytes")
        daemon.key_file.unlink()
        daemon.key_file.mkdir()
        self.assert_unchanged_by_refusal(daemon, str(daemon.key_file))
        daemon.key_file.rmdir()
        daemon.key_file.write_bytes(key)
        self.assert_holds(daemon, held)

    def test_a_key_of_the_wrong_size_makes_no_store(self):
        daemon = self.daemon()
        daemon.key_file.write_bytes(bytes(31))
        self.assert_refused_at_start(daemon, "exactly 32 bytes")
        self.assertEqual(contents(daemon.state_dir), {})


class WhatAReaderLearns(StoreCase):
    PEOPLE = ("user-id-of-alice", "organization-of-alice", "display-name-of-alice", "name-of-passkey", "name-of-totp",
              "renamed-by-alice", "example.org")

    def needles(self, credential_id):
        spelled = [text.encode() for text in self.PEOPLE]
        spelled += [text.encode("utf-16-le") for text in self.PEOPLE]
        for secret in (SEED, credential_id):
            spelled += [secret, secret.hex().encode(), secret.hex().upper().encode(),
                        base64.b32encode(secret).rstrip(b"="), base64.b64encode(secret).rstrip(b"=")[:-1],
                        base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1], secret[:12], secret[-12:]]
        return spelled + [URI, URI[:40]]

    def enrol(self):
        user_id, org, display, passkey, totp, renamed, _ = self.PEOPLE
        self.root.call(ADMIN, "AddUser", "sa{sv}", user_id, options(org=org, display_name=display))
        alice = Person(self.root, user_id, org)
        credential_id = os.urandom(32)
        pending = alice.register(PASSKEY)
        alice.verify(pending, name=passkey, answer=credential(
            pending.asks, "--credential-id", base64.urlsafe_b64encode(credential_id).rstrip(b"=").decode()))
        fd = sealed_memfd(URI)
        totp_id, _ = self.root.call(FACTORS, "ImportTOTP", "sha{sv}", user_id, 0, options(org=org, name=totp), fds=[fd])
        os.close(fd)
        alice.call("RenameFactor", "ss", totp_id, renamed)
        return credential_id

    def assert_silent(self, daemon, credential_id, names):
        files = {path.name: path.read_bytes() for path in daemon.state_dir.iterdir()}
        self.assertLessEqual(names, set(files))
        self.assertIn(b"CREATE TABLE", b"".join(files.values()))  # so the search does find what is in clear
        for name, content in {**files, "stderr": daemon.stderr.encode()}.items():
            found = [needle for needle in self.needles(credential_id) if needle.lower() in content.lower()]
            self.assertEqual(found, [], name)
        for name in files:
            words = subprocess.run(["strings", "-n", "6", daemon.state_dir / name], check=True, stdout=subprocess.PIPE)
            self.assertNotIn(b"alice", words.stdout.lower())

    @unittest.skipUnless(shutil.which("strings"), "no strings(1)")
    def test_neither_the_database_nor_its_log_nor_what_is_said_names_a_person_or_a_secret(self):
        daemon = self.daemon()
        with daemon:
            credential_id = self.enrol()
            self.assert_silent(daemon, credential_id, {"factord.db", "factord.db-wal", "factord.db-shm"})
            daemon.kill()
            self.assert_silent(daemon, credential_id, {"factord.db", "factord.db-wal"})
            daemon.start()
            daemon.stop()
            self.assert_silent(daemon, credential_id, {"factord.db"})

    def test_every_file_is_its_owners_alone(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        daemon = self.daemon()
        with daemon:
            self.fill()
            files = [*daemon.state_dir.iterdir(), daemon.key_file]
            self.assertGreaterEqual(len(files), 4)
            self.assertEqual({path.name: oct(path.stat().st_mode & 0o7777) for path in files},
                             {path.name: "0o600" for path in files})


class ConfigurationAndBus(StoreCase):
    def test_a_wrong_configuration_ends_the_start_with_file_and_line(self):
        for text, line, word in (
                ("[Nonsense]\n", 1, "unknown section"), ("\n\n[Limits]\nFactors=1\n", 4, "unknown key"),
                ("[Limits]\nFactorsPerUser=0\n", 2, "FactorsPerUser="),
                ("[Limits]\nFactorsPerUser=99999999999999999999\n", 2, "FactorsPerUser="),
                ("[Limits]\nFactorsPerUser=\n", 2, "FactorsPerUser="),
                ("FactorsPerUser=1\n", 1, "before any section"), ("# a comment\n[Totp]\nSkew\n", 3, "neither"),
                ("[Totp]\nSkew=-1\n", 2, "Skew="), ("[RelyingParty]\nDomain=Example.ORG\n", 2, "Domain="),
                ("[RelyingParty]\nDomain=\n", 2, "Domain="),
                ("[RelyingParty]\nOrigins=example.org\n", 2, "Origins="),
                ("[RelyingParty]\nUserVerification=maybe\n", 2, "UserVerification="),
                ("[Access]\nSelfService=perhaps\n", 2, "SelfService="), ("[Access]\nAllow=uid:0\n", 2, "Allow="),
                ("[Access]\nAllow=user:nobody-has-this-name check\n", 2, "Allow="),
                ("[Access]\nAllow=uid:0 everything\n", 2, "Allow="), ("[Access]\nAllow=uid:-1 check\n", 2, "Allow="),
                ("[Access]\nAllow=uid:4294967295 check\n", 2, "Allow="),
                ("[Access]\nAllow=uid:0 check org:a:b\n", 2, "Allow="),
                ("[Access]\nAuthorizer=none\n", 2, "Authorizer="),
                ("[Access\n", 1, "neither"), ("\0\1\2\n", 1, "neither"), ("x" * (1 << 20), 1, "neither")):
            with self.subTest(text=text[:40]):
                daemon = self.daemon(config=text)
                self.assert_refused_at_start(daemon, f"{daemon.config_file}:{line}: ", word)
                self.assertEqual(contents(daemon.state_dir), {})

    def test_a_configuration_that_was_named_and_is_missing_is_named(self):
        daemon = self.daemon()
        daemon.config_file.unlink()
        self.assert_refused_at_start(daemon, f"{daemon.config_file}: cannot be opened")

    def test_a_wrong_drop_in_is_named(self):
        daemon = self.daemon()
        folder = daemon.folder / "factord.conf.d"
        folder.mkdir()
        (folder / "10-wrong.conf").write_text("[Totp]\nSkew=99\n")
        self.assert_refused_at_start(daemon, f"{folder}/10-wrong.conf:2: ")

    def test_a_bus_that_is_not_there_is_named(self):
        daemon = self.daemon()
        for address in (f"unix:path={daemon.folder}/nothing", "nonsense", "", "unix:path=",
                        "tcp:host=127.0.0.1,port=1"):
            with self.subTest(address=address):
                done = self.start_by_hand(daemon, address)
                self.assertIn(done.returncode, range(1, 128))
                self.assertIn("bus", done.stderr)

    def start_by_hand(self, daemon, address, user="root"):
        return run_as(user, [self.bus.publish(FACTORD), "--bus", address, "--state-dir", daemon.state_dir, "--key-file",
                             daemon.key_file, "--config", daemon.config_file], timeout=DEADLINE)

    def test_a_bus_whose_policy_does_not_give_us_the_name_is_named(self):
        daemon = self.daemon()
        shutil.chown(daemon.folder, "factord-test-a")
        shutil.chown(daemon.state_dir, "factord-test-a")
        done = self.start_by_hand(daemon, self.bus.address, "factord-test-a")
        self.assertIn(done.returncode, range(1, 128))
        self.assertIn("claiming the bus name org.factord1", done.stderr)

    def test_a_name_that_another_daemon_has_is_named_and_that_one_goes_on(self):
        with self.daemon():
            held = self.fill()
            self.assert_refused_at_start(self.daemon(), "claiming the bus name org.factord1")
            self.assertEqual(self.everything(), held)


if __name__ == "__main__":
    skip_unless_possible()
    # Mounts of its own, gone with this process.
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
    # In a chroot / is no mount point and cannot be made private; the mounts are taken away again all the same.
    subprocess.run(["mount", "--make-rprivate", "/"], check=False, stderr=subprocess.DEVNULL)
    unittest.main()
