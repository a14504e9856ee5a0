// SPDX-License-Identifier: Apache-2.0
// Section 8.3.
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

// One member of a structure is replaced.
template <typename Structure>
auto with_member(core::Bytes Structure::*member, core::Bytes value) {
  return [=](Structure& structure) { structure.*member = value; };
}

Registration with_certificate_extensions(std::vector<CertificateExtension> extensions) {
  Registration registration = with(Format::tpm);
  registration.certificate.extensions = std::move(extensions);
  return registration;
}

const CertificateExtension key_usage{"2.5.29.37", der::sequence({der::tcg_object(8, 3)}), false};

SoftKey key_with_short_x() {
  SoftKey key = SoftKey::generate(es256);
  while (key.uncompressed()[1] != 0) key = SoftKey::generate(es256);
  return key;
}

}  // namespace

TEST_CASE("tpm is accepted for every kind of key that a TPM makes") {
  const int algorithm = GENERATE(es256, es384, es512, rs256, ps256);
  CHECK(register_with(with(Format::tpm), algorithm) == "ok");
}

TEST_CASE("tpm is accepted with every algorithm that hashes, SHA-1 included") {
  Registration registration = with(Format::tpm);
  registration.attestation_key = key_of(GENERATE(es256, es384, es512, rs256, ps256, rs1));
  registration.send_issuer = true;
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("tpm: the name may be made with any hash that TPMs have") {
  Registration registration = with(Format::tpm);
  const auto algorithm = GENERATE(as<std::uint8_t>(), 0x04, 0x0b, 0x0c, 0x0d);
  registration.tpm.public_area = with_member(&SoftTpmPublicArea::name_algorithm, {0x00, algorithm});
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("tpm: an exponent of 65,537 may be written out, and other exponents have to be") {
  Registration registration = with(Format::tpm);
  registration.tpm.public_area = with_member(&SoftTpmPublicArea::parameters, {0x08, 0x00, 0x00, 0x01, 0x00, 0x01});
  CHECK(register_with(registration, rs256) == "ok");
  registration.tpm.public_area = with_member(&SoftTpmPublicArea::parameters, {0x08, 0x00, 0x00, 0x00, 0x00, 0x03});
  CHECK(register_with(registration, rs256) == "8.3");
}

TEST_CASE("tpm: a key may be bound to a scheme of signing") {
  const auto [algorithm, scheme] = GENERATE(table<int, std::uint8_t>({{rs256, 0x14}, {ps256, 0x16}, {es256, 0x18}}));
  Registration registration = with(Format::tpm);
  registration.tpm.public_area = with_member(&SoftTpmPublicArea::scheme, {0x00, scheme, 0x00, 0x0b});
  CHECK(register_with(registration, algorithm) == "ok");
}

TEST_CASE("tpm: fields that the text does not look at may hold anything") {
  Registration registration = with(Format::tpm);
  SECTION("attributes") { registration.tpm.public_area = with_member(&SoftTpmPublicArea::attributes, {0, 0, 0, 0}); }
  SECTION("policy") { registration.tpm.public_area = with_member(&SoftTpmPublicArea::policy, {0x00, 0x00}); }
  SECTION("signer") { registration.tpm.certification = with_member(&SoftTpmCertification::signer, {0x00, 0x00}); }
  SECTION("qualified name") {
    registration.tpm.certification = with_member(&SoftTpmCertification::qualified_name, {0x00, 0x00});
  }
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("tpm: a coordinate may come without its leading zeros") {
  const SoftKey key = key_with_short_x();
  const core::Bytes point = key.uncompressed();
  const core::ByteView x = core::ByteView(point).subspan(1, 32), y = core::ByteView(point).subspan(33);
  Registration registration = with(Format::tpm);
  registration.tpm.public_area =
      with_member(&SoftTpmPublicArea::unique, der::joined({tpm_sized(x.subspan(1)), tpm_sized(y)}));
  CHECK(outcome(webauthn::verify_registration(make_registration(key, registration), registration_expectations())) ==
        "ok");
}

TEST_CASE("tpm: members are there, of their type, and no others") {
  Registration registration = with(Format::tpm);
  SECTION("missing") {
    const char* name = GENERATE("ver", "alg", "x5c", "sig", "certInfo", "pubArea");
    registration.edit_statement = dropping(name);
  }
  SECTION("of another type") {
    const char* name = GENERATE("alg", "x5c", "sig", "certInfo", "pubArea");
    registration.edit_statement = setting(name, cbor::text("2.0"));
  }
  SECTION("empty") {
    const char* name = GENERATE("sig", "certInfo", "pubArea");
    registration.edit_statement = setting(name, cbor::bytes({}));
  }
  SECTION("ver is of TPM 1.2") { registration.edit_statement = setting("ver", cbor::text("1.2")); }
  SECTION("ver is longer") { registration.edit_statement = setting("ver", cbor::text("2.00")); }
  SECTION("ver is bytes") { registration.edit_statement = setting("ver", cbor::bytes(core::bytes_of("2.0"))); }
  SECTION("x5c is empty") { registration.edit_statement = setting("x5c", cbor::array({})); }
  SECTION("one more") { registration.edit_statement = adding("ecdaaKeyId", cbor::bytes({})); }
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: pubArea is for the credential's key") {
  Registration registration = with(Format::tpm);
  int algorithm = es256;
  SECTION("another EC key") {
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { area = tpm_public_area(SoftKey::generate(es256)); };
  }
  SECTION("another RSA key") {
    algorithm = rs256;
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { area = tpm_public_area(SoftKey::generate(rs256)); };
  }
  SECTION("a key of another kind") {
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { area = tpm_public_area(key_of(rs256)); };
  }
  SECTION("a key on another curve") {
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { area = tpm_public_area(key_of(es384)); };
  }
  SECTION("another curve, the same coordinates") {
    registration.tpm.public_area = with_member(&SoftTpmPublicArea::parameters, {0x00, 0x04, 0x00, 0x10});
  }
  SECTION("a point off the curve") {
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { flip(area.unique); };
  }
  CHECK(register_with(registration, algorithm) == "8.3");
}

TEST_CASE("tpm: a credential with a key that TPMs do not have is refused") {
  Registration registration = with(Format::tpm);
  registration.tpm.public_area = [](SoftTpmPublicArea& area) { area = tpm_public_area(key_of(es256)); };
  registration.cose_key = key_of(eddsa).cose();
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: pubArea is exactly the public area of a key that signs") {
  Registration registration = with(Format::tpm);
  core::Bytes SoftTpmPublicArea::*member = nullptr;
  core::Bytes value;
  SECTION("another type of object") { member = &SoftTpmPublicArea::type, value = {0x00, 0x08}; }
  SECTION("a scheme of RSA") { member = &SoftTpmPublicArea::scheme, value = {0x00, 0x14, 0x00, 0x0b}; }
  SECTION("a scheme that needs more") { member = &SoftTpmPublicArea::scheme, value = {0x00, 0x1a, 0x00, 0x0b}; }
  SECTION("a symmetric algorithm") { member = &SoftTpmPublicArea::symmetric, value = {0x00, 0x06}; }
  SECTION("a derivation of keys") { member = &SoftTpmPublicArea::parameters, value = {0x00, 0x03, 0x00, 0x20}; }
  SECTION("an unknown curve") { member = &SoftTpmPublicArea::parameters, value = {0x00, 0x10, 0x00, 0x10}; }
  SECTION("a byte after it") { member = &SoftTpmPublicArea::after, value = {0x00}; }
  SECTION("an unknown hash for the name") { member = &SoftTpmPublicArea::name_algorithm, value = {0x00, 0x12}; }
  SECTION("no hash for the name") { member = &SoftTpmPublicArea::name_algorithm, value = {0x00, 0x10}; }
  registration.tpm.public_area = with_member(member, value);
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: pubArea of an RSA key has the modulus's size, and a scheme of RSA") {
  Registration registration = with(Format::tpm);
  SECTION("size") {
    registration.tpm.public_area = with_member(&SoftTpmPublicArea::parameters, {0x04, 0x00, 0x00, 0x00, 0x00, 0x00});
  }
  SECTION("scheme of EC") {
    registration.tpm.public_area = with_member(&SoftTpmPublicArea::scheme, {0x00, 0x18, 0x00, 0x0b});
  }
  SECTION("cut") {
    registration.tpm.public_area = [](SoftTpmPublicArea& area) { area.unique.pop_back(); };
  }
  CHECK(register_with(registration, rs256) == "8.3");
}

TEST_CASE("tpm: certInfo is exactly a certification of this registration by a TPM") {
  Registration registration = with(Format::tpm);
  core::Bytes SoftTpmCertification::*member = nullptr;
  core::Bytes value;
  SECTION("another magic") { member = &SoftTpmCertification::magic, value = {0xff, 0x54, 0x43, 0x48}; }
  SECTION("a quote") { member = &SoftTpmCertification::type, value = {0x80, 0x18}; }
  SECTION("no extra data") { member = &SoftTpmCertification::extra_data, value = {0x00, 0x00}; }
  SECTION("extra data of another registration") {
    member = &SoftTpmCertification::extra_data, value = tpm_sized(core::Bytes(32, 0x05));
  }
  SECTION("the name of another object") {
    member = &SoftTpmCertification::name, value = tpm_sized(der::joined({{0x00, 0x0b}, core::Bytes(32, 0x06)}));
  }
  SECTION("no name") { member = &SoftTpmCertification::name, value = {0x00, 0x00}; }
  SECTION("a shorter clock") { member = &SoftTpmCertification::clock, value = core::Bytes(16, 0x02); }
  SECTION("a byte after it") { member = &SoftTpmCertification::after, value = {0x00}; }
  SECTION("a size beyond the end") { member = &SoftTpmCertification::qualified_name, value = {0x00, 0x01}; }
  registration.tpm.certification = with_member(member, value);
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: the name is the hash's number and the hash, whole") {
  Registration registration = with(Format::tpm);
  SECTION("another number") {
    registration.tpm.certification = [](SoftTpmCertification& info) { info.name[3] ^= 1; };
  }
  SECTION("another number's first byte") {
    registration.tpm.certification = [](SoftTpmCertification& info) { info.name[2] ^= 1; };
  }
  SECTION("one byte more") {
    registration.tpm.certification = [](SoftTpmCertification& info) {
      info.name[1] += 1;
      info.name.push_back(0);
    };
  }
  SECTION("one byte less") {
    registration.tpm.certification = [](SoftTpmCertification& info) {
      info.name[1] -= 1;
      info.name.pop_back();
    };
  }
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: extraData is hashed as the algorithm hashes") {
  Registration registration = with(Format::tpm);
  registration.attestation_key = key_of(es384);
  registration.tpm.certification = [](SoftTpmCertification& info) {
    info.extra_data = tpm_sized(core::ByteView(info.extra_data).subspan(2, 32));
  };
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: certInfo is signed with the certificate's key") {
  Registration registration = with(Format::tpm);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("an alg of another kind of key") { registration.edit_statement = setting("alg", cbor::integer(rs256)); }
  SECTION("RS1 with an EC key") { registration.edit_statement = setting("alg", cbor::integer(rs1)); }
  SECTION("an alg that nobody has") { registration.edit_statement = setting("alg", cbor::integer(-260)); }
  SECTION("another key") {
    registration.x5c_first = make_certificate(attestation_identity_profile(), key_of(es256), key_of(es256));
  }
  SECTION("RSA of 1,024 bits") { registration.attestation_key = SoftKey::generate(rs1, 1'024); }
  SECTION("EdDSA, which does not hash") { registration.attestation_key = key_of(eddsa); }
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: a signature with SHA-1 does not pass for one with SHA-256") {
  Registration registration = with(Format::tpm);
  registration.attestation_key = key_of(rs1);
  registration.edit_statement = setting("alg", cbor::integer(rs256));
  CHECK(register_with(registration) == "8.3");
}

TEST_CASE("tpm: each rule of section 8.3.1 is kept") {
  Registration registration = with(Format::tpm);
  CertificateProfile& certificate = registration.certificate;
  SECTION("version 3") { certificate.version = 1; }
  SECTION("no subject") { certificate.common_name = "AIK"; }
  SECTION("Basic Constraints") { certificate.basic_constraints.clear(); }
  SECTION("no CA") { certificate.basic_constraints = "critical,CA:TRUE"; }
  SECTION("an alternative name") { certificate.extensions = {key_usage}; }
  SECTION("a key usage") { certificate.extensions = {alternative_name({})}; }
  SECTION("the key usage") { certificate.extensions[0].value = der::sequence({der::tcg_object(8, 1)}); }
  SECTION("the key usage is a list") { certificate.extensions[0].value = der::tcg_object(8, 3); }
  SECTION("nothing after the key usage") { certificate.extensions[0].value.push_back(0); }
  SECTION("one key usage") { certificate.extensions.push_back(key_usage); }
  CHECK(register_with(registration) == "8.3.1");
}

TEST_CASE("tpm: other key usages may be there too") {
  const CertificateExtension usages{"2.5.29.37", der::sequence({der::tcg_object(8, 1), der::tcg_object(8, 3)}), true};
  CHECK(register_with(with_certificate_extensions({usages, alternative_name({})})) == "ok");
}

TEST_CASE("tpm: the alternative name tells manufacturer, model and version") {
  TpmDevice device;
  SECTION("all of them but one") {
    device.entries.erase(device.entries.begin() + GENERATE(0, 1, 2));
    device.one_set = GENERATE(false, true);
  }
  SECTION("one of them empty") { device.entries[std::size_t(GENERATE(0, 1, 2))].second.clear(); }
  CHECK(register_with(with_certificate_extensions({key_usage, alternative_name(device)})) == "8.3.1");
}

TEST_CASE("tpm: the alternative name may be in one set, in any order, not critical, and behind names of other kinds") {
  TpmDevice device;
  std::swap(device.entries[0], device.entries[2]);
  device.one_set = GENERATE(false, true);
  CertificateExtension names = alternative_name(device);
  names.critical = GENERATE(false, true);
  const core::Bytes name = core::Bytes(names.value.begin() + 2, names.value.end());
  names.value = der::sequence({der::element({0x82}, {'t', 'p', 'm'}), name});  // [2] dNSName
  CHECK(register_with(with_certificate_extensions({key_usage, names})) == "ok");
}

TEST_CASE("tpm: an alternative name of another kind tells nothing") {
  const CertificateExtension names{"2.5.29.17", der::sequence({der::element({0x82}, {'t', 'p', 'm'})}), true};
  CHECK(register_with(with_certificate_extensions({key_usage, names})) == "8.3.1");
}

TEST_CASE("tpm: the AAGUID in the certificate is that of the authenticator data") {
  Registration registration = with(Format::tpm);
  registration.certificate.aaguid = registration.aaguid;
  CHECK(register_with(registration) == "ok");
  registration.certificate.aaguid = core::Bytes(16, 0x12);
  CHECK(register_with(registration) == "8.3");
}
