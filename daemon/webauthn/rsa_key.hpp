// SPDX-License-Identifier: Apache-2.0
// An RSA public key. Immutable once made; may verify on several threads at once.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>

#include "core/bytes.hpp"

namespace factord::webauthn {

// Padding and hash, as one choice: RFC 8812 section 2 (RSASSA-PKCS1-v1_5) and RFC 8230 section 2 (RSASSA-PSS with
// MGF1 of the same hash, and a salt of exactly the hash's size).
enum class RsaScheme { pkcs1_sha256, pss_sha256, pkcs1_sha1 };

class RsaKey {
 public:
  // Nothing unless modulus and exponent are odd, in the fewest bytes; 2,048 (RFC 8812 section 2) to 8,192 bits, where
  // verifying gets slow; exponent 3 to 2^32 - 1.
  static std::optional<RsaKey> load(core::ByteView modulus, core::ByteView exponent);

  bool verify(RsaScheme scheme, core::ByteView digest, core::ByteView signature) const;

  // The same modulus and exponent.
  bool operator==(const RsaKey& other) const;

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  explicit RsaKey(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace factord::webauthn
