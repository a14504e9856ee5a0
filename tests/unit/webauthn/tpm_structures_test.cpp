// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/tpm_structures.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;
using webauthn::read_tpm_certification;
using webauthn::read_tpm_public_area;

namespace {

SoftTpmCertification certification() {
  SoftTpmCertification out;
  out.extra_data = tpm_sized(core::Bytes(20, 5));
  out.name = tpm_sized(core::Bytes(34, 6));
  return out;
}

}  // namespace

TEST_CASE("a public area is read field by field") {
  const auto rsa = read_tpm_public_area(tpm_public_area(key_of(rs256)).encoded());
  REQUIRE(rsa);
  CHECK(rsa->name_algorithm == 0x000b);
  CHECK(std::get<webauthn::TpmRsaKey>(rsa->key).exponent == 65'537);
  CHECK(std::get<webauthn::TpmRsaKey>(rsa->key).modulus.size() == 256);
  const auto ecc = read_tpm_public_area(tpm_public_area(key_of(es512)).encoded());
  REQUIRE(ecc);
  CHECK(std::get<webauthn::TpmEccKey>(ecc->key).curve == webauthn::Curve::p521);
  CHECK(std::get<webauthn::TpmEccKey>(ecc->key).x.size() == 66);
}

TEST_CASE("a public area that is cut anywhere is refused") {
  const core::Bytes whole = tpm_public_area(key_of(GENERATE(es256, rs256))).encoded();
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(read_tpm_public_area(core::ByteView(whole).first(size)));
}

TEST_CASE("a public area of another type is refused, even where nothing is left to read") {
  SoftTpmPublicArea area = tpm_public_area(key_of(es256));
  area.type = {0x00, 0x25};  // a symmetric cipher
  CHECK_FALSE(read_tpm_public_area(area.encoded()));
  area.parameters.clear();
  area.unique.clear();
  area.scheme.clear();
  CHECK_FALSE(read_tpm_public_area(area.encoded()));
}

TEST_CASE("a curve that is not known is refused, whatever stands behind it") {
  SoftTpmPublicArea area = tpm_public_area(key_of(es256));
  REQUIRE(read_tpm_public_area(area.encoded()));
  for (const std::uint8_t curve : core::Bytes{0x00, 0x01, 0x02, 0x06, 0x10, 0x20}) {
    area.parameters = {0x00, curve, 0x00, 0x10};
    CHECK_FALSE(read_tpm_public_area(area.encoded()));
  }
}

TEST_CASE("a name is its hash's number and the hash, and nothing else") {
  const core::Bytes object = tpm_public_area(key_of(es256)).encoded();
  const auto area = read_tpm_public_area(object);
  core::Bytes name{0x00, 0x0b};
  name.resize(2 + 32);
  EVP_Digest(object.data(), object.size(), name.data() + 2, nullptr, EVP_sha256(), nullptr);
  CHECK(webauthn::is_name_of(name, *area, object));
  for (const std::size_t size : {0u, 1u, 2u, 33u})
    CHECK_FALSE(webauthn::is_name_of({name.data(), size}, *area, object));
  name.push_back(0);
  CHECK_FALSE(webauthn::is_name_of(name, *area, object));
  name.pop_back();
  for (const std::size_t at : {0u, 1u, 2u, 33u}) {
    core::Bytes changed = name;
    changed[at] ^= 1;
    CHECK_FALSE(webauthn::is_name_of(changed, *area, object));
  }
}

TEST_CASE("coordinates are not longer than the curve's") {
  SoftTpmPublicArea area = tpm_public_area(key_of(es256));
  const core::Bytes long_one = tpm_sized(core::Bytes(33, 0)), good = tpm_sized(core::Bytes(32, 0));
  area.unique = der::joined({good, good});
  CHECK(read_tpm_public_area(area.encoded()));
  area.unique = der::joined({long_one, good});
  CHECK_FALSE(read_tpm_public_area(area.encoded()));
  area.unique = der::joined({good, long_one});
  CHECK_FALSE(read_tpm_public_area(area.encoded()));
}

TEST_CASE("a certification is read to its name") {
  const core::Bytes encoded = certification().encoded();
  const auto read = read_tpm_certification(encoded);
  REQUIRE(read);
  CHECK(std::ranges::equal(read->extra_data, core::Bytes(20, 5)));
  CHECK(std::ranges::equal(read->name, core::Bytes(34, 6)));
}

TEST_CASE("a certification that is cut anywhere is refused") {
  const core::Bytes whole = certification().encoded();
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(read_tpm_certification(core::ByteView(whole).first(size)));
}

TEST_CASE("what is wrong in one field of a certification is not made good by those after it") {
  SoftTpmCertification wrong = certification();
  SECTION("magic") { wrong.magic[0] = 0xfe; }
  SECTION("type") { wrong.type[1] = 0x16; }
  CHECK_FALSE(read_tpm_certification(wrong.encoded()));
}

TEST_CASE("hashes have the numbers of the TPM's registry") {
  using webauthn::Hash;
  CHECK(webauthn::tpm_hash(0x0004) == Hash::sha1);
  CHECK(webauthn::tpm_hash(0x000b) == Hash::sha256);
  CHECK(webauthn::tpm_hash(0x000c) == Hash::sha384);
  CHECK(webauthn::tpm_hash(0x000d) == Hash::sha512);
  for (const unsigned other : {0x0000u, 0x0005u, 0x0010u, 0x0012u, 0x0027u, 0x0b00u})
    CHECK_FALSE(webauthn::tpm_hash(std::uint16_t(other)));
}
