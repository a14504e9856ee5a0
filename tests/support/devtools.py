# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium under control of its DevTools protocol, for tests that need a real browser.

    with Browser() as browser:
        page = browser.open("http://localhost:8000/")
        page.add_authenticator(protocol="ctap2", transport="usb")
        answer = page.call("async (a, b) => a + b", 1, 2)

One thread, nothing beyond the standard library: the protocol runs over --remote-debugging-pipe, which is JSON ended by
NUL bytes on the browser's descriptors 3 and 4. https://chromedevtools.github.io/devtools-protocol/
"""
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import sys
import tempfile
import time

CHROMIUM = "/usr/bin/chromium"
SKIPPED = 77
DEADLINE = 60.0  # only ends a hang
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--remote-debugging-pipe")


class PageError(Exception):
    """What the page threw: .name is the name of its DOMException, or that of its Error."""

    def __init__(self, description):
        super().__init__(description)
        self.name = description.split(":", 1)[0]


def skip_without_browser():
    """Ends the test as skipped (77) where there is no Chromium."""
    if shutil.which(CHROMIUM) is None:
        print(f"skipped: no {CHROMIUM}", file=sys.stderr)
        sys.exit(SKIPPED)


def out_of_the_way(fd):
    """The same descriptor with a number that is neither 3 nor 4, closed on exec."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return moved


class Browser:
    """One Chromium with a profile of its own, gone at the end."""

    def __init__(self):
        self._folder = None
        self._pid = None
        self._pipes = []
        self._unread = b""
        self._last_id = 0
        self._events = []

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-browser-"))
        try:
            self._start()
            self.send("Browser.getVersion")  # an answer means that it is there
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def open(self, url):
        """A Page that has loaded url, in a browser context of its own, with the focus that WebAuthn insists on."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, context)
        page.send("Page.enable")
        page.send("Emulation.setFocusEmulationEnabled", enabled=True)
        page.send("WebAuthn.enable", enableUI=False)
        failure = page.send("Page.navigate", url=url).get("errorText")
        if failure:
            raise RuntimeError(f"{url}: {failure}")
        self._await_event("Page.loadEventFired", session)
        return page

    def send(self, method, session=None, **params):
        """Sends one command and returns its result; RuntimeError if the browser refuses it, ends, or says nothing."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._write(json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + DEADLINE
        while True:
            answer = self._read(deadline)
            if answer.get("id") == self._last_id:
                break
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def close(self):
        if self._pid is not None:
            os.killpg(self._pid, signal.SIGKILL)  # with its renderers; the profile is thrown away anyway
            os.waitpid(self._pid, 0)
            self._pid = None
        for fd in self._pipes:
            os.close(fd)
        self._pipes = []
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self):
        commands_in, commands = os.pipe()
        answers, answers_out = os.pipe()
        theirs = [out_of_the_way(commands_in), out_of_the_way(answers_out)]
        self._pipes = [out_of_the_way(commands), out_of_the_way(answers)]
        log = os.open(self._folder / "log", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        wanted = {0: nothing, 1: log, 2: log, 3: theirs[0], 4: theirs[1]}
        self._pid = os.posix_spawn(
            CHROMIUM, [CHROMIUM, *FLAGS, f"--user-data-dir={self._folder}/profile", "about:blank"],
            {"PATH": os.defpath, "HOME": str(self._folder), "LANG": "C.UTF-8"}, setpgroup=0,
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in wanted.items()])
        for fd in (*theirs, log, nothing):
            os.close(fd)

    def _write(self, data):
        try:
            while data:
                data = data[os.write(self._pipes[0], data):]
        except BrokenPipeError:
            self._fail("Chromium has ended")

    def _read(self, deadline):
        while b"\0" not in self._unread:
            readable, _, _ = select.select([self._pipes[1]], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                self._fail("Chromium does not answer")
            more = os.read(self._pipes[1], 1 << 16)
            if not more:
                self._fail("Chromium has ended")
            self._unread += more
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)

    def _await_event(self, method, session):
        deadline = time.monotonic() + DEADLINE
        while True:
            for event in self._events:
                if event.get("method") == method and event.get("sessionId") == session:
                    self._events.remove(event)
                    return
            self._events.append(self._read(deadline))

    def _fail(self, what):
        raise RuntimeError(f"{what}:\n" + (self._folder / "log").read_text(errors="replace"))


class Page:
    """One open page; its authenticators are its own."""

    def __init__(self, browser, session, context):
        self._browser = browser
        self._session = session
        self._context = context

    def close(self):
        self._browser.send("Target.disposeBrowserContext", browserContextId=self._context)

    def send(self, method, **params):
        return self._browser.send(method, session=self._session, **params)

    def call(self, function, *arguments):
        """Calls a JavaScript function in the page, awaits what it promises and returns that; throws PageError."""
        words = ", ".join(json.dumps(argument) for argument in arguments)
        answer = self.send("Runtime.evaluate", expression=f"({function})({words})", awaitPromise=True,
                           returnByValue=True, userGesture=True)
        thrown = answer.get("exceptionDetails")
        if thrown:
            raise PageError(thrown.get("exception", {}).get("description") or thrown.get("text", ""))
        return answer["result"].get("value")

    def add_authenticator(self, **options):
        """A virtual authenticator at this page that touches itself; options as WebAuthn.VirtualAuthenticatorOptions."""
        return self.send("WebAuthn.addVirtualAuthenticator",
                         options={"automaticPresenceSimulation": True, **options})["authenticatorId"]
