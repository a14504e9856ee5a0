// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/certificate.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/der_writer.hpp"
#include "tests/support/named_certificate.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using webauthn::Certificate;

namespace {

const core::Bytes ec_public_key{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
const core::Bytes p256_curve{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
const core::Bytes p384_curve{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
const core::Bytes p521_curve{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
const core::Bytes p256_point{0x03, 0x42, 0x00, 0x04};  // the head of its BIT STRING

core::Bytes certificate_of(int algorithm, const CertificateProfile& profile = {}) {
  return make_certificate(profile, key_of(algorithm), key_of(algorithm));
}

// Its signature is void then, which reading does not look at.
Certificate patched(core::Bytes der, const core::Bytes& what, const core::Bytes& with) {
  const auto found = std::search(der.begin(), der.end(), what.begin(), what.end());
  REQUIRE(found != der.end());
  std::copy(with.begin(), with.end(), found);
  auto certificate = Certificate::read(der);
  REQUIRE(certificate);
  return std::move(*certificate);
}

}  // namespace

TEST_CASE("a certificate's EC key is taken for the algorithm of its curve alone") {
  for (const int algorithm : {es256, es384, es512}) {
    const auto certificate = Certificate::read(certificate_of(algorithm));
    REQUIRE(certificate);
    for (const int asked : {es256, es384, es512})
      CHECK(certificate->key_for(asked).has_value() == (asked == algorithm));
    for (const int asked : {rs256, ps256, eddsa, rs1, 0}) CHECK_FALSE(certificate->key_for(asked));
    CHECK_FALSE(certificate->rsa_key());
  }
}

TEST_CASE("a certificate's RSA key is taken for RS256 and PS256, an Ed25519 key for EdDSA") {
  const auto rsa = Certificate::read(certificate_of(rs256));
  for (const int asked : {rs256, ps256}) CHECK(rsa->key_for(asked));
  for (const int asked : {es256, es384, es512, eddsa, rs1}) CHECK_FALSE(rsa->key_for(asked));
  CHECK(rsa->rsa_key());
  const auto edwards = Certificate::read(certificate_of(eddsa));
  CHECK(edwards->key_for(eddsa));
  for (const int asked : {es256, es384, es512, rs256, ps256, rs1}) CHECK_FALSE(edwards->key_for(asked));
  CHECK_FALSE(edwards->rsa_key());
}

TEST_CASE("an EC key in a certificate has a named curve and an uncompressed point of its size") {
  const core::Bytes good = certificate_of(es256);
  core::Bytes unnamed = p256_curve;
  unnamed[0] = 0x04;  // an OCTET STRING in the curve's place
  CHECK_FALSE(patched(good, p256_curve, unnamed).key_for(es256));
  for (const std::uint8_t form : core::Bytes{0x02, 0x03, 0x05, 0x06, 0x07, 0x00}) {
    core::Bytes head = p256_point;
    head.back() = form;
    CHECK_FALSE(patched(good, p256_point, head).key_for(es256));
  }
  const Certificate too_short = patched(certificate_of(es384), p384_curve, p521_curve);
  CHECK_FALSE(too_short.key_for(es512));
  CHECK_FALSE(too_short.key_for(es384));
}

TEST_CASE("a certificate with a key of an unknown kind has none for anybody") {
  core::Bytes unknown = ec_public_key;
  unknown.back() = 0x7f;
  const Certificate certificate = patched(certificate_of(es256), ec_public_key, unknown);
  for (const int asked : {es256, rs256, ps256, eddsa}) CHECK_FALSE(certificate.key_for(asked));
  CHECK_FALSE(certificate.rsa_key());
  CHECK_FALSE(certificate.signed_by(certificate));
}

TEST_CASE("a certificate is signed by whom it names, with that key, and by nobody else") {
  const SoftKey& key = key_of(es256);
  const auto made = [&](const char* subject, const char* issuer, const SoftKey& signer) {
    return Certificate::read(make_named_certificate({.subject = subject, .issuer = issuer}, key, signer)).value();
  };
  const Certificate issuer = made("A", "A", key);
  CHECK(made("B", "A", key).signed_by(issuer));
  CHECK_FALSE(made("B", "C", key).signed_by(issuer));
  CHECK_FALSE(made("B", "A", SoftKey::generate(es256)).signed_by(issuer));
}

TEST_CASE("the first entry and the first extension of a certificate are found like all others") {
  CertificateProfile profile{
      .country = "", .organization = "", .unit = "", .common_name = "N", .basic_constraints = ""};
  const core::Bytes aaguid(16, 1), other(16, 2);
  profile.aaguid = aaguid;
  const auto certificate = Certificate::read(certificate_of(es256, profile));
  REQUIRE(certificate);
  CHECK(certificate->subject_entry(NID_commonName) == "N");
  CHECK(certificate->extension("1.3.6.1.4.1.45724.1.1.4"));
  CHECK(certificate->aaguid_defect(aaguid) == nullptr);
  CHECK(certificate->aaguid_defect(other) != nullptr);
}

TEST_CASE("a certificate's key is what its kind says, whatever its bits would do for") {
  core::Bytes edwards{0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
  core::Bytes montgomery = edwards;
  montgomery[6] = 0x6e;  // X25519
  CHECK_FALSE(patched(certificate_of(eddsa), edwards, montgomery).key_for(eddsa));
  const core::Bytes rsa{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
  core::Bytes pss = rsa;  // RSASSA-PSS, which may limit hash and salt
  pss[10] = 0x0a;
  pss[11] = 0x30;
  const Certificate limited = patched(certificate_of(rs256), rsa, pss);
  CHECK_FALSE(limited.rsa_key());
  CHECK_FALSE(limited.key_for(ps256));
}

TEST_CASE("an entry of the subject that is no text reads as none") {
  CertificateProfile profile;
  profile.common_name = "Name";
  const core::Bytes good = certificate_of(es256, profile);
  CHECK(Certificate::read(good)->subject_entry(NID_commonName) == "Name");
  const core::Bytes text = der::text("Name");
  core::Bytes sequence = text;
  sequence[0] = 0x30;
  CHECK(patched(good, text, sequence).subject_entry(NID_commonName).empty());
  CHECK(Certificate::read(good)->subject_entry(NID_surname).empty());
}

TEST_CASE("the AAGUID extension holds an OCTET STRING of the sixteen bytes, and nothing else") {
  const core::Bytes aaguid(16, 0xab);
  const auto defect = [&](const core::Bytes& value) {
    CertificateProfile profile;
    CertificateExtension extension = aaguid_extension(aaguid, false);
    extension.value = value;
    profile.extensions = {extension};
    return Certificate::read(certificate_of(es256, profile))->aaguid_defect(aaguid);
  };
  constexpr std::string_view other = "AAGUID extension is not that of the authenticator data";
  core::Bytes good = der::octets(aaguid);
  CHECK(defect(good) == nullptr);
  CHECK(defect(aaguid) == other);
  for (const std::size_t at : {0u, 1u, 2u, 17u}) {  // tag, length, first and last byte
    core::Bytes changed = good;
    changed[at] ^= 1;
    CHECK(defect(changed) == other);
  }
  good.push_back(0);
  CHECK(defect(good) == other);
}
