# SPDX-License-Identifier: Apache-2.0
"""What the bus refuses to factord does not end factord."""
import contextlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import callers
import private_bus

FEW_MATCH_RULES = '<limit name="max_match_rules_per_connection">3</limit>'


class BusLimits(unittest.TestCase):
    def test_callers_are_served_also_when_the_bus_takes_no_more_match_rules(self):
        private_bus.skip_unless_possible()
        with contextlib.ExitStack() as stack:
            bus = stack.enter_context(private_bus.PrivateBus(more_policy=FEW_MATCH_RULES))
            stack.enter_context(private_bus.Factord(bus))
            everybody = [stack.enter_context(callers.Caller(bus, user))
                         for user in ("root", "factord-test-a", "factord-test-b") * 2]
            for _ in range(2):
                calls = [caller.start(callers.FACTORS, "ListPasskeys", "sa{sv}", "", {}) for caller in everybody]
                for caller, call in zip(everybody, calls):
                    self.assertEqual(caller.finish(call)[0], [])


if __name__ == "__main__":
    unittest.main()
