// SPDX-License-Identifier: Apache-2.0
// An RSA public key for PKCS #1 v1.5 signatures with SHA-256 (RS256). Immutable once made; may verify on several
// threads at once.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>

#include "core/bytes.hpp"

namespace factord::webauthn {

class RsaKey {
 public:
  // Nothing unless modulus and exponent are odd, in the fewest bytes; 2,048 (RFC 8812 section 2) to 8,192 bits, where
  // verifying gets slow; exponent 3 to 2^32 - 1.
  static std::optional<RsaKey> load(core::ByteView modulus, core::ByteView exponent);

  bool verify(core::ByteView sha256, core::ByteView signature) const;

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  explicit RsaKey(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace factord::webauthn
