# SPDX-License-Identifier: Apache-2.0
"""Whose authenticators are let in: anchors, lists of AAGUIDs, FIDO metadata; and what a wrong setting is told."""
import base64
import pathlib
import shutil
import sys
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from access import Configurable  # noqa: E402
from attestation_issuer import Blob, Issuer, entry, pem  # noqa: E402
from bus_case import BusCase  # noqa: E402
from enrolment import CONFIG, PASSKEY, U2F, credential  # noqa: E402
from private_bus import FACTORCTL, Factord, skip_unless_possible  # noqa: E402

MODEL = "01020304-0506-0708-0102-030405060708"
OTHER = "ffffffff-0506-0708-0102-030405060708"
NONE = "00000000-0000-0000-0000-000000000000"
WRONG = "The configuration is wrong; the one before stays in force"


def token(issuer=None, aaguid=MODEL, form="packed-x5c"):
    """Arguments of a soft authenticator of that model and vendor."""
    return ["--format", form, "--aaguid", base64.urlsafe_b64encode(uuid.UUID(aaguid).bytes).decode().rstrip("="),
            *(["--issuer-key", issuer.key_file] if issuer else [])]


class AttestationCase(BusCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon.stop()
        cls.daemon = cls.enterClassContext(Configurable(cls.bus, config=CONFIG))
        cls.folder = cls.daemon.folder
        cls.vendor, cls.stranger = Issuer(cls.folder), Issuer(cls.folder)

    def setUp(self):
        self.user = self.someone()
        self.anchors = self.folder / "anchors"
        shutil.rmtree(self.anchors, ignore_errors=True)
        self.anchors.mkdir()
        (self.anchors / "vendor.pem").write_text(pem(self.vendor.certificate))

    def use(self, *lines):
        self.daemon.reconfigure(CONFIG + "\n".join(lines) + "\n")
        self.assertNotIn(WRONG, self.daemon.stderr[self.said():])

    def use_metadata(self, blob, *lines):
        (self.folder / "blob.jwt").write_text(blob.text)
        (self.folder / "root.pem").write_text(blob.root)
        self.use(f"Metadata={self.folder}/blob.jwt", f"MetadataRoot={self.folder}/root.pem", *lines)

    def require_trust(self):
        self.use("Attestation=direct", "RequireTrustedAttestation=yes", f"TrustAnchors={self.anchors}")

    _said = 0

    def said(self):
        """Where what the daemon says from now on will begin; the place of the last call."""
        before, type(self)._said = self._said, len(self.daemon.stderr)
        return before

    def enrol(self, arguments, kind=PASSKEY):
        pending = self.user.register(kind)
        self.user.verify(pending, credential(pending.asks, *arguments))
        return next(item for item in self.user.list(kind)[0] if item["id"] == pending.id)

    def assert_refused(self, arguments, reason, kind=PASSKEY):
        self.said()
        pending = self.user.register(kind)
        with self.refused("WEBAU-3Vb9s"):
            self.user.verify(pending, credential(pending.asks, *arguments))
        self.assertIn(f"WebAuthn step 24: {reason}", self.daemon.stderr[self._said:])


class Trust(AttestationCase):
    def test_required_trust_lets_in_what_an_anchor_vouches_for(self):
        self.require_trust()
        self.assertEqual(self.enrol(token(self.vendor))["aaguid"], MODEL)
        self.assertEqual(self.enrol(token(self.vendor, aaguid=NONE, form="fido-u2f"), U2F)["attestation"], "fido-u2f")

    def test_required_trust_refuses_everybody_else(self):
        self.require_trust()
        self.assert_refused(token(self.stranger), "trust path does not end in an anchor")
        self.assert_refused(token(), "trust path does not end in an anchor")
        self.assert_refused(token(form="packed"), "nobody vouches for the authenticator")
        self.assert_refused(token(form="none"), "nobody vouches for the authenticator")

    def test_browsers_are_asked_for_what_is_configured(self):
        for word in ("none", "indirect", "direct"):
            self.use(f"Attestation={word}")
            self.assertIn(f'"attestation":"{word}"', self.user.register(PASSKEY).asks)

    def test_a_reload_changes_who_is_let_in(self):
        self.require_trust()
        self.assert_refused(token(self.stranger), "trust path does not end in an anchor")
        (self.anchors / "stranger.pem").write_text(pem(self.stranger.certificate))
        self.assert_refused(token(self.stranger), "trust path does not end in an anchor")
        self.require_trust()
        self.enrol(token(self.stranger))
        self.use()
        self.enrol(token(form="none"))

    def test_a_reload_that_fails_keeps_who_was_let_in(self):
        self.require_trust()
        (self.anchors / "broken.pem").write_text("nothing")
        (self.anchors / "stranger.pem").write_text(pem(self.stranger.certificate))
        self.said()
        self.daemon.reconfigure(self.daemon.config_file.read_text())
        self.assertIn(WRONG, self.daemon.stderr[self._said:])
        self.assertIn(f"{self.anchors}/broken.pem: holds no certificate", self.daemon.stderr[self._said:])
        self.assert_refused(token(self.stranger), "trust path does not end in an anchor")
        self.enrol(token(self.vendor))


class Lists(AttestationCase):
    def test_a_denied_model_is_refused(self):
        self.use(f"DeniedAuthenticators={OTHER} {MODEL}")
        self.assert_refused(token(form="none"), "authenticator is denied")
        self.enrol(token(aaguid=NONE, form="none"))

    def test_where_models_are_allowed_others_are_not(self):
        self.use(f"AllowedAuthenticators={OTHER} {MODEL}")
        self.enrol(token(form="none"))
        self.assert_refused(token(aaguid=NONE, form="none"), "authenticator is not allowed")
        self.assert_refused(token(form="fido-u2f"), "authenticator is not allowed", U2F)
        self.use(f"AllowedAuthenticators={NONE}")
        self.enrol(token(form="fido-u2f"), U2F)


class Metadata(AttestationCase):
    def test_a_revoked_model_is_refused_though_no_trust_is_required(self):
        self.use_metadata(Blob([entry(MODEL, "A token", statuses=["FIDO_CERTIFIED", "REVOKED"]),
                                entry(OTHER, "Another")]))
        self.assert_refused(token(form="none"), "metadata: REVOKED")
        self.enrol(token(aaguid=OTHER, form="none"))

    def test_its_roots_vouch_for_its_models(self):
        self.use_metadata(Blob([entry(MODEL, "A token", roots=[self.vendor]), entry(OTHER, "Another")]),
                          "Attestation=direct", "RequireTrustedAttestation=yes")
        self.enrol(token(self.vendor))
        self.assert_refused(token(self.vendor, aaguid=OTHER), "trust path does not end in an anchor")
        self.assert_refused(token(self.stranger), "trust path does not end in an anchor")

    def test_lists_name_the_models_it_knows(self):
        self.use_metadata(Blob([entry(MODEL, "A token of steel")]))
        self.assertEqual(self.enrol(token(form="none"))["authenticatorName"], "A token of steel")
        self.assertEqual(self.enrol(token(aaguid=OTHER, form="none"))["authenticatorName"], "")
        done = self.bus.run_as("root", [FACTORCTL, "--org", "acme", "passkey", "list", "--user", self.user.user_id])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("AUTHENTICATOR", done.stdout)
        self.assertIn("A token of steel", done.stdout)

    def test_an_old_one_is_used_with_a_warning(self):
        self.said()
        self.use_metadata(Blob([entry(MODEL, "A token", statuses=["REVOKED"])], next_update="2021-01-01"))
        self.assertIn("The metadata is older than it says it should be", self.daemon.stderr)
        self.assert_refused(token(form="none"), "metadata: REVOKED")

    def test_one_that_nobody_has_signed_is_refused(self):
        self.use_metadata(Blob([entry(MODEL, "A token", statuses=["REVOKED"])]))
        (self.folder / "blob.jwt").write_text(Blob([entry(MODEL, "A token")]).text)
        self.said()
        self.daemon.reconfigure(self.daemon.config_file.read_text())
        self.assertIn("blob.jwt: refused as metadata: its signer's certificates do not lead to a root",
                      self.daemon.stderr[self._said:])
        self.assert_refused(token(form="none"), "metadata: REVOKED")


class Start(BusCase):
    def assert_does_not_start(self, lines, message):
        daemon = Factord(self.bus, config=CONFIG + lines)
        daemon.spawn()
        self.assertEqual(daemon.wait(), 1)
        self.assertIn(message, daemon.stderr)

    def test_a_wrong_setting_is_told_at_the_start(self):
        for lines, message in (
                ("TrustAnchors=/etc\n", "TrustAnchors= does nothing without RequireTrustedAttestation=yes"),
                ("RequireTrustedAttestation=yes\n", "needs Attestation=direct or indirect"),
                ("Attestation=direct\nRequireTrustedAttestation=yes\nTrustAnchors=/no/such/folder\n",
                 "/no/such/folder: No such file or directory"),
                ("Metadata=/no/such/file\n", "Metadata= needs MetadataRoot="),
                ("Metadata=/no/such/file\nMetadataRoot=/no/such/root\n", "/no/such/root: No such file or directory")):
            with self.subTest(lines=lines):
                self.assert_does_not_start(lines, message)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
