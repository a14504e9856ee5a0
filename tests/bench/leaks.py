#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""100,000 requests, good and bad, of several users over connections that come and go, after as many that fill its caches:
memory and descriptors of the daemon must be flat. Prints a table and writes leaks.svg beside the build; fails where the
last half of them is above the first.

    leaks.py [REQUESTS] [SEED]
"""
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FACTORD_BUILD") or SOURCE / "build")
os.environ["FACTORD_BUILD"] = str(BUILD)
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from callers import ADMIN, FACTORS, sealed_memfd  # noqa: E402
from health import SANITIZED, descriptors, resident  # noqa: E402
from private_bus import Factord, PrivateBus, skip_unless_possible  # noqa: E402
from raw_bus import ERROR, REPLY_SERIAL, RETURN, RawConnection  # noqa: E402

USERS = ("root", "factord-test-a", "factord-test-b", "factord-test-c")
SAMPLES = 100
AT_ONCE = 50
OF_A_CONNECTION = 1000  # requests, then it leaves
CONFIG = "[Access]\nAuthorizer=static\n[RelyingParty]\nDomain=example.org\n"
URI = b"otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example"
# Less than 3 bytes a request. SQLite's cache of 2 MiB of pages is full after some 90,000 requests; from then on 400,000
# have changed nothing but a page here and there.
GROWTH = 128 << 10
BAD_CREDENTIAL = '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}'

# (how often, method, signature, arguments, descriptors)
MIX = (
    (20, (FACTORS, "ListTOTP", "sa{sv}", "", {})), (10, (FACTORS, "ListAuthenticationFactors", "sa{sv}", "", {})),
    (5, (ADMIN, "GetUser", "sa{sv}", "root", {})), (5, (ADMIN, "ListUsers", "a{sv}", {})),
    (5, (FACTORS, "RegisterTOTP", "sa{sv}", "", {})), (5, (FACTORS, "RegisterPasskey", "sa{sv}", "", {})),
    (5, (FACTORS, "RegisterU2F", "sa{sv}", "", {"domain": ("s", "elsewhere.example")})),
    (10, (FACTORS, "VerifyPasskeyRegistration", "ssssa{sv}", "", "x" * 26, BAD_CREDENTIAL, "Name", {})),
    (5, (FACTORS, "VerifyTOTPRegistration", "sssa{sv}", "", "x" * 26, "000000", {})),
    (10, (FACTORS, "RemovePasskey", "ssa{sv}", "", "x" * 26, {})),
    (5, (FACTORS, "ListTOTP", "sa{sv}", "somebody", {"org": ("s", "elsewhere")})),
    (5, (FACTORS, "ListTOTP", "sa{sv}", "", {"bogus": ("s", "x" * 5000)})), (5, (FACTORS, "ListTOTP", "ss", "", "")),
    (3, (FACTORS, "Nothing", "", )), (2, (FACTORS, "ListTOTP", "sa{sv}", "x" * 100_000, {})),
    (3, (FACTORS, "ImportTOTP", "sha{sv}", "", 0, {"name": ("s", "\n")})),
    (2, (FACTORS, "ImportTOTP", "sha{sv}", "nobody-here", 0, {"org": ("s", "elsewhere")})),
)


class Clients:
    """A connection of each user; each leaves after so many requests, without having read its last answers."""

    def __init__(self, bus, dice):
        self.bus, self.dice, self.sent, self.counts = bus, dice, {}, {RETURN: 0, ERROR: 0}
        self.connections = {user: RawConnection(bus, user) for user in USERS}
        self.uri = sealed_memfd(URI)
        self.calls, self.weights = [call for _, call in MIX], [weight for weight, _ in MIX]

    def volley(self):
        """Half of it is answered to the end; the number of requests."""
        user = self.dice.choice(USERS)
        connection = self.connections[user]
        waiting = {connection.start(*call, fds=[self.uri] * (16 if "h" in call[2] else 0))
                   for call in self.dice.choices(self.calls, self.weights, k=AT_ONCE)}
        self.sent[user] = self.sent.get(user, 0) + AT_ONCE
        if self.sent[user] % OF_A_CONNECTION == 0:
            connection.close()
            self.connections[user] = RawConnection(self.bus, user)
            return AT_ONCE
        while waiting:
            received = connection.receive()
            for fd in received.fds:
                os.close(fd)
            if received.fields.get(REPLY_SERIAL) in waiting:
                waiting.remove(received.fields[REPLY_SERIAL])
                self.counts[received.kind] += 1
        return AT_ONCE

    def settle(self):
        """What has been left behind is done with."""
        for _ in range(3):
            for connection in self.connections.values():
                connection.call("org.freedesktop.DBus.Peer", "Ping")


def measure(requests, seed):
    """[(requests so far, bytes resident, descriptors)]"""
    samples = []
    with PrivateBus() as bus, tempfile.TemporaryDirectory(prefix="factord-", dir="/dev/shm") as folder, \
            Factord(bus, config=CONFIG, state_dir=folder) as daemon:
        clients, done = Clients(bus, random.Random(seed)), 0
        for sample in range(1, SAMPLES + 1):
            while done < requests * sample // SAMPLES:
                done += clients.volley()
            clients.settle()
            samples.append((done, resident(daemon.pid), descriptors(daemon.pid)))
        print(f"{clients.counts[RETURN]} answers, {clients.counts[ERROR]} errors")
    return samples


def svg(samples):
    """Both curves, each from zero to its greatest."""
    width, height, left = 720, 260, 60
    most = samples[-1][0]

    def curve(values, top, colour):
        points = " ".join(f"{left + width * at / most:.1f},{20 + height * (1 - value / top):.1f}" for at, value in values)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>'

    memory = [(at, bytes_ / 1024) for at, bytes_, _ in samples]
    files = [(at, count) for at, _, count in samples]
    top_memory, top_files = max(value for _, value in memory) * 1.1, max(value for _, value in files) * 1.5
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!-- SPDX-License-Identifier: Apache-2.0 -->',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2 * left}" height="{height + 70}" font-family="sans-serif"'
        ' font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<path d="M{left} 20v{height}h{width}" fill="none" stroke="black"/>',
        curve(memory, top_memory, "#1f5fa8"), curve(files, top_files, "#b04a1f"),
        f'<text x="{left}" y="14" fill="#1f5fa8">resident, KiB (0 to {top_memory:.0f})</text>',
        f'<text x="{left + width}" y="14" text-anchor="end" fill="#b04a1f">descriptors (0 to {top_files:.0f})</text>',
        f'<text x="{left}" y="{height + 38}">0</text>',
        f'<text x="{left + width}" y="{height + 38}" text-anchor="end">{most} requests</text>', "</svg>", ""])


def report(samples):
    print("requests   resident KiB   descriptors")
    for at, bytes_, files in samples[SAMPLES // 10 - 1::SAMPLES // 10]:
        print(f"{at:8} {bytes_ >> 10:14} {files:13}")


def faults(samples):
    """What is not flat. The first half of the samples is the caches' filling."""
    before, after = samples[SAMPLES // 2:SAMPLES * 3 // 4], samples[SAMPLES * 3 // 4:]
    grown = statistics.median(sample[1] for sample in after) - statistics.median(sample[1] for sample in before)
    print(f"{grown / 1024:+.0f} KiB from the third quarter to the last")
    if grown > GROWTH and not SANITIZED:
        yield f"memory grew by {grown / 1024:.0f} KiB, {GROWTH >> 10} KiB are allowed"
    if max(sample[2] for sample in after) > max(sample[2] for sample in before):
        yield "more descriptors in the last quarter than in the one before"


def main():
    skip_unless_possible()
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    begun = time.monotonic()
    samples = measure(2 * requests, seed)
    report(samples)
    plot = BUILD / "leaks.svg"
    plot.write_text(svg(samples))
    wrong = list(faults(samples))
    print(f"{2 * requests} requests with seed {seed} in {time.monotonic() - begun:.0f} s, plotted in {plot}")
    print("\n".join(wrong) or "flat")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
