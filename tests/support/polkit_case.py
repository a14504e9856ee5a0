# SPDX-License-Identifier: Apache-2.0
"""What the tests share whose daemon asks polkit."""
import enrolment
import polkit

WITH_POLKIT = enrolment.CONFIG.replace("Authorizer=static", "Authorizer=polkit")


class AskingPolkit:
    """Stands before a BusCase among the bases; cls.polkit, the real polkitd, follows RULES."""

    CONFIG = WITH_POLKIT
    BUS_POLICY = polkit.BUS_POLICY
    RULES = ""

    @classmethod
    def setUpClass(cls):
        polkit.skip_unless_possible()
        super().setUpClass()
        cls.polkit = cls.enterClassContext(polkit.Polkit(cls.bus, cls.RULES))
