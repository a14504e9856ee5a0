// SPDX-License-Identifier: Apache-2.0
// A private key of an authenticator made of software: credential keys and attestation keys of tests.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "core/bytes.hpp"

namespace factord::tests {

// COSE numbers.
inline constexpr int es256 = -7, eddsa = -8, es384 = -35, es512 = -36, ps256 = -37, rs256 = -257, rs1 = -65'535;

// What signatures with that algorithm hash first; null for EdDSA.
const EVP_MD* digest_of(int algorithm);

class SoftKey {
 public:
  // ES256, ES384, ES512, EdDSA, or one of the RSA algorithms (with `rsa_bits`).
  static SoftKey generate(int algorithm, unsigned rsa_bits = 2048);
  static SoftKey from_private_der(int algorithm, core::ByteView der);

  // The same key for signatures with another algorithm.
  SoftKey with_algorithm(int algorithm) const { return {algorithm, key_}; }

  int algorithm() const { return algorithm_; }
  bool is_rsa() const { return EVP_PKEY_is_a(key(), "RSA") == 1; }
  core::Bytes number(const char* name) const;  // one of OpenSSL's parameters, big-endian
  EVP_PKEY* key() const { return key_.get(); }
  core::Bytes cose() const;          // COSE_Key, as in attested credential data
  core::Bytes uncompressed() const;  // 04 x y; EC keys only
  core::Bytes public_der() const;    // SubjectPublicKeyInfo
  core::Bytes private_der() const;
  core::Bytes sign(core::ByteView message) const;
  // RSASSA-PSS with SHA-256 and a salt of so many bytes; RSA keys only.
  core::Bytes sign_pss(core::ByteView message, int salt) const;

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  SoftKey(int algorithm, Key key) : algorithm_(algorithm), key_(std::move(key)) {}

  int algorithm_;
  Key key_;
};

core::Bytes sha256(core::ByteView message);
core::Bytes random_bytes(std::size_t size);

}  // namespace factord::tests
