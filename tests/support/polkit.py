# SPDX-License-Identifier: Apache-2.0
"""The real polkitd on a PrivateBus, with our actions and the rules of the test, and people in front of it.

    with PrivateBus(more_policy=polkit.BUS_POLICY) as bus, Polkit(bus, RULES) as polkit:
        with Agent(bus, caller) as agent:
            agent.will("dismiss")
            ...
            begun = agent.next("begin")

polkitd reads its folders from fixed places: here they lie on other folders in a mount namespace of its own, so that
those of the machine stay out of it and unharmed. Nothing sleeps: polkitd says when it has its name.
"""
import contextlib
import json
import os
import pathlib
import pwd
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import agent_process
import private_bus

POLKITD = "/usr/lib/polkit-1/polkitd"
ACTIONS = private_bus.SOURCE / "units" / "org.factord1.policy"
OWNER = "unix-user:factord"
PYTHON = "/usr/bin/python3"
# Debian's org.freedesktop.PolicyKit1.conf, word for word: without the last block no agent is reached.
BUS_POLICY = """
  <policy user="polkitd">
    <allow own="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy context="default">
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="polkitd">
    <allow send_interface="org.freedesktop.PolicyKit1.AuthenticationAgent"/>
  </policy>
"""
# Whom polkit takes for an administrator, where a default says auth_admin.
ADMINISTRATORS = 'polkit.addAdminRule(function(action, subject) { return ["unix-user:root"]; });\n'
# b may read, c may nothing, d has but what the details say; a is asked what the defaults want.
RULES_BY_USER = """
polkit.addRule(function(action, subject) {
  if (action.id.indexOf("org.factord1.") != 0) return undefined;
  if (subject.user == "factord-test-b") return action.id == "org.factord1.user.read" ? polkit.Result.YES : undefined;
  if (subject.user == "factord-test-c") return polkit.Result.NO;
  if (subject.user == "factord-test-d")
    return action.lookup("org") == "acme" && action.lookup("user") == "someone" &&
           action.lookup("method") == "ListTOTP" ? polkit.Result.YES : polkit.Result.NO;
  return undefined;
});
"""


def skip_unless_possible():
    private_bus.skip_unless_possible()
    missing = [tool for tool in (POLKITD, "unshare", "mount") if shutil.which(tool) is None]
    if missing:
        print(f"skipped: no {', '.join(missing)}", file=sys.stderr)
        sys.exit(private_bus.SKIPPED)


class Lines:
    """Lines of a file, read as they come: who writes them must not have to wait until somebody wants them."""

    def __init__(self, file):
        self._lines = queue.Queue()
        threading.Thread(target=self._read, args=(file,), daemon=True).start()

    def _read(self, file):
        for line in file:
            self._lines.put(line.decode(errors="replace").removesuffix("\n"))
        self._lines.put(None)

    def next(self, timeout=private_bus.DEADLINE):
        """The next line without its end; None when there will be none any more."""
        try:
            return self._lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"no line within {timeout} s") from None


class Polkit:
    """polkitd; .said is all that it has written so far, polkit.log() of the rules among it."""

    def __init__(self, bus, rules="", owner=OWNER, actions=None):
        self.bus = bus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="polkit-", dir=bus.folder))
        self.folder.chmod(0o755)
        self.said = []
        self._process = None
        for name in ("rules.d", "actions"):
            (self.folder / name).mkdir()
        self.write_rules(rules)
        text = ACTIONS.read_text() if actions is None else actions
        (self.folder / "actions" / "org.factord1.policy").write_text(text.replace(OWNER, owner))

    def write_rules(self, rules):
        """Before start(): polkitd reads them again by itself, but does not say when it has."""
        place = self.folder / "rules.d" / "10-test.rules"
        place.write_text(ADMINISTRATORS + rules)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self.kill()

    def start(self):
        """Returns when polkitd owns its name."""
        script = (f"mount --bind {self.folder}/rules.d /etc/polkit-1/rules.d && "
                  f"mount --bind {self.folder}/none /usr/share/polkit-1/rules.d && "
                  f"mount --bind {self.folder}/actions /usr/share/polkit-1/actions && exec {POLKITD}")
        (self.folder / "none").mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd="/", text=True, errors="replace",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **self.bus.environment()})
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout, ready))
        self._reader.start()
        if not ready.wait(private_bus.DEADLINE) or self._process.poll() is not None:
            self.kill()
            raise RuntimeError("polkitd did not start:\n" + "".join(self.said))

    def _read(self, stdout, ready):
        """To its end: a polkitd that nobody listens to would stop in the middle of a word."""
        for line in stdout:
            self.said.append(line)
            if "Acquired the name org.freedesktop.PolicyKit1" in line:
                ready.set()
        ready.set()

    def given_up(self):
        """How often polkitd took a rule for an endless one and said no by itself: 122 can miss that a rule has ended."""
        return sum("Terminating runaway script" in line for line in self.said)

    def stop(self):
        """Stopped as by a debugger: it owns its name and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """Gone at this very moment."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._process = None

    def restart(self):
        self.kill()
        self.start()


class Agent:
    """An authentication agent for the process behind a Caller; what polkit tells it is waited for by next()."""

    def __init__(self, bus, caller, behaviour="accept", locale="C"):
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lines = Lines(self._channel.makefile("rb"))
        with theirs:
            self._process = subprocess.Popen(
                [PYTHON, "-I", agent_process.__file__, str(theirs.fileno()), bus.address, str(caller.pid), locale],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd="/")
        try:
            self.next("registered")
            self.will(behaviour)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def will(self, behaviour):
        """From the next question on: accept (the password is right), dismiss (Cancel is pressed) or hang."""
        self._channel.sendall(behaviour.encode() + b"\n")
        self.next("obeys")

    def next(self, kind):
        """The next thing that happened, which must be of this kind: begin (a dialog opens) or cancel (it is closed)."""
        line = self._lines.next()
        if line is None:
            raise AssertionError("the agent has ended")
        event = json.loads(line)
        if event.pop("event") != kind:
            raise AssertionError(f"{kind} was expected, not {line}")
        return event

    def close(self):
        with contextlib.suppress(OSError):  # closed before
            self._channel.shutdown(socket.SHUT_RDWR)  # the reader of lines has it open, too
        self._channel.close()
        try:
            self._process.wait(private_bus.DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def shipped_defaults():
    """What units/org.factord1.policy says of any: {permission: default}."""
    return dict(re.findall(r'<action id="org\.factord1\.([\w.]+)">.*?<allow_any>(\w+)</allow_any>', ACTIONS.read_text(),
                           re.DOTALL))


def uid_of(user):
    return pwd.getpwnam(user).pw_uid


def gid_of(user):
    return pwd.getpwnam(user).pw_gid
