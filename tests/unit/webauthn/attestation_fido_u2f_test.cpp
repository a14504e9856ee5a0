// SPDX-License-Identifier: Apache-2.0
// Section 8.6.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("fido-u2f is accepted, whatever the subject of the certificate and the AAGUID") {
  Registration registration = with(Format::fido_u2f);
  registration.certificate.unit.clear();
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("fido-u2f: what does not fit is refused") {
  Registration registration = with(Format::fido_u2f);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("two certificates") { registration.send_issuer = true; }
  SECTION("a certificate on another curve") { registration.attestation_key = key_of(es384); }
  SECTION("an RSA certificate") { registration.attestation_key = key_of(rs256); }
  SECTION("no x5c") { registration.edit_statement = dropping("x5c"); }
  SECTION("x5c is a certificate") { registration.edit_statement = setting("x5c", cbor::bytes({})); }
  SECTION("no sig") { registration.edit_statement = dropping("sig"); }
  SECTION("sig is a text") { registration.edit_statement = setting("sig", cbor::text("signature")); }
  SECTION("a member that the format does not have") {
    registration.edit_statement = adding("alg", cbor::integer(es256));
  }
  CHECK(register_with(registration) == "8.6");
}

TEST_CASE("fido-u2f: the credential's key is on P-256") {
  CHECK(register_with(with(Format::fido_u2f), es384) == "8.6");
}
