# SPDX-License-Identifier: Apache-2.0
"""factorctl on a terminal asks for the password that polkit wants, by polkit's own text agent (pkttyagent) and PAM: the
real ones, on a pseudo terminal. Without a terminal nobody is ever asked.

The part of the agent that checks the password is setuid, clears its environment and talks to the system bus at its
fixed place. So all of it runs in a mount namespace in which the private bus is there, and in which the test user has a
password; the machine's own bus and /etc/shadow are not touched.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import polkit  # noqa: E402
import private_bus  # noqa: E402
from bus_case import BusCase  # noqa: E402
from bus_monitor import Monitor  # noqa: E402
from enrolment import CONFIG, PASSKEY, Person  # noqa: E402
from private_bus import FACTORCTL, as_user  # noqa: E402
from raw_bus import MEMBER  # noqa: E402
from terminal import Terminal  # noqa: E402

A, B = "factord-test-a", "factord-test-b"
PASSWORD, WRONG = "correct horse", "battery staple"
PROMPT = "Password: "
REFUSED = "No matching permissions found (AUTH-AWfge)"
AUTHORITY = "interface='org.freedesktop.PolicyKit1.Authority'"
TOOLS = ("pkttyagent", "unshare", "openssl", "/usr/lib/polkit-1/polkit-agent-helper-1", "/usr/lib/pam.d/polkit-1")
# a has to give the password for every change of the own factors, as shipped; b may do so without.
RULES = f"""
polkit.addRule(function(action, subject) {{
  if (subject.user == "{B}" && action.id == "org.factord1.self.write") return polkit.Result.YES;
  return undefined;
}});
"""


def shadow_with(user, password):
    """/etc/shadow as it would be if that user had that password."""
    hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, check=True,
                            stdout=subprocess.PIPE).stdout.strip()
    lines = [line.split(":") for line in pathlib.Path("/etc/shadow").read_text().splitlines()]
    return "".join(":".join([name, hashed if name == user else before, *rest]) + "\n"
                   for name, before, *rest in lines)


class TextAgent(BusCase):
    CONFIG = CONFIG.replace("Authorizer=static", "Authorizer=polkit")
    BUS_POLICY = polkit.BUS_POLICY

    @classmethod
    def setUpClass(cls):
        polkit.skip_unless_possible()
        super().setUpClass()
        cls.shadow = cls.bus.folder / "shadow"
        cls.shadow.touch(mode=0o600)
        cls.shadow.write_text(shadow_with(A, PASSWORD))

    def setUp(self):
        """A polkitd for each test: 122 can stop for good when an agent ends with its dialog open (docs/access.md), as
        it does when it is interrupted."""
        self.polkit = self.enterContext(polkit.Polkit(self.bus, RULES))

    def command(self, user, *words, session=""):
        """A shell line's words as that user, with the private bus and the password in their places; and for logind's
        library that user's session, if there is one."""
        place = ("mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/dbus && "
                 f"ln -s {self.bus.folder}/bus /run/dbus/system_bus_socket && "
                 f"mount --bind {self.shadow} /etc/shadow && ")
        if session:
            place += f"mkdir -p /run/systemd/users && echo DISPLAY={session} > /run/systemd/users/{polkit.uid_of(user)} && "
        return ["unshare", "--mount", "sh", "-c", place + 'exec "$@"', "sh", *as_user(user, words)]

    def factorctl(self, user, *words):
        return self.command(user, self.bus.publish(FACTORCTL), *words)

    @property
    def environment(self):
        return self.bus.environment({"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"})

    @contextlib.contextmanager
    def removing(self, user=A):
        """A terminal on which a passkey of that user is to be removed, and a way to see whether it is still there."""
        person = Person(self.root, user)
        passkey = person.enrol(PASSKEY)
        with Terminal(self.factorctl(user, "passkey", "remove", passkey, "--yes"), self.environment) as terminal:
            yield terminal, lambda: passkey in [item["id"] for item in person.list(PASSKEY)[0]]

    def test_the_right_password_lets_one_change_ones_own_factors(self):
        with self.removing() as (terminal, is_there):
            shown = terminal.wait_for_secret(PROMPT)
            self.assertIn("AUTHENTICATING FOR org.factord1.self.write", shown)
            self.assertIn("Authentication is required to change your own passkeys", shown)
            self.assertIn(A, shown)
            self.assertTrue(is_there())
            terminal.type(PASSWORD)
            rest, status = terminal.end()
            self.assertEqual(status, 0, rest)
            self.assertIn("AUTHENTICATION COMPLETE", rest)
            self.assertIn("Passkey removed", rest)
            self.assertNotIn(PASSWORD, rest)
            self.assertFalse(is_there())

    def test_the_daemon_s_answer_comes_as_ever_with_json(self):
        argv = self.factorctl(A, "--json", "u2f", "register")
        with Terminal(argv, self.environment) as terminal:
            terminal.wait_for_secret(PROMPT)
            terminal.type(PASSWORD)
            terminal.wait_for("AUTHENTICATION COMPLETE")
            rest, status = terminal.end()
        self.assertEqual(status, 0, rest)
        self.assertIn("u2fId", json.loads(rest[rest.index("{"):]))

    def test_a_wrong_password_is_refused(self):
        with self.removing() as (terminal, is_there):
            terminal.wait_for_secret(PROMPT)
            terminal.type(WRONG)
            rest, status = terminal.end()
            self.assertEqual(status, 7, rest)
            self.assertIn("AUTHENTICATION FAILED", rest)
            self.assertTrue(rest.endswith(f"factorctl: {REFUSED}\n"), rest)
            self.assertNotIn(WRONG, rest)
            self.assertTrue(is_there())

    def test_an_empty_password_and_the_end_of_the_input_are_refused(self):
        for key in ("\n", "\x04"):
            with self.removing() as (terminal, is_there):
                terminal.wait_for_secret(PROMPT)
                terminal.press(key)
                rest, status = terminal.end()
                self.assertEqual(status, 7, rest)
                self.assertTrue(is_there())

    def test_after_an_interruption_what_is_typed_can_be_seen_again(self):
        script = f"trap : INT; stty -a; {self.bus.publish(FACTORCTL)} u2f register; echo ended with $?; stty -a"
        with Terminal(self.command(A, "sh", "-c", script), self.environment) as terminal:
            self.assertIn(" echo ", terminal.wait_for_secret(PROMPT))
            self.assertFalse(terminal.echoes)
            terminal.press("\x03")
            terminal.wait_for("ended with 130")
            self.assertIn(" echo ", terminal.end()[0])

    def test_in_a_session_it_only_stands_in_for_a_desktop_s_agent(self):
        argv = self.command(A, self.bus.publish(FACTORCTL), "u2f", "register", session="c1")
        with Monitor(self.bus, AUTHORITY) as monitor, Terminal(argv, self.environment) as terminal:
            terminal.end()
            registered, = (call for call in monitor.seen() if call.fields[MEMBER].startswith("Register"))
        self.assertEqual(registered.fields[MEMBER], "RegisterAuthenticationAgentWithOptions")
        self.assertEqual(registered.body[-1], {"fallback": True})

    def test_outside_of_a_session_there_is_none_to_go_first(self):
        with Monitor(self.bus, AUTHORITY) as monitor, self.removing() as (terminal, _):
            terminal.wait_for_secret(PROMPT)
            registered, = (call for call in monitor.seen() if call.fields[MEMBER].startswith("Register"))
        self.assertEqual(registered.fields[MEMBER], "RegisterAuthenticationAgent")

    def test_who_needs_no_password_is_not_asked_for_one(self):
        with Monitor(self.bus, AUTHORITY) as monitor, self.removing(B) as (terminal, is_there):
            rest, status = terminal.end()
            self.assertEqual(status, 0, rest)
            self.assertNotIn("Password", rest)
            self.assertFalse(is_there())
            self.assertEqual({call.fields[MEMBER] for call in monitor.seen()}, {"CheckAuthorization"})

    def test_without_polkit_the_refusal_is_plain(self):
        argv = self.factorctl(A, "u2f", "register")
        self.polkit.kill()
        with Terminal(argv, self.environment) as terminal:
            self.assertEqual(terminal.end(), (f"factorctl: {REFUSED}\n", 7))

    def test_without_a_terminal_nobody_is_asked(self):
        person = Person(self.root, A)
        passkey = person.enrol(PASSKEY)
        argv = self.factorctl(A, "passkey", "remove", passkey)
        with Monitor(self.bus, AUTHORITY) as monitor:
            for given in ({"stdin": subprocess.DEVNULL}, {"input": f"{PASSWORD}\n"}):
                done = subprocess.run(argv, env=self.environment, cwd="/", text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, timeout=private_bus.DEADLINE, start_new_session=True,
                                      **given)
                self.assertEqual((done.returncode, done.stdout), (7, ""))
                self.assertEqual(done.stderr, f"factorctl: {REFUSED}\n")
            self.assertEqual({call.fields[MEMBER] for call in monitor.seen()}, {"CheckAuthorization"})
        self.assertIn(passkey, [item["id"] for item in person.list(PASSKEY)[0]])

    def test_nor_where_the_input_comes_from_elsewhere_on_a_terminal(self):
        argv = self.command(A, "sh", "-c", f"{self.bus.publish(FACTORCTL)} passkey remove x < /dev/null")
        with Monitor(self.bus, AUTHORITY) as monitor, Terminal(argv, self.environment) as terminal:
            self.assertEqual(terminal.end(), (f"factorctl: {REFUSED}\n", 7))
            self.assertEqual({call.fields[MEMBER] for call in monitor.seen()}, {"CheckAuthorization"})


if __name__ == "__main__":
    private_bus.skip_unless_possible()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None and not os.path.exists(tool)]
    if missing:
        print(f"skipped: no {', '.join(missing)}", file=sys.stderr)
        sys.exit(private_bus.SKIPPED)
    unittest.main()
