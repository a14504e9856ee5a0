# SPDX-License-Identifier: Apache-2.0
"""A D-Bus connection by hand, for messages that no library would send, and for many connections in one process.

    with RawConnection(bus, "factord-test-a") as connection:
        connection.call(FACTORS, "ListTOTP", "sa{sv}", "", [("org", ("s", "x")), ("org", ("s", "y"))])
        connection.send(method_call(7, FACTORS, "ListTOTP", "sa{sv}", "", {})[:-1])

A variant is a pair (signature, value), a dictionary a dict or a list of pairs, in which a key may stand twice. Written
after the D-Bus specification, sections "Type system" and "Message protocol"; shares no code with what it tests.
"""
import dataclasses
import itertools
import os
import pwd
import socket
import struct

import private_bus
from callers import BusError

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE, UNIX_FDS = range(1, 10)
FIELD_TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR_NAME: "s", REPLY_SERIAL: "u", DESTINATION: "s",
               SENDER: "s", SIGNATURE: "g", UNIX_FDS: "u"}
FIXED = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
ALIGNMENT = {**{code: struct.calcsize(format_) for code, format_ in FIXED.items()},
             "s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}
BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
FACTORD = ("org.factord1", "/org/factord1")
LITTLE, BIG = "<", ">"


class Closed(Exception):
    """The bus has closed this connection."""


def complete_types(signature):
    """Its single complete types, in order."""
    found, at = [], 0
    while at < len(signature):
        end = _end_of_type(signature, at)
        found.append(signature[at:end])
        at = end
    return found


def _end_of_type(signature, at):
    if signature[at] == "a":
        return _end_of_type(signature, at + 1)
    if signature[at] not in "({":
        return at + 1
    at += 1
    while signature[at] not in ")}":
        at = _end_of_type(signature, at)
    return at + 1


class Writer:
    def __init__(self, order=LITTLE):
        self.data, self.order = bytearray(), order

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def put(self, type_, value):
        code = type_[0]
        self.align(ALIGNMENT[code])
        if code in FIXED:
            self.data += struct.pack(self.order + FIXED[code], value)
        elif code in "so":
            text = value if isinstance(value, bytes) else value.encode()
            self.data += struct.pack(self.order + "I", len(text)) + text + b"\0"
        elif code == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif code == "v":
            self.put("g", value[0])
            self.put(*value)
        elif code == "a":
            self._put_array(type_[1:], value.items() if isinstance(value, dict) else value)
        else:
            for member, item in zip(complete_types(type_[1:-1]), value, strict=True):
                self.put(member, item)
        return self

    def _put_array(self, item_type, items):
        length_at = len(self.data)
        self.data += bytes(4)
        self.align(ALIGNMENT[item_type[0]])
        start = len(self.data)
        if isinstance(items, bytes):  # of an ay
            self.data += items
        else:
            for item in items:
                self.put(item_type, item)
        struct.pack_into(self.order + "I", self.data, length_at, len(self.data) - start)


class Reader:
    def __init__(self, data, order):
        self.data, self.order, self.at = data, order, 0

    def take(self, type_):
        code = type_[0]
        self.at += -self.at % ALIGNMENT[code]
        if code in FIXED:
            return self._fixed(FIXED[code])
        if code in "sog":
            size = self._fixed("B" if code == "g" else "I")
            self.at += size + 1
            return self.data[self.at - size - 1:self.at - 1].decode()
        if code == "v":
            return self.take(self.take("g"))
        if code == "a":
            return self._array(type_[1:])
        return tuple(self.take(member) for member in complete_types(type_[1:-1]))

    def _fixed(self, format_):
        value, = struct.unpack_from(self.order + format_, self.data, self.at)
        self.at += struct.calcsize(format_)
        return value

    def _array(self, item_type):
        size = self._fixed("I")
        self.at += -self.at % ALIGNMENT[item_type[0]]
        end, items = self.at + size, []
        while self.at < end:
            items.append(self.take(item_type))
        return dict(items) if item_type[0] == "{" else items


def body_of(signature, *arguments, order=LITTLE):
    writer = Writer(order)
    for type_, argument in zip(complete_types(signature), arguments, strict=True):
        writer.put(type_, argument)
    return bytes(writer.data)


def message(kind, serial, fields, body=b"", order=LITTLE, flags=0, body_size=None):
    """fields: code to value, or to a pair (signature, value) where the type is to be wrong or the code unknown."""
    header = Writer(order)
    header.data += struct.pack(order + "cBBBII", b"l" if order == LITTLE else b"B", kind, flags, 1,
                               len(body) if body_size is None else body_size, serial)
    header.put("a(yv)", [(code, value if isinstance(value, tuple) else (FIELD_TYPES[code], value))
                         for code, value in fields.items()])
    header.align(8)
    return bytes(header.data) + body


def call_fields(interface, member, signature="", fds=0, to=FACTORD):
    fields = {DESTINATION: to[0], PATH: to[1], INTERFACE: interface, MEMBER: member}
    if signature:
        fields[SIGNATURE] = signature
    if fds:
        fields[UNIX_FDS] = fds
    return fields


def method_call(serial, interface, member, signature="", *arguments, fds=0, to=FACTORD, order=LITTLE):
    return message(CALL, serial, call_fields(interface, member, signature, fds, to),
                   body_of(signature, *arguments, order=order), order)


@dataclasses.dataclass(frozen=True)
class Received:
    kind: int
    fields: dict
    body: tuple
    fds: list
    serial: int


class RawConnection:
    """Says Hello at once; .name is the unique name. Belongs to one thread."""

    def __init__(self, bus, user="root"):
        self._serials = itertools.count(1)
        self._buffer, self._fds = bytearray(), []
        self._socket = _connect_as(user, bus.address)
        self._socket.settimeout(private_bus.DEADLINE)
        try:
            self._authenticate(pwd.getpwnam(user).pw_uid)
            self.name, = self.call("org.freedesktop.DBus", "Hello", to=BUS)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()
        while self._fds:
            os.close(self._fds.pop())

    def next_serial(self):
        return next(self._serials)

    def send(self, data, fds=()):
        """Closed where the bus has hung up."""
        try:
            sent = socket.send_fds(self._socket, [data], list(fds)) if fds else self._socket.send(data)
            if sent < len(data):
                self._socket.sendall(data[sent:])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed from error

    def receive(self, timeout=private_bus.DEADLINE):
        """The next message, whatever it is; Closed at the end."""
        self._socket.settimeout(timeout)
        order = LITTLE if self._exactly(16)[:1] == b"l" else BIG
        _, kind, _, _, body_size, serial, fields_size = struct.unpack_from(order + "cBBBIII", self._buffer)
        body_at = 16 + fields_size + -(16 + fields_size) % 8
        data = bytes(self._exactly(body_at + body_size)[:body_at + body_size])
        del self._buffer[:len(data)]
        header = Reader(data, order)
        header.at = 12
        fields = dict(header.take("a(yv)"))
        body = Reader(data[body_at:], order)
        count = fields.get(UNIX_FDS, 0)
        fds, self._fds = self._fds[:count], self._fds[count:]
        values = tuple(body.take(part) for part in complete_types(fields.get(SIGNATURE, "")))
        return Received(kind, fields, values, fds, serial)

    def start(self, interface, member, signature="", *arguments, fds=(), to=FACTORD):
        """Sends a call and returns its serial, for answer_to()."""
        serial = self.next_serial()
        self.send(method_call(serial, interface, member, signature, *arguments, fds=len(fds), to=to), fds)
        return serial

    def answer_to(self, serial, timeout=private_bus.DEADLINE):
        """What that call returned; BusError for an error. Passes over everything else, so in the order of the calls."""
        while True:
            received = self.receive(timeout)
            if received.kind not in (RETURN, ERROR) or received.fields.get(REPLY_SERIAL) != serial:
                for fd in received.fds:
                    os.close(fd)
                continue
            if received.kind == ERROR:
                raise BusError(received.fields[ERROR_NAME], received.body[0] if received.body else "")
            handed = [received.fds[value] if type_ == "h" else value for type_, value in
                      zip(complete_types(received.fields.get(SIGNATURE, "")), received.body, strict=True)]
            return tuple(handed)

    def call(self, interface, member, signature="", *arguments, fds=(), to=FACTORD):
        return self.answer_to(self.start(interface, member, signature, *arguments, fds=fds, to=to))

    def _exactly(self, size):
        while len(self._buffer) < size:
            try:
                data, fds, _, _ = socket.recv_fds(self._socket, 1 << 16, 16, socket.MSG_CMSG_CLOEXEC)
            except ConnectionResetError as error:
                raise Closed from error
            if not data:
                raise Closed
            self._buffer += data
            self._fds += fds
        return self._buffer

    def _authenticate(self, uid):
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(uid).encode().hex().encode() + b"\r\n")
        self._expect(b"OK ")
        self._socket.sendall(b"NEGOTIATE_UNIX_FD\r\n")
        self._expect(b"AGREE_UNIX_FD")
        self._socket.sendall(b"BEGIN\r\n")

    def _expect(self, beginning):
        line = b""
        while not line.endswith(b"\r\n"):
            byte = self._socket.recv(1)
            if not byte:
                raise Closed
            line += byte
        if not line.startswith(beginning):
            raise RuntimeError(f"the bus answered {line!r}")


def _connect_as(user, address):
    """The bus goes by the credentials at the time of connect(2), so they are borrowed for that moment only."""
    path = address.partition("path=")[2].partition(",")[0]
    account = pwd.getpwnam(user)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    groups = os.getgroups()
    try:
        if user != "root":
            os.setgroups([])
            os.setegid(account.pw_gid)
            os.seteuid(account.pw_uid)
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    finally:
        if user != "root":
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)
    return connection
