// SPDX-License-Identifier: Apache-2.0
// Section 8.8.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("apple is accepted, with the alg of early ones and without") {
  Registration registration = with(Format::apple);
  registration.send_issuer = true;
  CHECK(register_with(registration) == "ok");
  registration.edit_statement = adding("alg", cbor::integer(es256));
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("apple: members are there, of their type, and no others") {
  Registration registration = with(Format::apple);
  SECTION("no x5c") { registration.edit_statement = dropping("x5c"); }
  SECTION("x5c is empty") { registration.edit_statement = setting("x5c", cbor::array({})); }
  SECTION("x5c is a certificate") { registration.edit_statement = setting("x5c", cbor::bytes({})); }
  SECTION("one more") { registration.edit_statement = adding("sig", cbor::bytes({})); }
  CHECK(register_with(registration) == "8.8");
}

TEST_CASE("apple: the certificate is for the credential's key") {
  Registration registration = with(Format::apple);
  registration.attestation_key = GENERATE(0, 1) == 0 ? SoftKey::generate(es256) : key_of(rs256);
  CHECK(register_with(registration) == "8.8");
}

TEST_CASE("apple: the certificate was made for this registration") {
  Registration registration = with(Format::apple);
  SECTION("another nonce") { registration.platform.extension = flip; }
  SECTION("a shorter nonce") {
    registration.platform.extension = [](core::Bytes& content) {
      content = der::sequence({der::field(1, der::octets(core::Bytes(31, 1)))});
    };
  }
  SECTION("no wrapping") {
    registration.platform.extension = [](core::Bytes& content) { content.erase(content.begin(), content.begin() + 4); };
  }
  SECTION("another tag") {
    registration.platform.extension = [](core::Bytes& content) { content[2] = 0xa2; };
  }
  SECTION("a byte after it") {
    registration.platform.extension = [](core::Bytes& content) { content.push_back(0); };
  }
  SECTION("nothing") {
    registration.platform.extension = [](core::Bytes& content) { content.clear(); };
  }
  SECTION("twice") {
    registration.certificate.extensions.push_back({"1.2.840.113635.100.8.2", der::sequence({}), false});
  }
  SECTION("no nonce") { registration.x5c_first = make_certificate(CertificateProfile(), key_of(es256), key_of(es256)); }
  SECTION("other data") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries[2].second.back() ^= 1; };
    registration.extensions = cbor::map({{cbor::text("x"), cbor::integer(1)}});
  }
  CHECK(register_with(registration) == "8.8");
}
