#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed for systemd and the bus holds together: systemd reads the unit without a word and finds it well
shut in, the bus opens just the interfaces of the contract, the example configuration names just the daemon's keys."""
import configparser
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

from tree import Lint

EXPOSURE = 3  # in tenths, as systemd-analyze takes it: 0.3
STANDARD = {f"org.freedesktop.DBus.{name}" for name in ("Introspectable", "Peer", "Properties")}
# What the daemon itself may call beyond what everybody may: how much of what it has sent is not read
OWN_CALL = {"send_destination": "org.freedesktop.DBus", "send_interface": "org.freedesktop.DBus.Debug.Stats",
            "send_member": "GetConnectionStats"}
INTERFACES = "ipc/org.factord1.xml"


def say(*command):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.strip()


def check_service(lint):
    path = "units/factord.service.in"
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "factord.service"
        # Whether the daemon is installed on this machine is not the question
        unit.write_text(lint.text(path).replace("@libexecdir@/factord", shutil.which("true")))
        code, _, said = say("systemd-analyze", "verify", "--man=no", unit)
        if code != 0 or said:  # unknown keys and bad values are only printed
            lint.fault(path, 1, said or f"systemd-analyze verify ends with {code}")
        code, table, said = say("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", unit)
        if code != 0 or said:
            lint.fault(path, 1, said or f"more exposed than {EXPOSURE / 10}: {table.strip().splitlines()[-1]}")


def check_sysusers(lint):
    path = "units/sysusers.d/factord.conf"
    code, _, said = say("systemd-sysusers", "--dry-run", lint.root / path)
    said = "\n".join(line for line in said.splitlines() if not re.match(r"(Creating|Would write|Suggested)", line))
    if code != 0 or said:
        lint.fault(path, 1, said or f"systemd-sysusers ends with {code}")


def check_tmpfiles(lint):
    path = "units/tmpfiles.d/factord.conf"
    for number, line in lint.lines(path):
        if line and not line.startswith("#") and not re.fullmatch(r"[a-zA-Z][!+-]? /\S+( \S+){3,5}", line):
            lint.fault(path, number, f"not a line of tmpfiles.d: {line}")


def check_activation(lint):
    path = "units/org.factord1.service"
    keys = configparser.ConfigParser(delimiters="=")
    keys.optionxform = str
    keys.read_string(lint.text(path))
    wanted = {"Name": "org.factord1", "User": "factord", "Exec": "/bin/false", "SystemdService": "factord.service"}
    if dict(keys["D-BUS Service"]) != wanted:
        lint.fault(path, 1, f"must say just {wanted}")


def check_policy(lint):
    path = "units/org.factord1.conf"
    policy = xml.etree.ElementTree.fromstring(lint.text(path))
    owners = {block.get("user") for block in policy.iter("policy") if block.find("allow[@own]") is not None}
    if owners != {"factord"}:
        lint.fault(path, 1, f"the name may be owned by {owners}: it must be factord alone")
    own_rules = policy.findall("policy[@user]/allow")
    if any(rule.get("own") is None and rule.attrib != OWN_CALL for rule in own_rules):
        lint.fault(path, 1, f"the service user may call more than {OWN_CALL}")
    opened = [rule for rule in policy.iter("allow") if rule not in own_rules]
    if any(rule.get("send_destination") != "org.factord1" or rule.get("send_interface") is None for rule in opened):
        lint.fault(path, 1, "a rule that is not about one interface of org.factord1")
    if (lint.root / INTERFACES).is_file():
        contract = xml.etree.ElementTree.fromstring(lint.text(INTERFACES))
        wanted = STANDARD | {interface.get("name") for interface in contract.iter("interface")}
        for name in wanted ^ {rule.get("send_interface") for rule in opened}:
            lint.fault(path, 1, f"{name} is {'not opened' if name in wanted else 'opened, but not in ' + INTERFACES}")


def check_example(lint):
    path = "units/factord.conf"
    shown = {}
    for number, line in lint.lines(path):
        if found := re.match(r"\[(\w+)\]$|#(\w+)=", line):
            shown.setdefault(found[1] or found[2], number)
        elif line and not line.startswith("# "):
            lint.fault(path, number, "the example sets nothing: comment the line out")
    known = set(re.findall(r'\{"([A-Z]\w+)",', lint.text("daemon/config.cpp")))
    for name in sorted(known - set(shown)):
        lint.fault(path, 1, f"{name} is not shown")
    for name in sorted(set(shown) - known):
        lint.fault(path, shown[name], f"{name} is unknown to daemon/config.cpp")


def main():
    if shutil.which("systemd-analyze") is None or shutil.which("systemd-sysusers") is None:
        print("skipped: no systemd")
        sys.exit(77)
    lint = Lint()
    for check in (check_service, check_sysusers, check_tmpfiles, check_activation, check_policy, check_example):
        check(lint)
    lint.end()


main()
