# SPDX-License-Identifier: Apache-2.0
"""A program on a pseudo terminal, and a person in front of it."""
import codecs
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

from private_bus import DEADLINE


class Terminal:
    """A program with a pseudo terminal of its own as its controlling one; .shown is what it has written since what was
    last waited for."""

    def __init__(self, argv, env):
        self.shown = ""
        self._text = codecs.getincrementaldecoder("utf-8")()  # half a character may arrive
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        with os.fdopen(slave, "rb", buffering=0) as theirs:
            self.process = subprocess.Popen(
                [str(word) for word in argv], stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd="/",
                start_new_session=True, preexec_fn=self._take)

    @staticmethod
    def _take():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # A shell's background jobs have it ignored, which a program inherits and a shell cannot undo.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def wait_for(self, text):
        """Until the terminal shows text behind what was waited for before; returns what came up to there."""
        while text not in self.shown:
            if not self._read():
                raise AssertionError(f"ended without {text!r}:\n{self.shown}")
        before, _, self.shown = self.shown.partition(text)
        return before

    def wait_for_secret(self, prompt):
        """Likewise, and until what is typed is not shown any more: what was typed before that is thrown away."""
        before = self.wait_for(prompt)
        deadline = time.monotonic() + DEADLINE
        while self.echoes:
            if time.monotonic() > deadline:
                raise AssertionError(f"{prompt!r} shows what is typed")
        return before

    @property
    def echoes(self):
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def type(self, line):
        self.press(line + "\n")

    def press(self, keys):
        os.write(self._master, keys.encode())

    def end(self):
        """The rest of what it shows, and its exit status."""
        while self._read():
            pass
        return self.shown, self.process.wait(DEADLINE)

    def _read(self):
        readable, _, _ = select.select([self._master], [], [], DEADLINE)
        if not readable:
            raise AssertionError(f"nothing more came:\n{self.shown}")
        try:
            more = os.read(self._master, 1 << 16)
        except OSError:  # EIO: nobody has the other end open any more
            return False
        self.shown += self._text.decode(more).replace("\r", "")
        return True
