// SPDX-License-Identifier: Apache-2.0
// Hashes over a message in parts, so that nobody has to join them. SHA-1 is for what TPMs say, and for nothing else.
// Pure; any thread.
#pragma once

#include <array>
#include <initializer_list>

#include "core/bytes.hpp"

namespace factord::webauthn {

enum class Hash { sha256, sha384, sha512, sha1 };

class Digest {
 public:
  Digest(Hash hash, std::initializer_list<core::ByteView> parts);
  core::ByteView view() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, 64> bytes_{};
  unsigned size_ = 0;
};

}  // namespace factord::webauthn
