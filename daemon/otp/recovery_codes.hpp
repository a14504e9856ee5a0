// SPDX-License-Identifier: Apache-2.0
// Sets of recovery codes, and the hashes by which one is known again. A set has one salt: so a check derives one hash,
// however many codes are left, and compares it with all of them. Slow on purpose: for workers. Pure but for the Random
// that is passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"

namespace factord::otp {

// Of Argon2id (RFC 9106), with one lane.
struct Cost {
  std::uint64_t passes;
  std::uint64_t memory;  // bytes
};

// What OWASP's cheat sheet on password storage asks at least, for passwords: some 20 ms on a small machine, so that a
// set of fifty is made in a second. The codes have 80 random bits, which nobody guesses at whatever price.
inline constexpr Cost usual_cost{2, 19u << 20};

struct Codes {
  core::Secret text;  // a line each
  core::Bytes salt;
  Cost cost;
  std::vector<core::Bytes> hashes;
};

Codes make_codes(std::size_t count, core::Random& random, Cost cost);

// Throws Error (unavailable) where there is not so much memory.
core::Bytes hash_of(core::ByteView code, core::ByteView salt, Cost cost);

// Where in `hashes` it is. Takes as long for each of them, and for none.
std::optional<std::size_t> find_hash(const std::vector<core::Bytes>& hashes, core::ByteView hash);

}  // namespace factord::otp
