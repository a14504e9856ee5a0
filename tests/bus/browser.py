# SPDX-License-Identifier: Apache-2.0
"""A real browser answers what the real factord asks, and factord believes it: Chromium with its virtual authenticators
on a page of localhost. What the page gets and gives is exactly the JSON of the bus."""
import base64
import contextlib
import http.server
import json
import pathlib
import sys
import threading
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bus_case import BusCase  # noqa: E402
from devtools import Browser, PageError, skip_without_browser  # noqa: E402
from callers import CHECKS, options  # noqa: E402
from enrolment import PASSKEY, U2F, Person  # noqa: E402
from private_bus import skip_unless_possible  # noqa: E402

USER, SERVICE = "factord-test-a", "factord-test-b"
ES256, EDDSA, RS256 = -7, -8, -257
PLATFORM = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True}
TOKEN = {**PLATFORM, "transport": "usb"}
OLD_TOKEN = {"protocol": "u2f", "transport": "usb"}
LOCALHOST = "[Access]\nAuthorizer=static\n[RelyingParty]\nDomain=localhost\n"

# `changes` replaces members of the options, in the page alone: what a dishonest or particular page would do.
CREATE = """async (text, changes) => {
  const options = {...JSON.parse(text), ...changes};
  const made = await navigator.credentials.create(
    {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)});
  const response = made.response;
  return {
    json: JSON.stringify(made.toJSON()),
    algorithm: response.getPublicKeyAlgorithm(),
    transports: response.getTransports(),
    data: Array.from(new Uint8Array(response.getAuthenticatorData())),
  };
}"""

GET = """async (text, changes) => {
  const options = {...JSON.parse(text), ...changes};
  const made = await navigator.credentials.get(
    {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)});
  return JSON.stringify(made.toJSON());
}"""


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802, the name is http.server's
        body = b"<!doctype html><title>A relying party</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def website():
    """Its URL; any port is as good as any other for a daemon whose domain is localhost."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def setUpModule():  # noqa: N802, the name is unittest's
    global BROWSER, URL
    BROWSER = unittest.enterModuleContext(Browser())
    URL = unittest.enterModuleContext(website())


class Ceremonies(BusCase):
    """An account that enrols its own factors, and a fresh page with no authenticator for each test."""

    CONFIG = LOCALHOST

    def setUp(self):
        self.person = Person(self.caller(USER))
        self.page = BROWSER.open(URL)
        self.addCleanup(self.page.close)

    def create(self, pending, **changes):
        return self.page.call(CREATE, pending.asks, changes)

    def enrol(self, kind, **changes):
        """A whole ceremony: the factor's id, and what the browser says about what it has made."""
        pending = self.person.register(kind)
        made = self.create(pending, **changes)
        self.person.verify(pending, made["json"], name="From a browser")
        return pending.id, made

    def assert_refused(self, pending, made):
        with self.refused("WEBAU-3Vb9s"):
            self.person.verify(pending, made["json"])
        self.assertNotEqual(self.person.all_factors().get(pending.id, {}).get("state"), "ready")

    def assert_removed_once(self, kind, factor):
        self.person.remove(kind, factor)
        self.assertNotIn(factor, self.person.all_factors())
        with self.refused("COMMAND-DAfb2"):
            self.person.remove(kind, factor)

    def assert_listed_as_made(self, kind, factor, made, attestation):
        item = next(item for item in self.person.list(kind)[0] if item["id"] == factor)
        self.assertEqual((item["state"], item["name"], item["domain"]), ("ready", "From a browser", "localhost"))
        self.assertEqual(item["algorithm"], made["algorithm"])
        self.assertEqual(item["attestation"], attestation)
        self.assertEqual(list(item["transports"]), made["transports"])
        self.assertEqual(uuid.UUID(item["aaguid"]).bytes, bytes(made["data"][37:53]))
        self.assertEqual(item["signCount"], int.from_bytes(bytes(made["data"][33:37]), "big"))
        flags = made["data"][32]
        self.assertEqual([bool(item[key]) for key in ("userVerified", "backupEligible", "backedUp")],
                         [bool(flags & bit) for bit in (0x04, 0x08, 0x10)])
        return item


