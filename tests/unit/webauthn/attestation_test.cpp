// SPDX-License-Identifier: Apache-2.0
// Step 22 of section 7.1: attestation statements, chapter 8, and what of step 24 a chain says by itself.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

Registration with(Format format) {
  Registration registration;
  registration.format = format;
  registration.aaguid = core::Bytes(16, 0x11);
  return registration;
}

void flip(core::Bytes& bytes) { bytes.back() ^= 1; }

void set(cbor::Entries& statement, const char* name, core::Bytes value) {
  for (auto& [key, old] : statement)
    if (key == cbor::text(name)) old = value;
}

}  // namespace

TEST_CASE("none: the statement is an empty map") {
  Registration registration;
  registration.edit_statement = [](cbor::Entries& statement) {
    statement.emplace_back(cbor::text("alg"), cbor::integer(es256));
  };
  CHECK(register_with(registration) == "8.7");
  registration.edit_statement = nullptr;
  registration.edit_attestation_object = [](cbor::Entries& entries) { entries[1].second = cbor::array({}); };
  CHECK(register_with(registration) == "22");
}

TEST_CASE("packed self attestation is accepted with every algorithm") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  CHECK(register_with(with(Format::packed_self), registration_expectations(), algorithm) == "ok");
}

TEST_CASE("packed self attestation: what does not fit is refused") {
  Registration registration = with(Format::packed_self);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("a byte after the signature") {
    registration.edit_attestation_signature = [](core::Bytes& bytes) { bytes.push_back(0); };
  }
  SECTION("another alg") {
    registration.edit_statement = [](cbor::Entries& statement) { set(statement, "alg", cbor::integer(rs256)); };
  }
  SECTION("alg is a text") {
    registration.edit_statement = [](cbor::Entries& statement) { set(statement, "alg", cbor::text("ES256")); };
  }
  SECTION("an empty x5c") {
    registration.edit_statement = [](cbor::Entries& statement) {
      statement.emplace_back(cbor::text("x5c"), cbor::array({}));
    };
  }
  SECTION("a member that the format does not have") {
    registration.edit_statement = [](cbor::Entries& statement) {
      statement.emplace_back(cbor::text("ecdaaKeyId"), cbor::bytes({}));
    };
  }
  SECTION("data changed after signing") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries[2].second.back() ^= 1; };
    registration.extensions = cbor::map({{cbor::text("x"), cbor::integer(1)}});
  }
  CHECK(register_with(registration) == "8.2");
}

TEST_CASE("packed with a certificate is accepted, whatever the certificate's key") {
  Registration registration = with(Format::packed_x5c);
  const int algorithm = GENERATE(es256, es384, es512, rs256, eddsa);
  registration.attestation_key = key_of(algorithm);
  registration.send_issuer = true;
  CHECK(register_with(registration, registration_expectations(), rs256) == "ok");
}

TEST_CASE("packed with a certificate: what does not fit is refused") {
  Registration registration = with(Format::packed_x5c);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("an alg that is not the certificate's") {
    registration.edit_statement = [](cbor::Entries& statement) { set(statement, "alg", cbor::integer(es384)); };
  }
  SECTION("no certificate") { registration.x5c_first = core::Bytes{1, 2, 3}; }
  SECTION("a byte after the certificate") {
    registration.attestation_key = key_of(es256);
    registration.x5c_first = make_certificate({}, key_of(es256), key_of(es256));
    registration.x5c_first->push_back(0);
  }
  SECTION("another key's certificate") {
    registration.x5c_first = make_certificate({}, key_of(es256), key_of(es256));
    registration.attestation_key = SoftKey::generate(es256);
  }
  CHECK(register_with(registration) == "8.2");
}

TEST_CASE("packed with a certificate: each rule of section 8.2.1 is kept") {
  Registration registration = with(Format::packed_x5c);
  CertificateProfile& certificate = registration.certificate;
  SECTION("version 3") { certificate.version = 1; }
  SECTION("a country") { certificate.country.clear(); }
  SECTION("an organization") { certificate.organization.clear(); }
  SECTION("the unit") { certificate.unit = "Authenticators"; }
  SECTION("a common name") { certificate.common_name.clear(); }
  SECTION("Basic Constraints") { certificate.basic_constraints.clear(); }
  SECTION("no CA") { certificate.basic_constraints = "critical,CA:TRUE"; }
  SECTION("the AAGUID") { certificate.aaguid = core::Bytes(16, 0x12); }
  SECTION("the AAGUID's size") { certificate.aaguid = core::Bytes(15, 0x11); }
  SECTION("the AAGUID is not critical") { certificate.aaguid_critical = true; }
  CHECK(register_with(registration) == "8.2.1");
}

TEST_CASE("step 24: certificates are judged at the given time, and each was issued by the next") {
  Registration registration = with(Format::packed_x5c);
  auto expected = registration_expectations();
  SECTION("expired") { expected.at = core::Time(std::chrono::seconds(2'500'000'001)); }
  SECTION("not valid yet") { expected.at = core::Time(std::chrono::seconds(1'599'999'999)); }
  SECTION("another issuer of the same name") {
    registration.edit_statement = [](cbor::Entries& statement) {
      core::Bytes& x5c = statement.back().second;
      x5c[0] = 0x82;  // an array of two
      cbor::append(x5c, cbor::bytes(make_issuer_certificate(key_of(es256))));
    };
  }
  SECTION("an issuer that is no CA") {
    const SoftKey issuer = SoftKey::generate(es256);
    registration.attestation_key = issuer;
    registration.edit_statement = [issuer](cbor::Entries& statement) {
      core::Bytes& x5c = statement.back().second;
      x5c[0] = 0x82;
      cbor::append(x5c, cbor::bytes(make_certificate({}, issuer, issuer)));
    };
  }
  CHECK(register_with(registration, expected) == "24");
}

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
  SECTION("no certificate") {
    registration.edit_statement = [](cbor::Entries& statement) { statement.pop_back(); };
  }
  CHECK(register_with(registration) == "8.6");
}

TEST_CASE("fido-u2f: the credential's key is on P-256") {
  CHECK(register_with(with(Format::fido_u2f), registration_expectations(), es384) == "8.6");
}
