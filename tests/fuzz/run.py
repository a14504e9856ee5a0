#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run.py BUILD SECONDS [TARGET...]: runs the fuzz targets in BUILD for SECONDS each, two at a time, from the inputs in
corpus/ and regressions/. Prints one line a target to stderr, "PASSED FAILED SKIPPED" to stdout. What breaks a target is
shown and kept in BUILD/found; checked in as regressions/TARGET/NAME.bin it is tried by every run."""
import base64
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Target:
    longest: int  # input, in bytes
    dictionary: str = ""
    options: tuple = ()


TARGETS = {
    "authenticator_data": Target(2_048, "cbor"),
    "base32_seed": Target(512),
    "cbor": Target(4_096, "cbor"),
    "ceremony": Target(128, options=("-len_control=0",)),  # a short input is a ceremony without changes
    "certificate": Target(4_096, "der"),
    "client_data": Target(4_096, "json"),
    "cose_key": Target(2_048, "cbor"),
    "credential": Target(16_384, "json"),
    "json": Target(4_096, "json"),
    "metadata": Target(8_192, "metadata"),
    "otpauth": Target(2_048, "otpauth"),
    **{f"statement_{name}": Target(8_192, "cbor")
       for name in ("android_key", "apple", "compound", "fido_u2f", "none", "packed", "tpm")},
}
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def command(build, name, seconds, scratch):
    target = TARGETS[name]
    folders = [scratch, *(path for path in (HERE / "corpus" / name, HERE / "regressions" / name) if path.is_dir())]
    options = [f"-max_total_time={seconds}", f"-max_len={target.longest}", "-timeout=10", "-rss_limit_mb=1024",
               "-print_final_stats=1", *target.options, f"-artifact_prefix={build}/found/{name}-"]
    if target.dictionary:
        options.append(f"-dict={HERE}/dictionaries/{target.dictionary}")
    return [f"{build}/tests/fuzz/fuzz-{name}", *options, *folders]


def last(pattern, text, otherwise="?"):
    found = re.findall(pattern, text, re.M)
    return found[-1] if found else otherwise


def report(name, output):
    """What the engine tells in its last lines. Coverage counts edges, features also how often each was passed."""
    print(f"  fuzz {name}: {last(r'stat::number_of_executed_units: (.*)', output)} executions, "
          f"{last(r'stat::average_exec_per_sec: +(.*)', output)}/s, cov {last(r' cov: ([0-9]+)', output)}, "
          f"ft {last(r' ft: ([0-9]+)', output)}, corpus {last(r' corp: ([0-9]+)', output)}, "
          f"{last(r'stat::peak_rss_mb: +(.*)', output)} MiB", file=sys.stderr)


def report_failure(name, output):
    print(f"  fuzz {name}: FAILED", file=sys.stderr)
    for line in output.splitlines()[-60:]:
        print(f"    {line}", file=sys.stderr)
    artifact = pathlib.Path(last(r"Test unit written to (.*)", output, "/nonexistent"))
    if artifact.is_file():
        print(f"    base64 of {artifact}: {base64.b64encode(artifact.read_bytes()).decode()}", file=sys.stderr)


def run(build, name, seconds):
    # The engine writes what it finds into the first folder, which is not the tree's
    with tempfile.TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(command(build, name, seconds, scratch), env={**os.environ, **ENVIRONMENT}, text=True,
                                  errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as error:
            print(f"  fuzz {name}: FAILED: {error}", file=sys.stderr)
            return False
        (report if done.returncode == 0 else report_failure)(name, done.stdout)
        keep_corpus(name, scratch)
        return done.returncode == 0


def keep_corpus(name, scratch):
    """FACTORD_FUZZ_KEEP: a folder for what a long run has found, to start the next one from or to pick seeds from."""
    if folder := os.environ.get("FACTORD_FUZZ_KEEP"):
        shutil.copytree(scratch, pathlib.Path(folder) / name, dirs_exist_ok=True)


def main():
    build, seconds, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:] or list(TARGETS)
    (build / "found").mkdir(exist_ok=True)
    unlisted = {path.name for path in (build / "tests/fuzz").glob("fuzz-*") if path.is_file()} - {f"fuzz-{name}" for name in TARGETS}
    for name in sorted(unlisted):
        print(f"  fuzz: FAILED: {name} is built, but not in the table of run.py", file=sys.stderr)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        good = list(pool.map(lambda name: run(build, name, seconds), names))
    failed = good.count(False) + len(unlisted)
    print(good.count(True), failed, 0)
    sys.exit(1 if failed else 0)


main()
