#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The one-way rule of includes, the one place of each library, and no time or randomness but what is passed in."""
import fnmatch
import re

from tree import Lint

# Folder -> the folders of ours its files may include; the longest matching folder counts.
MAY_INCLUDE = {
    "core": ["core"],
    "storage": ["core", "storage"],
    "ipc": ["core", "ipc"],
    "daemon": ["core", "storage", "ipc", "daemon", "daemon/webauthn", "daemon/otp"],
    "daemon/webauthn": ["core", "daemon/webauthn"],
    "daemon/otp": ["core", "daemon/otp"],
    "tools/factorctl": ["core", "ipc", "tools/factorctl"],
}
GENERATED = {"record.pb.h": "storage", "schema_sql.hpp": "storage", "status.pb.h": "ipc"}

# Header of a library -> the files that may know it.
LIBRARIES = {
    "sdbus-c++/*": ["ipc/bus.*", "tests/bench/*"],  # the one place that knows its version
    "sqlite3.h": ["storage/sqlite*", "tests/unit/storage/*", "tests/bench/*"],
    "sodium.h": ["core/*", "storage/*", "daemon/webauthn/*", "daemon/otp/*", "tests/*"],
    "openssl/*": ["daemon/webauthn/*", "daemon/otp/*", "tests/*"],
    "cbor.h": ["daemon/webauthn/*", "tests/*"],
    "rapidjson/*": ["daemon/webauthn/strict_json.cpp"],
    "nlohmann/*": ["daemon/webauthn/*", "tests/*", "tools/factorctl/*"],
    "google/protobuf/*": ["storage/*", "ipc/*", "tools/factorctl/*", "tests/*"],
    "systemd/sd-bus*": ["ipc/*", "tests/*"],
    "systemd/sd-journal.h": ["core/log.cpp"],
    "catch2/*": ["tests/support/catch*"],
}

# What reads a clock or draws randomness -> where that is right, and why.
SOURCES = [
    (r"(system|utc|file)_clock::now|\bgettimeofday\b|\b(std)?(::)?time\s*\(\s*(nullptr|NULL|0|&)", "the time of day",
     {"core/clock.cpp": "the one clock"}),
    (r"(steady|high_resolution)_clock::now|\bclock_gettime\b|\bsd_event_now\b", "a monotonic clock",
     {"core/clock.cpp": "the one clock",
      "core/log.cpp": "rate of log lines",
      "ipc/polkit_authorizer.cpp": "rate of log lines",
      "ipc/screen.cpp": "rate of log lines",
      "ipc/secret_input.cpp": "deadline of a descriptor's writer",
      "ipc/client.cpp": "timeout of a call",
      "ipc/bus.cpp": "timers of the bus",
      "daemon/accounts.cpp": "age of a cached look-up",
      "daemon/batch.cpp": "gather window of a batch",
      "tests/*": "deadlines and measurements"}),
    (r"\brandombytes\w*|\bgetrandom\b|\bgetentropy\b|\brandom_device\b|\bRAND_\w*bytes\b|\bmt19937|"
     r"\barc4random|\bdrand48\b|\bsrand(om)?\b|(?<![\w.>])rand\s*\(",
     "randomness", {"core/random.cpp": "the one source", "tests/support/*": "keys of the software authenticator"}),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def covers(patterns, path):
    return any(fnmatch.fnmatch(str(path), pattern) for pattern in patterns)


def layer_of(path):
    """The longest folder of the rule that holds the path; None where no rule is made (tests)."""
    return max((folder for folder in MAY_INCLUDE if str(path).startswith(folder + "/")), key=len, default=None)


def check_own(lint, path, number, target):
    folder = layer_of(path)
    if "/" not in target:
        owner = GENERATED.get(target)
        if owner is None:
            lint.fault(path, number, f'"{target}": write includes from the root of the repository')
            return
        target = f"{owner}/{target}"
    if folder is not None and layer_of(target) not in MAY_INCLUDE[folder]:
        lint.fault(path, number, f'{folder} must not include "{target}"')


def check_library(lint, path, number, target):
    for header, places in LIBRARIES.items():
        if fnmatch.fnmatch(target, header) and not covers(places, path):
            lint.fault(path, number, f"<{target}> belongs in {', '.join(places)} only")


def main():
    lint = Lint()
    for path in lint.files("*.cpp", "*.hpp"):
        for number, line in lint.lines(path):
            if found := INCLUDE.match(line):
                (check_own if found[1] == '"' else check_library)(lint, path, number, found[2])
        for number, line in lint.code_lines(path):
            for pattern, what, places in SOURCES:
                if re.search(pattern, line) and not covers(places, path):
                    lint.fault(path, number, f"takes {what} by itself: have it passed in")
    lint.end()


main()
