#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The polkit actions belong to the permissions: one each and one for one's own factors, asked by the service user, with
the defaults of the contract, and in words for people of three languages."""
import re
import xml.etree.ElementTree

from tree import Lint

ACTIONS = "units/org.factord1.policy"
PERMISSIONS = "ipc/access.cpp"
PREFIX = "org.factord1."
OWNER = "org.freedesktop.policykit.owner"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# any, inactive, active
DEFAULTS = {
    "self.write": ("auth_self", "auth_self", "auth_self"),
    "user.read": ("auth_admin", "auth_admin", "auth_admin"),
    "user.write": ("auth_admin", "auth_admin", "auth_admin"),
    "user.credential.write": ("auth_admin", "auth_admin", "auth_admin"),
    "user.passkey.write": ("no", "no", "auth_admin"),
    "check": ("no", "no", "auth_admin"),
    "store.admin": ("auth_admin", "auth_admin", "auth_admin"),
}


def permissions(lint):
    return set(re.findall(r'\{Permission::\w+, "([\w.]+)"\}', lint.text(PERMISSIONS)))


def texts(action, name):
    """{language: text}; the language of the text without one is "en"."""
    return {element.get(LANGUAGE, "en"): (element.text or "").strip() for element in action.findall(name)}


def check_texts(fault, action):
    for name in ("description", "message"):
        said = texts(action, name)
        if set(said) != {"en", "de", "fr"} or len(set(said.values())) < 3 or not all(said.values()):
            fault(f"{name} must be there in English, German and French, each in its own words")
        words = {frozenset(re.findall(r"\$\(\w+\)", text)) for text in said.values()}
        if len(words) > 1 or not words <= {frozenset(w) for w in (
                (), ("$(method)",), ("$(org)", "$(method)"), ("$(org)", "$(user)", "$(method)"))}:
            fault(f"{name}: only org, user and method can be named, the same in each language")


def check_action(fault, action, name):
    defaults = tuple(action.findtext(f"defaults/allow_{who}") for who in ("any", "inactive", "active"))
    if defaults != DEFAULTS.get(name):
        fault(f"the defaults are {defaults}, not those of the contract")
    owners = [note.text for note in action.findall("annotate") if note.get("key") == OWNER]
    if owners != ["unix-user:factord"]:
        fault("must be owned by unix-user:factord: polkit would let nobody else than root ask")
    check_texts(fault, action)


def main():
    lint = Lint()
    text = lint.text(ACTIONS)
    if "_keep<" in text:
        lint.fault(ACTIONS, 1, "a kept authorization forgets the details that it was given for")
    found = {}
    for action in xml.etree.ElementTree.fromstring(text).findall("action"):
        found[action.get("id")] = action
        name = action.get("id").removeprefix(PREFIX)
        line = text[:text.index(f'"{action.get("id")}"')].count("\n") + 1
        check_action(lambda what: lint.fault(ACTIONS, line, f"{name}: {what}"), action, name)
    wanted = {PREFIX + name for name in permissions(lint) | {"self.write"}}
    for name in sorted(wanted ^ set(found)):
        lint.fault(ACTIONS, 1, f"{name} is {'missing' if name in wanted else 'no permission of ' + PERMISSIONS}")
    lint.end()


main()