class WithoutAttestation(Ceremonies):
    def check_algorithm(self, number):
        self.page.add_authenticator(**PLATFORM)
        factor, made = self.enrol(PASSKEY, pubKeyCredParams=[{"type": "public-key", "alg": number}])
        self.assertEqual(made["algorithm"], number)
        self.assert_listed_as_made(PASSKEY, factor, made, attestation="none")

    def test_a_passkey_with_es256_becomes_ready(self):
        self.check_algorithm(ES256)

    def test_a_passkey_with_eddsa_becomes_ready(self):
        self.check_algorithm(EDDSA)

    def test_a_passkey_with_rs256_becomes_ready(self):
        self.check_algorithm(RS256)

    def test_of_the_algorithms_that_are_offered_the_browser_takes_es256(self):
        self.page.add_authenticator(**PLATFORM)
        self.assertEqual(self.enrol(PASSKEY)[1]["algorithm"], ES256)

    def test_a_passkey_is_made_resident_and_with_user_verification(self):
        authenticator = self.page.add_authenticator(**PLATFORM)
        factor, made = self.enrol(PASSKEY)
        held = self.page.send("WebAuthn.getCredentials", authenticatorId=authenticator)["credentials"]
        self.assertEqual([credential["isResidentCredential"] for credential in held], [True])
        self.assertTrue(self.assert_listed_as_made(PASSKEY, factor, made, attestation="none")["userVerified"])

    def test_a_passkey_that_is_backed_up_is_listed_as_such(self):
        self.page.add_authenticator(**PLATFORM, defaultBackupEligibility=True, defaultBackupState=True)
        factor, made = self.enrol(PASSKEY)
        item = self.assert_listed_as_made(PASSKEY, factor, made, attestation="none")
        self.assertTrue(item["backupEligible"] and item["backedUp"])

    def test_a_u2f_token_needs_no_user_verification(self):
        self.page.add_authenticator(**OLD_TOKEN)
        factor, made = self.enrol(U2F)
        self.assertFalse(self.assert_listed_as_made(U2F, factor, made, attestation="none")["userVerified"])

    def test_a_second_passkey_on_the_same_authenticator_is_refused_by_the_browser_until_the_first_is_removed(self):
        self.page.add_authenticator(**PLATFORM)
        factor, _ = self.enrol(PASSKEY)
        second = self.person.register(PASSKEY)
        with self.assertRaises(PageError) as caught:
            self.create(second)
        self.assertEqual(caught.exception.name, "InvalidStateError")
        self.person.remove(PASSKEY, factor)
        again, made = self.enrol(PASSKEY)
        self.assert_listed_as_made(PASSKEY, again, made, attestation="none")

    def test_a_removed_passkey_is_gone_and_cannot_be_removed_again(self):
        self.page.add_authenticator(**PLATFORM)
        factor, _ = self.enrol(PASSKEY)
        self.assert_removed_once(PASSKEY, factor)

    def test_an_answer_to_another_challenge_is_refused(self):
        self.page.add_authenticator(**PLATFORM)
        pending = self.person.register(PASSKEY)
        self.assert_refused(pending, self.create(pending, challenge="A" * 43))

    def test_an_answer_for_an_earlier_registration_is_refused(self):
        self.page.add_authenticator(**PLATFORM)
        made = self.create(self.person.register(PASSKEY))
        self.assert_refused(self.person.register(PASSKEY), made)

    def test_an_authenticator_that_verified_nobody_is_refused_as_a_passkey(self):
        self.page.add_authenticator(protocol="ctap2", transport="usb")
        pending = self.person.register(PASSKEY)
        lenient = {**json.loads(pending.asks)["authenticatorSelection"], "userVerification": "discouraged"}
        self.assert_refused(pending, self.create(pending, authenticatorSelection=lenient))


