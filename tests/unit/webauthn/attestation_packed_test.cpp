// SPDX-License-Identifier: Apache-2.0
// Section 8.2.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("packed self attestation is accepted with every algorithm") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512, ps256);
  CHECK(register_with(with(Format::packed_self), algorithm) == "ok");
}

TEST_CASE("packed self attestation: what does not fit is refused") {
  Registration registration = with(Format::packed_self);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("a byte after the signature") {
    registration.edit_attestation_signature = [](core::Bytes& bytes) { bytes.push_back(0); };
  }
  SECTION("another alg") { registration.edit_statement = setting("alg", cbor::integer(rs256)); }
  SECTION("alg is a text") { registration.edit_statement = setting("alg", cbor::text("ES256")); }
  SECTION("no alg") { registration.edit_statement = dropping("alg"); }
  SECTION("sig is a text") { registration.edit_statement = setting("sig", cbor::text("signature")); }
  SECTION("no sig") { registration.edit_statement = dropping("sig"); }
  SECTION("an empty x5c") { registration.edit_statement = adding("x5c", cbor::array({})); }
  SECTION("x5c is null") { registration.edit_statement = adding("x5c", core::Bytes{0xf6}); }
  SECTION("a member that the format does not have") {
    registration.edit_statement = adding("ecdaaKeyId", cbor::bytes({}));
  }
  SECTION("data changed after signing") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries[2].second.back() ^= 1; };
    registration.extensions = cbor::map({{cbor::text("x"), cbor::integer(1)}});
  }
  CHECK(register_with(registration) == "8.2");
}

TEST_CASE("packed self attestation: a name that is a byte string is not one of its members") {
  Registration registration = with(Format::packed_self);
  registration.edit_statement = [](cbor::Entries& statement) {
    const std::string_view sig = "sig";
    statement.emplace_back(cbor::bytes(core::Bytes(sig.begin(), sig.end())), cbor::bytes({}));
  };
  CHECK(register_with(registration) == "8.2");
}

TEST_CASE("packed self attestation: alg is the credential's, even where another fits the key") {
  Registration registration = with(Format::packed_self);
  registration.edit_statement = setting("alg", cbor::integer(ps256));
  CHECK(register_with(registration, rs256) == "8.2");
}

TEST_CASE("packed with a certificate is accepted, whatever the certificate's key") {
  Registration registration = with(Format::packed_x5c);
  registration.attestation_key = key_of(GENERATE(es256, es384, es512, rs256, ps256, eddsa));
  registration.send_issuer = true;
  CHECK(register_with(registration, rs256) == "ok");
}

TEST_CASE("packed with a certificate: what does not fit is refused") {
  Registration registration = with(Format::packed_x5c);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("an alg that is not the certificate's") {
    registration.edit_statement = setting("alg", cbor::integer(es384));
  }
  SECTION("an alg of another kind of key") { registration.edit_statement = setting("alg", cbor::integer(rs256)); }
  SECTION("an alg that is EdDSA's") { registration.edit_statement = setting("alg", cbor::integer(eddsa)); }
  SECTION("an alg that nobody has") { registration.edit_statement = setting("alg", cbor::integer(-260)); }
  SECTION("no certificate") { registration.x5c_first = core::Bytes{1, 2, 3}; }
  SECTION("another key's certificate") {
    registration.x5c_first = make_certificate({}, key_of(es256), key_of(es256));
    registration.attestation_key = SoftKey::generate(es256);
  }
  SECTION("RSA of 1,024 bits") { registration.attestation_key = SoftKey::generate(rs256, 1'024); }
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
  SECTION("Basic Constraints once") { certificate.extensions.push_back({"2.5.29.19", der::sequence({}), false}); }
  SECTION("Basic Constraints that are nothing else") {
    certificate.basic_constraints.clear();
    certificate.extensions.push_back({"2.5.29.19", der::octets({}), false});
  }
  SECTION("nothing after Basic Constraints") {
    certificate.basic_constraints.clear();
    certificate.extensions.push_back({"2.5.29.19", der::joined({der::sequence({}), der::null()}), false});
  }
  SECTION("the AAGUID") { certificate.aaguid = core::Bytes(16, 0x12); }
  SECTION("the AAGUID's size") { certificate.aaguid = core::Bytes(15, 0x11); }
  SECTION("the AAGUID is not critical") { certificate.aaguid_critical = true; }
  SECTION("the AAGUID once") { certificate.extensions.push_back(aaguid_extension(core::Bytes(16, 0x11), false)); }
  SECTION("the AAGUID within an OCTET STRING") {
    certificate.extensions.push_back({"1.3.6.1.4.1.45724.1.1.4", core::Bytes(18, 0x11), false});
    certificate.extensions.back().value[1] = 16;
    registration.aaguid = core::Bytes(16, 0x11);
    certificate.aaguid.reset();
  }
  CHECK(register_with(registration) == "8.2.1");
}
