# SPDX-License-Identifier: Apache-2.0
"""The process behind polkit.Agent: an authentication agent of polkit whose answers are scripted.

    agent_process.py SOCKET_FD BUS_ADDRESS PID LOCALE

Registers for that process, as uid 0, which alone may say that somebody has authenticated. Sends a line of JSON for
everything it is told, and reads lines with the word for what to do with the next questions: accept, dismiss or hang.
"""
import json
import socket
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

POLKIT = "org.freedesktop.PolicyKit1"
AUTHORITY = "/org/freedesktop/PolicyKit1/Authority"
AGENT = POLKIT + ".AuthenticationAgent"
PATH = "/org/factord1/test/agent"


def start_time(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[19])


class Cancelled(dbus.DBusException):
    _dbus_error_name = POLKIT + ".Error.Cancelled"


class Agent(dbus.service.Object):
    def __init__(self, connection, parent):
        super().__init__(connection, PATH)
        self.parent = parent
        self.behaviour = "accept"
        self.hanging = []
        proxy = connection.get_object(POLKIT, AUTHORITY, introspect=False)
        self.authority = dbus.Interface(proxy, POLKIT + ".Authority")

    def register(self, pid, locale):
        process = {"pid": dbus.UInt32(pid), "start-time": dbus.UInt64(start_time(pid))}
        self.authority.RegisterAuthenticationAgent(
            dbus.Struct(("unix-process", dbus.Dictionary(process, signature="sv")), signature="sa{sv}"), locale, PATH)
        self.tell(event="registered")

    def tell(self, **event):
        self.parent.sendall(json.dumps(event).encode() + b"\n")

    @dbus.service.method(AGENT, in_signature="sssa{ss}sa(sa{sv})",
                         async_callbacks=("done", "failed"))
    def BeginAuthentication(self, action, message, icon, details, cookie, identities, done, failed):
        self.tell(event="begin", action=action, message=message, icon=icon, details=dict(details), cookie=cookie,
                  identities=[int(about["uid"]) for kind, about in identities if kind == "unix-user"])
        if self.behaviour == "hang":
            self.hanging.append(failed)
        elif self.behaviour == "dismiss":
            failed(Cancelled("dismissed"))
        else:
            self.authority.AuthenticationAgentResponse2(dbus.UInt32(0), cookie, identities[0], reply_handler=done,
                                                        error_handler=failed)

    @dbus.service.method(AGENT, in_signature="s")
    def CancelAuthentication(self, cookie):
        # BeginAuthentication stays unanswered. polkitd 122 does not need the answer any more, and may hang for good when
        # it comes at the very moment of the cancellation: its main thread then wants the connection's lock while GDBus's
        # thread holds it and waits for the cancellation to be over.
        self.tell(event="cancel", cookie=cookie)


def main():
    fd, address, pid, locale = sys.argv[1:]
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    loop = GLib.MainLoop()
    with socket.socket(fileno=int(fd)) as parent:
        agent = Agent(dbus.bus.BusConnection(address), parent)
        lines = parent.makefile()

        def obey(*_):
            try:
                word = lines.readline().strip()
            except ConnectionResetError:  # the test has ended without having read everything
                word = ""
            if not word:
                loop.quit()
                return False
            agent.behaviour = word
            agent.tell(event="obeys", word=word)
            return True

        agent.register(int(pid), locale)
        GLib.io_add_watch(parent.fileno(), GLib.IO_IN | GLib.IO_HUP, obey)
        loop.run()


if __name__ == "__main__":
    main()
