# SPDX-License-Identifier: Apache-2.0
"""The child side of callers.py: a process of some uid that makes D-Bus calls for its parent on one connection.

    calling_process.py SOCKET_FD BUS_ADDRESS

Requests and answers are frames on a stream socket: 8 bytes of header, that many bytes of JSON, and the file
descriptors that belong to them. Ends when the parent closes the socket. Imports no other file of the tests, because it
runs from a copy that every uid can read.
"""
import contextlib
import json
import os
import socket
import struct
import sys
import threading

HEADER = struct.Struct("=II")  # bytes of JSON, number of descriptors
MOST_DESCRIPTORS = 253  # SCM_MAX_FD
VARIANT = "\0variant"  # marks {VARIANT: type string, "value": …}; no D-Bus text can hold a NUL


def send_frame(connection, frame, fds=()):
    text = json.dumps(frame).encode()
    socket.send_fds(connection, [HEADER.pack(len(text), len(fds))], list(fds))
    connection.sendall(text)


def receive_frame(connection):
    """The next frame and its descriptors, or None at the end."""
    try:
        header, fds, _, _ = socket.recv_fds(connection, HEADER.size, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    except ConnectionResetError:  # the other side has ended without having read everything
        return None
    header += _exactly(connection, HEADER.size - len(header)) if header else b""
    if len(header) < HEADER.size:
        return None
    length, count = HEADER.unpack(header)
    text = _exactly(connection, length)
    if len(text) < length or len(fds) != count:
        raise OSError("a frame was cut off")
    return json.loads(text), list(fds)


def _exactly(connection, length):
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)


class CallingProcess:
    """One bus connection; the reading thread never waits for the bus, so the parent may start calls without end."""

    def __init__(self, parent, address):
        from gi.repository import Gio, GLib
        self.gio, self.glib = Gio, GLib
        self.parent = parent
        flags = Gio.DBusConnectionFlags
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.loop = GLib.MainLoop()

    def run(self):
        name = self.bus.get_unique_name()
        # Before anything of ours can arrive: what is sent to this connection alone needs no match rule.
        self.bus.signal_subscribe(None, None, None, None, None, self.gio.DBusSignalFlags.NO_MATCH_RULE, self._signal)
        send_frame(self.parent, {"name": name})
        threading.Thread(target=self._read, daemon=True).start()
        self.loop.run()

    def _read(self):
        with contextlib.suppress(ConnectionResetError):  # the parent has left, and not looked at all that was for it
            while (request := receive_frame(self.parent)) is not None:
                self.glib.idle_add(self._start, *request, priority=self.glib.PRIORITY_DEFAULT)
        self.glib.idle_add(self.loop.quit)

    def _start(self, frame, fds):
        try:
            message = self._message(frame, fds)
        except Exception as error:  # the arguments do not fit the signature: a fault of the test, told to it
            self._answer(frame, {"refused": f"{type(error).__name__}: {error}"})
            return
        self.bus.send_message_with_reply(message, self.gio.DBusSendMessageFlags.NONE, int(frame["timeout"] * 1000),
                                         None, self._finish, frame)

    def _message(self, frame, fds):
        message = self.gio.DBusMessage.new_method_call(*frame["to"], frame["interface"], frame["method"])
        if frame["signature"]:
            arguments = tuple(self._with_variants(argument) for argument in frame["arguments"])
            message.set_body(self.glib.Variant(f"({frame['signature']})", arguments))
        if frame["interactive"]:
            message.set_flags(self.gio.DBusMessageFlags.ALLOW_INTERACTIVE_AUTHORIZATION)
        if fds:
            message.set_unix_fd_list(self.gio.UnixFDList.new_from_array(fds))  # which closes them when it is sent
        return message

    def _with_variants(self, value):
        if isinstance(value, dict) and VARIANT in value:
            return self.glib.Variant(value[VARIANT], self._with_variants(value["value"]))
        if isinstance(value, dict):
            return {key: self._with_variants(item) for key, item in value.items()}
        return [self._with_variants(item) for item in value] if isinstance(value, list) else value

    def _signal(self, _bus, sender, path, interface, member, body):
        if sender == "org.freedesktop.DBus":
            return
        send_frame(self.parent, {"signal": [interface, member, list(body.unpack())], "from": [sender, path]})

    def _finish(self, bus, result, frame):
        try:
            reply = bus.send_message_with_reply_finish(result)
        except self.glib.Error as error:
            timed_out = error.matches(self.gio.io_error_quark(), self.gio.IOErrorEnum.TIMED_OUT)
            name = "org.freedesktop.DBus.Error." + ("NoReply" if timed_out else "Disconnected")
            self._answer(frame, {"error": [name, error.message]})
            return
        body = reply.get_body()
        if reply.get_message_type() == self.gio.DBusMessageType.ERROR:
            values = body.unpack() if body else ()
            self._answer(frame, {"error": [reply.get_error_name(), values[0] if values else ""]})
            return
        self._answer_with(frame, body, reply.get_unix_fd_list())

    def _answer_with(self, frame, body, descriptors):
        types = [body.get_child_value(i).get_type_string() for i in range(body.n_children())] if body else []
        fds = [descriptors.get(i) for i in range(descriptors.get_length())] if descriptors else []
        self._answer(frame, {"values": body.unpack() if body else [], "types": types}, fds)
        for fd in fds:
            os.close(fd)

    def _answer(self, frame, answer, fds=()):
        send_frame(self.parent, {"id": frame["id"], **answer}, fds)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        CallingProcess(channel, sys.argv[2]).run()
