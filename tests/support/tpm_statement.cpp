// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tpm_statement.hpp"

#include <openssl/core_names.h>

#include "tests/support/der_writer.hpp"

namespace factord::tests {
namespace {

using core::Bytes;
using core::ByteView;
using der::joined;

const EVP_MD* hash_with(const Bytes& tpm_algorithm) {
  switch (tpm_algorithm.back()) {
    case 0x04:
      return EVP_sha1();
    case 0x0c:
      return EVP_sha384();
    case 0x0d:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

Bytes hashed(const EVP_MD* hash, ByteView message) {
  Bytes out(std::size_t(EVP_MD_get_size(hash)));
  EVP_Digest(message.data(), message.size(), out.data(), nullptr, hash, nullptr);
  return out;
}

std::uint8_t curve_of(int algorithm) { return algorithm == es256 ? 3 : algorithm == es384 ? 4 : 5; }

}  // namespace

Bytes big_endian(std::uint64_t value, int size) {
  Bytes out;
  for (int i = size - 1; i >= 0; --i) out.push_back(std::uint8_t(value >> (8 * i)));
  return out;
}

Bytes tpm_sized(ByteView content) { return joined({big_endian(content.size(), 2), {content.begin(), content.end()}}); }

Bytes SoftTpmPublicArea::encoded() const {
  return joined({type, name_algorithm, attributes, policy, symmetric, scheme, parameters, unique, after});
}

Bytes SoftTpmCertification::encoded() const {
  return joined({magic, type, signer, extra_data, clock, firmware, name, qualified_name, after});
}

SoftTpmPublicArea tpm_public_area(const SoftKey& key) {
  SoftTpmPublicArea area;
  if (key.is_rsa()) {
    const Bytes modulus = key.number(OSSL_PKEY_PARAM_RSA_N);
    area.type = {0x00, 0x01};
    area.parameters = joined({big_endian(modulus.size() * 8, 2), {0, 0, 0, 0}});
    area.unique = tpm_sized(modulus);
  } else {
    const Bytes point = key.uncompressed();
    const std::size_t size = point.size() / 2;
    area.type = {0x00, 0x23};
    area.parameters = {0x00, curve_of(key.algorithm()), 0x00, 0x10};
    area.unique = joined({tpm_sized(ByteView(point).subspan(1, size)), tpm_sized(ByteView(point).subspan(1 + size))});
  }
  return area;
}

SoftTpmCertification tpm_certification(const SoftTpmPublicArea& object, ByteView attested, int algorithm) {
  SoftTpmCertification out;
  out.extra_data = tpm_sized(hashed(algorithm == eddsa ? EVP_sha256() : digest_of(algorithm), attested));
  out.name = tpm_sized(joined({object.name_algorithm, hashed(hash_with(object.name_algorithm), object.encoded())}));
  return out;
}

CertificateExtension alternative_name(const TpmDevice& device) {
  std::vector<Bytes> entries;
  for (const auto& [arc, value] : device.entries)
    entries.push_back(der::sequence({der::tcg_object(2, arc), der::text(value)}));
  if (device.one_set)
    entries = {der::set(entries)};
  else
    for (Bytes& entry : entries) entry = der::set({entry});
  return {"2.5.29.17", der::sequence({der::field(4, der::sequence(entries))}), true};  // [4] directoryName
}

CertificateProfile attestation_identity_profile() {
  CertificateProfile out;
  out.country = out.organization = out.unit = out.common_name = "";
  out.extensions = {{"2.5.29.37", der::sequence({der::tcg_object(8, 3)}), false}, alternative_name({})};
  return out;
}

}  // namespace factord::tests
