# SPDX-License-Identifier: Apache-2.0
"""The attacks, by name. One is a function of a Target, in a file about one weakness, marked @attack; its first sentence
says what it tries."""
import importlib

FILES = ("signatures", "containers", "descriptors", "departures", "half_done", "unread", "spoofing", "names",
         "malformed")
ATTACKS = {}


def attack(function):
    if function.__name__ in ATTACKS:
        raise ValueError(f"two attacks are named {function.__name__}")
    ATTACKS[function.__name__] = function
    return function


def all_attacks():
    for file in FILES:
        importlib.import_module(file)
    return ATTACKS


def carry_out(target, name, seed=None):
    """One attack, then the question how the target is; AssertionError where it has suffered."""
    target.random.seed(f"{target.seed if seed is None else seed}-{name}")
    before = target.vitals()
    ATTACKS[name](target)
    target.check(before)
