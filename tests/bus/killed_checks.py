# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed while 64 clients have codes checked. Afterwards every code that was accepted is spent, every
attempt that was answered is counted, and nothing else is. FACTORD_KILL_ROUNDS says how often."""
import base64
import hashlib
import hmac
import os
import pathlib
import random
import signal
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from callers import ADMIN, CHECKS, FACTORS, BusError, sealed_memfd  # noqa: E402
from private_bus import DEADLINE, Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import Closed, RawConnection  # noqa: E402

ROUNDS = int(os.environ.get("FACTORD_KILL_ROUNDS", "10"))
CLIENTS = 64
ATTEMPTS = 5
SKEW = 10
PERIOD = 30
CONFIG = f"[RelyingParty]\nDomain=example.org\n[Totp]\nSkew={SKEW}\n[Lockout]\nMaxOTPAttempts={ATTEMPTS}\n"
ORG = {"org": ("s", "acme")}
WRONG, WAIT = "EVENT-8isk2", "FACTORD-Thr1"


def code_at(seed, step):
    """RFC 4226, section 5.3."""
    mac = hmac.digest(seed, struct.pack(">Q", step), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack_from('>I', mac, at)[0] & 0x7fffffff) % 10**8:08}"


class App:
    """A user, an app with codes, and what is known of them: the last step that was accepted, and the attempts that
    failed since then. A call that was not answered may or may not have happened."""

    def __init__(self, connection, user, chance):
        self.connection, self.user, self.chance = connection, user, chance
        self.seed = hashlib.sha1(user.encode()).digest()
        self.spent = None
        self.first = self.next = int(time.time()) // PERIOD - SKEW + 1
        self.failures = 0
        self.asked = None
        self.connection.call(ADMIN, "AddUser", "sa{sv}", user, ORG)
        uri = f"otpauth://totp/x?secret={base64.b32encode(self.seed).decode()}&period={PERIOD}&digits=8"
        fd = sealed_memfd(uri.encode())
        try:
            connection.call(FACTORS, "ImportTOTP", "sha{sv}", user, 0, ORG, fds=[fd])
        finally:
            os.close(fd)

    @property
    def used_up(self):
        return self.next >= self.first + 2 * SKEW - 3

    def check(self, code):
        """"" or the id of the failure; no answer leaves `asked` set."""
        try:
            self.connection.call(CHECKS, "CheckTOTP", "ssa{sv}", self.user, code, ORG)
            return ""
        except BusError as error:
            if error.name.startswith("org.freedesktop.DBus.Error."):
                raise Closed from error
            return error.id

    def right(self):
        self.asked = "right"
        self.expect("", self.check(code_at(self.seed, self.next)))
        self.accepted()

    def accepted(self):
        self.spent, self.failures, self.asked = self.next, 0, None
        self.next += 1

    def wrong(self):
        self.asked = "wrong"
        self.expect(WRONG, self.check("0"))
        self.failures, self.asked = self.failures + 1, None

    def expect(self, wanted, got):
        if got != wanted:
            raise AssertionError(f"{self.user}: {got!r} and not {wanted!r} to a {self.asked} code; next {self.next}, "
                                 f"spent {self.spent}, failures {self.failures}")

    def go_on(self):
        if self.failures < ATTEMPTS - 2 and self.chance.random() < 0.4:
            self.wrong()
        else:
            self.right()

    def look_back(self, connection):
        """After the daemon's death."""
        self.connection = connection
        doubtful = self.asked == "wrong"
        if self.asked == "right":
            if self.check(code_at(self.seed, self.next)) == "":
                self.accepted()
            else:
                self.accepted()
                self.failures = 1
        self.asked = None
        if self.spent is not None:
            self.asked = "spent"
            self.expect(WRONG, self.check(code_at(self.seed, self.spent)))
            self.failures += 1
        left = 0
        while (answer := self.check("0")) == WRONG:
            left += 1
        self.asked = "last"
        self.expect(WAIT, answer)
        if ATTEMPTS - left - self.failures not in ((0, 1) if doubtful else (0,)):
            raise AssertionError(f"{self.user}: {left} attempts are left after {self.failures}"
                                 f"{' and perhaps one more' if doubtful else ''}")


class Client(threading.Thread):
    def __init__(self, bus, number, app, kill_round, progress):
        super().__init__()
        self.bus, self.number, self.app, self.kill_round, self.progress = bus, number, app, kill_round, progress
        self.chance = random.Random(f"{kill_round}-{number}")
        self.strange = None
        self.apps = self.looked_back = 0

    def run(self):
        try:
            with RawConnection(self.bus) as connection:
                before, self.app = self.app, None  # the daemon may die again meanwhile
                if before:
                    before.look_back(connection)
                    self.looked_back += before.spent is not None
                while True:
                    if self.app is None or self.app.used_up:
                        self.app = self.new_app(connection)
                    self.app.go_on()
                    self.progress.release()
        except Closed:
            pass
        except BusError as error:  # of what prepares a new app
            if not error.name.startswith("org.freedesktop.DBus.Error."):
                self.strange = error
        except Exception as error:  # told by the test
            self.strange = error
        finally:
            self.progress.release()

    def new_app(self, connection):
        self.apps += 1
        return App(connection, f"user-{self.kill_round}-{self.number}-{self.apps}", self.chance)


class Killed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        skip_unless_possible()

    looked_back = 0  # how often it was seen that what is spent is spent

    def test_what_was_answered_stands_and_what_is_spent_stays_spent(self):
        seed = random.SystemRandom().randrange(1 << 32)
        chance = random.Random(seed)
        print(f"seed {seed}, {ROUNDS} rounds", file=sys.stderr)
        with PrivateBus() as bus, Factord(bus, config=CONFIG) as daemon:
            apps = [None] * CLIENTS
            for number in range(ROUNDS):
                apps = self.round(bus, daemon, number, apps, chance)
            self.round(bus, daemon, ROUNDS, apps, chance)
        self.assertGreater(self.looked_back, ROUNDS)

    def round(self, bus, daemon, number, apps, chance):
        progress = threading.Semaphore(0)
        clients = [Client(bus, at, app, number, progress) for at, app in enumerate(apps)]
        for client in clients:
            client.start()
        for _ in range(CLIENTS + chance.randrange(4 * CLIENTS)):
            self.assertTrue(progress.acquire(timeout=DEADLINE))
        self.assertEqual(daemon.kill(), -signal.SIGKILL)
        for client in clients:
            client.join(DEADLINE)
            self.assertFalse(client.is_alive())
            self.assertIsNone(client.strange, f"round {number}")
        daemon.start()
        self.looked_back += sum(client.looked_back for client in clients)
        return [client.app for client in clients]


if __name__ == "__main__":
    unittest.main()
