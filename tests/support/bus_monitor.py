# SPDX-License-Identifier: Apache-2.0
"""What goes over the bus, as seen by a monitor.

    with Monitor(bus, "interface='org.freedesktop.PolicyKit1.Authority'") as monitor:
        ...
        calls = monitor.seen()      # raw_bus.Received, in the order of the bus
"""
from raw_bus import BUS, CALL, MEMBER, SENDER, RawConnection


class Monitor:
    def __init__(self, bus, *rules):
        self._mark = RawConnection(bus)
        self._connection = RawConnection(bus)
        mark = f"type='method_call',sender='{self._mark.name}',member='GetId'"
        self._connection.call("org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", [*rules, mark], 0, to=BUS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()
        self._mark.close()

    def seen(self, kinds=(CALL,)):
        """All of these kinds that matched and was sent since the last time; complete, because a mark of our own comes
        behind it."""
        self._mark.call("org.freedesktop.DBus", "GetId", to=BUS)
        messages = []
        while True:
            received = self._connection.receive()
            if received.fields.get(SENDER) == self._mark.name and received.fields.get(MEMBER) == "GetId":
                return messages
            if received.kind in kinds:
                messages.append(received)
