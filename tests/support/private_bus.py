# SPDX-License-Identifier: Apache-2.0
"""A real dbus-daemon of type system, and the real factord on it, for the tests and for tools/try.

    with PrivateBus() as bus:
        with Factord(bus, config="[Access]\\nAuthorizer=static\\n") as daemon:
            done = bus.run_as("factord-test-a", [bus.publish(FACTORCTL), "passkey", "list"])
            daemon.restart()

What the bus grants is Debian's default policy word for word plus units/org.factord1.conf; only the owner of the name
is replaced by root, whom the tests are run as. Nothing here sleeps: the bus is ready when it has printed its address,
the daemon when it has sent READY=1. Needs root, because callers of several uids are what the tests are about: a test
calls skip_unless_possible() first.
"""
import contextlib
import fcntl
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FACTORD_BUILD") or SOURCE / "build").resolve()
FACTORD = BUILD / "daemon" / "factord"
FACTORCTL = BUILD / "tools" / "factorctl" / "factorctl"
TEST_USERS = ("factord-test-a", "factord-test-b", "factord-test-c", "factord-test-d")
# Generous: it only ends a hang. A thread sanitizer build on a busy machine is some thirty times slower than usual.
DEADLINE = 60.0
SKIPPED = 77
WITHOUT_POLKIT = "[Access]\nAuthorizer=static\n"

# Debian 12's system.conf, <policy context="default"> and the blocks for root, without a change.
DEBIAN_POLICY = """
  <policy context="default">
    <!-- All users can connect to system bus -->
    <allow user="*"/>

    <!-- Holes must be punched in service configuration files for
         name ownership and sending method calls -->
    <deny own="*"/>
    <deny send_type="method_call"/>

    <!-- Signals and reply messages (method returns, errors) are allowed
         by default -->
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>

    <!-- All messages may be received by default -->
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>

    <!-- Allow anyone to talk to the message bus -->
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus" />
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Properties"/>
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Containers1"/>
    <!-- But disallow some specific bus services -->
    <deny send_destination="org.freedesktop.DBus"
          send_interface="org.freedesktop.DBus"
          send_member="UpdateActivationEnvironment"/>
    <deny send_destination="org.freedesktop.DBus"
          send_interface="org.freedesktop.DBus.Debug.Stats"/>
    <deny send_destination="org.freedesktop.DBus"
          send_interface="org.freedesktop.systemd1.Activator"/>
  </policy>

  <!-- Only systemd, which runs as root, may report activation failures. -->
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.systemd1.Activator"/>
  </policy>

  <!-- root may monitor the system bus. -->
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus"
           send_interface="org.freedesktop.DBus.Monitoring"/>
  </policy>
"""

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={folder}/bus</listen>
{policy}
  <includedir>{folder}/system.d</includedir>
