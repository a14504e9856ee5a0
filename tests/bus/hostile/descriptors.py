# SPDX-License-Identifier: Apache-2.0
"""File descriptors: too many, of the wrong kind, never ending, and numbers that belong to none."""
import contextlib
import os
import pty
import select
import socket

from attack import attack
from callers import filled_pipe, sealed_memfd
from raw_bus import BUS, body_of, complete_types
from target import NO_REPLY
from values import plain

MOST = 16  # of one message, on Debian's system bus
INDEXES = (1, 2, 15, 16, 17, 255, 2**16, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 16, 2**32 - 1)


@contextlib.contextmanager
def closing(*fds):
    try:
        yield list(fds)
    finally:
        for fd in fds:
            os.close(fd)


def taking(target, count=None):
    """The methods that take descriptors; all methods where there is none such."""
    return ([each for each in target.methods if "h" in each.signature] or target.methods)[:count]


def body_with(target, method, index=0, options=()):
    values = [list(options) if type_ == "a{sv}" else index if type_ == "h" else plain(type_, target.random)
              for type_ in complete_types(method.signature)]
    return body_of(method.signature, *values)


def send(target, attacker, method, fds, index=0, options=(), flags=0):
    """A call with these descriptors; (serial, bytes, fds) for volley()."""
    serial = attacker.next_serial()
    return (serial, target.call(serial, method, body_with(target, method, index, options), fds=len(fds), flags=flags),
            list(fds))


def _of_every_kind():
    here, there = socket.socketpair()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    master, slave = pty.openpty()
    read_end, write_end = os.pipe()
    broken_read, broken_write = os.pipe()
    os.close(broken_read)
    epoll = select.epoll()
    fds = {"directory": os.open("/", os.O_RDONLY), "zero": os.open("/dev/zero", os.O_RDONLY),
           "full": os.open("/dev/full", os.O_RDWR), "null": os.open("/dev/null", os.O_WRONLY),
           "path": os.open("/etc/passwd", os.O_PATH), "file": os.open("/proc/self/status", os.O_RDONLY),
           "memory": os.open("/proc/self/mem", os.O_RDONLY), "event": os.eventfd(1), "process": os.pidfd_open(os.getpid()),
           "memfd": os.memfd_create("x"), "sealed": sealed_memfd(b"x" * 8192), "socket": here.detach(),
           "its peer": there.detach(), "listening": listening.detach(), "terminal": slave, "its master": master,
           "epoll": os.dup(epoll.fileno()), "writing end": write_end, "its reading end": read_end,
           "broken pipe": broken_write, "ended pipe": filled_pipe(b"")}
    epoll.register(epoll_member := fds["event"])
    assert epoll_member >= 0
    epoll.close()
    return fds


@attack
def descriptors_of_every_kind(target):
    """Directories, sockets, devices, /dev/zero, epoll, O_PATH, memfds, terminals, the wrong end and broken pipes."""
    fds = _of_every_kind()
    with closing(*fds.values()):
        os.close(fds.pop("its reading end"))  # before it is sent: a pipe that nobody reads
        fds["its reading end"] = os.open("/dev/null", os.O_RDONLY)
        for method in taking(target, 4):
            with target.connect() as attacker:
                target.volley(attacker, [send(target, attacker, method, [fd]) for fd in fds.values()])


@attack
def indexes_that_no_descriptor_has(target):
    """h that points beyond the list, is negative as a signed number, or stands where no descriptor came."""
    with closing(filled_pipe(b"x")) as pipe:
        for method in taking(target, 4):
            for index in (0, *INDEXES):
                for fds in ([], pipe, pipe * 3):
                    if fds and index < len(fds):
                        continue
                    with target.connect() as attacker:
                        target.volley(attacker, [send(target, attacker, method, fds, index)])


@attack
def descriptors_that_nobody_asked_for(target):
    """16 of them with every method, in the message only, in options, and in arrays in options."""
    scattered = [(f"option-{number}", ("h", number)) for number in range(MOST)]
    with closing(filled_pipe(b"x")) as pipe:
        for method in target.methods:
            with target.connect() as attacker:
                target.volley(attacker, [send(target, attacker, method, pipe * MOST, 0, options) for options in
                                         ((), scattered, [("all", ("ah", list(range(MOST))))], [("org", ("h", 3))])])


@attack
def more_descriptors_than_a_message_may_have(target):
    """17, 100 and 253 of them, and a count in the header that is not true: the bus hangs up or refuses."""
    method = taking(target, 1)[0]
    with closing(filled_pipe(b"x")) as pipe:
        for count, said in ((17, 17), (100, 100), (253, 253), (1, 0), (1, 16), (2, 1), (1, 2**32 - 1), (0, 1)):
            with target.connect() as attacker:
                serial = attacker.next_serial()
                sent = target.call(serial, method, body_with(target, method), fds=said)
                flush = attacker.next_serial()
                with contextlib.suppress(TimeoutError):
                    attacker._socket.settimeout(5)
                    target.volley(attacker, [(flush, target.call(flush, target.methods[0], body_of("s", "x"), "s"))])
                    attacker.send(sent, pipe * count)


@attack
def a_flood_of_descriptors_nobody_reads(target):
    """Calls without a reply, full of descriptors of pipes that do not end, on several connections that then leave."""
    read_end, write_end = os.pipe()
    with closing(read_end):
        with closing(write_end), contextlib.ExitStack() as stack:
            for user in target.users:
                attackers = [stack.enter_context(target.connect(user)) for _ in range(3)]
                for attacker in attackers:
                    for _ in range(60):
                        _, sent, fds = send(target, attacker, taking(target)[0], [read_end] * MOST, flags=NO_REPLY)
                        attacker.send(sent, fds)
                for attacker in attackers:
                    attacker.call(BUS[0], "GetId", to=BUS)
            target.ping()


@attack
def pipes_that_never_end(target):
    """Pipes that are empty, half full, overfull and written on and on; their callers stay, then leave, then they end."""
    ends = [os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) for _ in range(4)]
    with closing(*(read_end for read_end, _ in ends)), closing(*(write_end for _, write_end in ends)), \
            target.connect() as stays, target.connect() as leaves:
        os.write(ends[1][1], b"x" * 100)
        os.write(ends[2][1], b"x" * 65536)
        for attacker in (stays, leaves):
            for read_end, _ in ends:
                for method in taking(target, 2):
                    attacker.send(*send(target, attacker, method, [read_end])[1:])
        for _ in range(200):
            with contextlib.suppress(BlockingIOError):
                os.write(ends[3][1], b"x")
            target.ping()
        leaves.close()
        target.ping()