class LoggingIn(Ceremonies):
    CONFIG = LOCALHOST.replace("[RelyingParty]", f"Allow=user:{SERVICE} check\n[RelyingParty]")

    def begin(self, user_id=USER, **asked):
        """The challenge's id and the request options, for a login service."""
        return self.caller(SERVICE).call(CHECKS, "StartPasskeyCheck", "sa{sv}", user_id, options(**asked))[:2]

    def get(self, asks, **changes):
        return self.page.call(GET, asks, changes)

    def check(self, challenge, answer):
        return self.caller(SERVICE).call(CHECKS, "CheckPasskey", "ssa{sv}", challenge, answer, {})[0]

    def log_in(self, user_id=USER, changes=None, **asked):
        challenge, asks = self.begin(user_id, **asked)
        return self.check(challenge, self.get(asks, **(changes or {})))

    def tearDown(self):
        for factor in self.person.all_factors().values():
            if factor["state"] != "not-ready":
                self.person.remove({"passkey": PASSKEY, "u2f": U2F}[factor["kind"]], factor["id"])

    def test_a_passkey_of_each_algorithm_logs_in_and_its_counter_follows(self):
        for number in (ES256, EDDSA, RS256):
            authenticator = self.page.add_authenticator(**PLATFORM)
            factor, _ = self.enrol(PASSKEY, pubKeyCredParams=[{"type": "public-key", "alg": number}])
            for _ in range(2):
                result = self.log_in()
                self.assertEqual((result["userId"], result["factorId"], result["kind"], result["userVerified"],
                                  list(result["factors"])),
                                 (USER, factor, "passkey", True, ["possession", "user-verification"]))
            held = self.page.send("WebAuthn.getCredentials", authenticatorId=authenticator)["credentials"]
            item = self.person.all_factors()[factor]
            self.assertEqual((item["signCount"], item["useCount"]), (held[0]["signCount"], 2))
            self.page.send("WebAuthn.removeVirtualAuthenticator", authenticatorId=authenticator)
            self.person.remove(PASSKEY, factor)

    def test_a_discoverable_login_finds_who_it_is(self):
        self.page.add_authenticator(**PLATFORM)
        factor, _ = self.enrol(PASSKEY)
        challenge, asks = self.begin("", discoverable=True)
        answer = self.get(asks)
        self.assertTrue(json.loads(answer)["response"]["userHandle"])
        result = self.check(challenge, answer)
        self.assertEqual((result["userId"], result["org"], result["factorId"]), (USER, "local", factor))

    def test_where_user_verification_is_required_the_authenticator_does_it_or_the_browser_refuses(self):
        authenticator = self.page.add_authenticator(**PLATFORM)
        self.enrol(PASSKEY)
        self.assertTrue(self.log_in(user_verification="required")["userVerified"])
        self.page.send("WebAuthn.setUserVerified", authenticatorId=authenticator, isUserVerified=False)
        _, asks = self.begin(user_verification="required")
        with self.assertRaises(PageError) as caught:
            self.get(asks, timeout=2000)
        self.assertEqual(caught.exception.name, "NotAllowedError")

    def test_a_page_that_asks_for_less_than_was_required_is_not_believed(self):
        self.page.add_authenticator(**PLATFORM)
        self.enrol(PASSKEY)
        with self.refused("WEBAU-3M9si"):
            self.log_in(changes={"userVerification": "discouraged"}, user_verification="required")
        result = self.log_in(user_verification="discouraged")
        self.assertEqual((result["userVerified"], list(result["factors"])), (False, ["possession"]))

    def test_a_u2f_token_logs_in_as_one_factor(self):
        self.page.add_authenticator(**OLD_TOKEN)
        factor, _ = self.enrol(U2F)
        result = self.log_in()
        self.assertEqual((result["factorId"], result["kind"], list(result["factors"])), (factor, "u2f", ["possession"]))
        with self.refused("WEBAU-4G8sw"):
            self.begin(user_verification="required")

    def test_an_answer_is_good_for_its_own_challenge_once(self):
        self.page.add_authenticator(**PLATFORM)
        self.enrol(PASSKEY)
        (challenge, asks), (other, _) = self.begin(), self.begin()
        answer = self.get(asks)
        for wrong in (other, other):
            with self.refused("WEBAU-3M9si"):
                self.check(wrong, answer)
        self.check(challenge, answer)
        with self.refused("WEBAU-3M9si"):
            self.check(challenge, answer)

    def test_a_passkey_whose_counter_went_back_is_quarantined(self):
        authenticator = self.page.add_authenticator(**TOKEN)
        factor, _ = self.enrol(PASSKEY)
        copy = self.page.send("WebAuthn.getCredentials", authenticatorId=authenticator)["credentials"][0]
        for _ in range(2):
            self.log_in()
        self.page.send("WebAuthn.removeVirtualAuthenticator", authenticatorId=authenticator)
        self.page.send("WebAuthn.addCredential", authenticatorId=self.page.add_authenticator(**TOKEN), credential=copy)
        with self.refused("WEBAU-4M90s"):
            self.log_in()
        self.assertEqual(self.person.all_factors()[factor]["state"], "quarantined")


class WithAttestation(Ceremonies):
    CONFIG = LOCALHOST + "Attestation=direct\n"

    def attestation_object(self, made):
        return base64.urlsafe_b64decode(json.loads(made["json"])["response"]["attestationObject"] + "==")

    def test_a_passkey_on_a_token_comes_with_a_packed_attestation(self):
        self.page.add_authenticator(**TOKEN)
        factor, made = self.enrol(PASSKEY)
        self.assert_listed_as_made(PASSKEY, factor, made, attestation="packed")
        self.assertIn(b"\x63x5c", self.attestation_object(made))

    def test_a_u2f_token_comes_with_its_own_attestation(self):
        self.page.add_authenticator(**OLD_TOKEN)
        factor, made = self.enrol(U2F)
        self.assert_listed_as_made(U2F, factor, made, attestation="fido-u2f")
        self.assert_removed_once(U2F, factor)


class AnotherOrigin(Ceremonies):
    CONFIG = LOCALHOST + "Origins=https://localhost:8443\n"

    def test_an_answer_from_a_page_that_is_not_among_the_origins_is_refused(self):
        self.page.add_authenticator(**PLATFORM)
        pending = self.person.register(PASSKEY)
        self.assert_refused(pending, self.create(pending))


class AnotherDomain(Ceremonies):
    CONFIG = "[Access]\nAuthorizer=static\n[RelyingParty]\nDomain=example.org\n"

    def test_the_browser_keeps_a_page_from_using_a_domain_that_is_not_its_own(self):
        self.page.add_authenticator(**PLATFORM)
        with self.assertRaises(PageError) as caught:
            self.create(self.person.register(PASSKEY))
        self.assertEqual(caught.exception.name, "SecurityError")

    def test_an_answer_for_another_domain_is_refused(self):
        self.page.add_authenticator(**PLATFORM)
        pending = self.person.register(PASSKEY)
        self.assert_refused(pending, self.create(pending, rp={"id": "localhost", "name": "Another"}))


if __name__ == "__main__":
    skip_unless_possible()
    skip_without_browser()
    unittest.main()