</busconfig>
"""

SANITIZER = re.compile(r"(Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|runtime error:")


def skip_unless_possible():
    """Ends the test as skipped (77) where there is no root or no dbus-daemon."""
    missing = [tool for tool in ("dbus-daemon", "setpriv", "useradd") if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        print("skipped: needs root" if os.geteuid() != 0 else f"skipped: no {', '.join(missing)}", file=sys.stderr)
        sys.exit(SKIPPED)


def make_test_users():
    """Creates the test users that are missing. A uid without an account could not even connect to the bus."""
    with open(pathlib.Path(tempfile.gettempdir()) / "factord-test-users.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # useradd fails at once when another test holds /etc/passwd
        for name in TEST_USERS:
            try:
                pwd.getpwnam(name)
            except KeyError:
                subprocess.run(["useradd", "-M", "--no-log-init", "--shell", "/usr/sbin/nologin", name], check=True,
                               stdout=subprocess.DEVNULL)


def as_user(user, argv):
    """The command that runs argv as that user, with that user's groups."""
    argv = [str(word) for word in argv]
    if user == "root":
        return argv
    group = str(pwd.getpwnam(user).pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--", *argv]


def run_as(user, argv, env=None, timeout=DEADLINE, **more):
    """Runs argv as user to its end: a subprocess.CompletedProcess with text in stdout and stderr.

    The environment is a clean one plus env; more goes to subprocess.run (input=, pass_fds=, text=, …)."""
    given = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(env or {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(as_user(user, argv), env=given, timeout=timeout, cwd="/", **options)


class PrivateBus:
    """A dbus-daemon of its own; .address is its address, .pid its process, .folder its temporary folder (0755, gone at the
    end)."""

    def __init__(self, more_policy=""):
        self.more_policy = more_policy  # further XML inside <busconfig>, for services a test brings along
        self.address = None
        self.folder = None
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        make_test_users()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-bus-"))
        self.folder.chmod(0o755)  # mkdtemp makes 0700, in which other uids would not reach the socket
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def run_as(self, user, argv, env=None, **more):
        """run_as() with this bus as the system bus."""
        return run_as(user, argv, env=self.environment(env), **more)

    def environment(self, more=None):
        """What a program needs to find this bus in the place of the system bus."""
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.address, **(more or {})}

    def publish(self, program):
        """A copy of a program or script that every uid may run: a clone below /root is closed to them."""
        copy = self.folder / pathlib.Path(program).name
        if not copy.exists():
            shutil.copy(program, copy)
            copy.chmod(0o755)
        return copy

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        (self.folder / "system.d").mkdir()
        shipped = (SOURCE / "units" / "org.factord1.conf").read_text()
        ours = shipped.replace('<policy user="factord">', '<policy user="root">')
        if ours == shipped:
            raise RuntimeError("units/org.factord1.conf: no policy for the service user")
        (self.folder / "system.d" / "org.factord1.conf").write_text(ours)
        config = self.folder / "bus.conf"
        config.write_text(CONFIG.format(folder=self.folder, policy=DEBIAN_POLICY + self.more_policy))
        self._launch(config)

    def _launch(self, config):
        read_end, write_end = os.pipe()
        with open(read_end) as answer, open(self.folder / "bus.log", "w") as log:
            self._process = subprocess.Popen(
                ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog",
                 f"--print-address={write_end}"],
                pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            os.close(write_end)
            self.address = answer.readline().strip()  # ends without an address if the bus died
        if not self.address:
            raise RuntimeError("dbus-daemon did not start: " + (self.folder / "bus.log").read_text())


class BrokerBus(PrivateBus):
    """The same, by dbus-broker and its launcher. They want no systemd: a listening socket in the way of socket
    activation, and a journal to talk to, which is a socket of ours in a mount namespace of theirs."""

    MISSING = [tool for tool in ("dbus-broker-launch", "dbus-broker", "unshare") if shutil.which(tool) is None]
    _journal = None
    SCRIPT = """mount -t tmpfs none /run && mkdir -p /run/systemd/journal &&
        mount --bind "$0" /run/systemd/journal && exec 3<&"$2" &&
        LISTEN_PID=$$ exec dbus-broker-launch --scope system --config-file "$1"
        """

    def _launch(self, config):
        path, journal = self.folder / "bus", self.folder / "journal"
        journal.mkdir()
        self.address = f"unix:path={path}"
        # dbus-broker ends when its journal goes away, and stands still while it is full
        self._journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._journal.bind(str(journal / "socket"))
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
            path.chmod(0o666)
            listening.listen(1024)
            with open(self.folder / "bus.log", "w") as log:
                self._process = subprocess.Popen(
                    ["unshare", "--mount", "bash", "-c", self.SCRIPT, journal, config, str(listening.fileno())],
                    pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={"PATH": os.environ["PATH"], "LISTEN_FDS": "1", "DBUS_SYSTEM_BUS_ADDRESS": self.address})
        self._await_ready()
        threading.Thread(target=self._keep_journal, daemon=True).start()

    def _keep_journal(self):
        with open(self.folder / "bus.log", "ab") as log:
            while said := self._journal.recv(1 << 16):
                log.write(said)

    def close(self):
        super().close()
        if self._journal is not None:
            self._journal.shutdown(socket.SHUT_RDWR)  # wakes the thread

    def _await_ready(self):
        ended = os.pidfd_open(self._process.pid)
        try:
            while True:
                readable, _, _ = select.select([self._journal, ended], [], [], DEADLINE)
                if self._journal in readable and b"\nMESSAGE=Ready\n" in self._journal.recv(1 << 16):
                    return
                if not readable or ended in readable:
                    raise RuntimeError("dbus-broker did not start: " + (self.folder / "bus.log").read_text())
        finally:
            os.close(ended)


class Factord:
    """The daemon on a PrivateBus, with a store and a key of its own that outlive restart().

    .pid, .stderr (all it has said so far), .state_dir, .key_file. Leaving the with block stops it and fails unless it
    ended with 0; any sanitizer report fails wherever the daemon ends."""

    def __init__(self, bus, config=WITHOUT_POLKIT, state_dir=None, key_file=None, program=None, arguments=(), env=None):
        self.bus = bus
        self.program = program or FACTORD
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-", dir=bus.folder))
        self.state_dir = pathlib.Path(state_dir or self.folder / "state")
        self.state_dir.mkdir(mode=0o700, exist_ok=True)
        self.key_file = pathlib.Path(key_file or self.folder / "master.key")
        self.config_file = self.folder / "factord.conf"
        self.config_file.write_text(config)  # always given, so that no /etc/factord of this machine has a say
        self.arguments = list(arguments)
        self.env = dict(env or {})
        self._stderr = self.folder / "stderr"
        self._process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if self._process is None:
            return
        if kind is not None:  # the test's own failure is the news: show what the daemon said beside it
            self._process.kill()
            self._process.wait()
            self._process = None
            print("--- factord said:\n" + self.stderr, file=sys.stderr)
            return
        code = self.stop()
        if code != 0:
            raise AssertionError(f"factord ended with {code}:\n{self.stderr}")

    @property
    def pid(self):
        return self._process.pid

    @property
    def stderr(self):
        return self._stderr.read_text(errors="replace") if self._stderr.exists() else ""

    def start(self):
        """Returns when the daemon has said READY=1; RuntimeError with its stderr if it ends or hangs before that."""
        with self._notify_socket() as ready:
            self.spawn({"NOTIFY_SOCKET": ready.getsockname()})
            self._await_ready(ready)

    def spawn(self, env=None):
        """Starts it without waiting, for tests of a start that must fail: follow with wait()."""
        argv = [self.program, "--bus", self.bus.address, "--state-dir", self.state_dir, "--key-file", self.key_file,
                "--config", self.config_file, *self.arguments]
        keep = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        with open(self._stderr, "a") as stderr:
            self._process = subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, cwd="/",
                env={"PATH": os.defpath, "LANG": "C.UTF-8", **keep, **self.env, **(env or {})})

    def wait(self, timeout=DEADLINE):
        """The exit status once it has ended by itself; negative for a signal, as subprocess has it."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"factord did not end within {timeout} s:\n{self.stderr}") from None
        finally:
            if self._process.returncode is not None:
                self._process = None
        self.check_sanitizers()
        return code

    def stop(self):
        """SIGTERM, then wait()."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """SIGKILL: a crash at this very moment."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def restart(self):
        """A clean stop and a new start on the same store."""
        code = self.stop()
        if code != 0:
            raise AssertionError(f"factord ended with {code}:\n{self.stderr}")
        self.start()

    def signal(self, number):
        self._process.send_signal(number)

    def check_sanitizers(self):
        if SANITIZER.search(self.stderr):
            raise AssertionError("a sanitizer has found something:\n" + self.stderr)

    @contextlib.contextmanager
    def _notify_socket(self):
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(path))
            path.chmod(0o666)  # for a daemon that a test runs as another user
            yield ready

    def _await_ready(self, ready):
        ended = os.pidfd_open(self._process.pid)
        deadline = time.monotonic() + DEADLINE
        try:
            while True:
                readable, _, _ = select.select([ready, ended], [], [], max(0.0, deadline - time.monotonic()))
                if ready in readable and b"READY=1" in ready.recv(4096).split(b"\n"):
                    return
                if not readable or ended in readable:
                    raise RuntimeError(("factord ended" if readable else "factord hangs") + " before it was ready:\n"
                                       + self.stderr)
        except RuntimeError:
            self._process.kill()
            self._process.wait()
            self._process = None
            raise
        finally:
            os.close(ended)
