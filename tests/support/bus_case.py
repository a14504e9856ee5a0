# SPDX-License-Identifier: Apache-2.0
"""What the tests on the bus share: one bus and one daemon for a class, callers of several uids, and refusals by id."""
import contextlib
import itertools
import unittest

import callers
import enrolment
import private_bus

TEXTS = {
    "WEBAU-sEr8c": ("InvalidArgument", "Error on parse credential data"),
    "WEBAU-3Vb9s": ("InvalidArgument", "Error on create credentials"),
    "WEBAU-3M9si": ("InvalidArgument", "Error on validate login credentials"),
    "COMMAND-Eeb2a": ("InvalidArgument", "Code is invalid"),
    "EVENT-8isk2": ("InvalidArgument", "Invalid code"),
    "COMMAND-DAfb2": ("NotFound", "WebAuthN Token could not be found"),
    "WEBAU-5M9so": ("NotFound", "WebAuthN Token could not be found"),
    "COMMAND-Hd9sd": ("NotFound", "Multifactor OTP (OneTimePassword) doesn't exist"),
    "COMMAND-3Mif9s": ("NotFound", "Multifactor OTP (OneTimePassword) doesn't exist"),
    "COMMAND-M9dsd": ("NotFound", "User could not be found"),
    "FACTORD-Cred1": ("AlreadyExists", "Credential is already registered"),
    "FACTORD-User1": ("AlreadyExists", "User already exists"),
    "AUTH-AWfge": ("PermissionDenied", "No matching permissions found"),
    "COMMAND-qx4ls": ("FailedPrecondition", "Multifactor OTP (OneTimePassword) is already set up"),
    "WEBAU-4G8sw": ("FailedPrecondition", "WebAuthN begin login failed"),
    "WEBAU-4M90s": ("FailedPrecondition", "Credentials may be cloned"),
    "COMMAND-SF3fg": ("FailedPrecondition", "User is locked"),
    "FACTORD-Last1": ("FailedPrecondition", "The last usable factor of a user is protected"),
    "FACTORD-Bind1": ("FailedPrecondition", "Account name and uid no longer belong together"),
    # These say in their text what exactly is wrong
    "FACTORD-Arg1": ("InvalidArgument", None),
    "FACTORD-Quo1": ("ResourceExhausted", None),
    "FACTORD-Thr1": ("ResourceExhausted", None),
}


class BusCase(unittest.TestCase):
    """cls.bus, cls.daemon, cls.root (a caller of uid 0); a subclass sets CONFIG, BUS_POLICY, and BUS for another kind."""

    BUS = private_bus.PrivateBus
    CONFIG = enrolment.CONFIG
    BUS_POLICY = ""
    _numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        private_bus.skip_unless_possible()
        if missing := getattr(cls.BUS, "MISSING", None):
            raise unittest.SkipTest(f"no {', '.join(missing)}")
        cls.bus = cls.enterClassContext(cls.BUS(cls.BUS_POLICY))
        cls.daemon = cls.enterClassContext(private_bus.Factord(cls.bus, config=cls.CONFIG))
        cls._callers = {}
        cls.root = cls.caller("root")

    @classmethod
    def caller(cls, user):
        """The class's one caller of that Unix user."""
        if user not in cls._callers:
            cls._callers[user] = cls.enterClassContext(callers.Caller(cls.bus, user))
        return cls._callers[user]

    def someone(self, org="acme"):
        """A new user of that organization, about whom root calls."""
        user_id = f"someone-{next(self._numbers)}"
        self.root.call(callers.ADMIN, "AddUser", "sa{sv}", user_id, callers.options(org=org))
        return enrolment.Person(self.root, user_id, org)

    @contextlib.contextmanager
    def refused(self, id_):
        """The block must end in exactly this error: its name, its text and its id."""
        with self.assertRaises(callers.BusError) as caught:
            yield caught
        code, text = TEXTS[id_]
        error = caught.exception
        self.assertEqual((error.name, error.id), (f"org.factord1.Error.{code}", id_), error.message)
        if text is not None:
            self.assertEqual(error.message, f"{text} ({id_})")
