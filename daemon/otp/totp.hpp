// SPDX-License-Identifier: Apache-2.0
// TOTP (RFC 6238) over HOTP (RFC 4226). Pure: seed, code and time in, the accepted time step out; no clock, no store.
// May run on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace factord::otp {

enum class Algorithm { sha1, sha256, sha512 };

struct Parameters {
  Algorithm algorithm = Algorithm::sha1;
  unsigned digits = 6;   // 6 to 8
  unsigned period = 30;  // seconds, 15 to 300
};

// RFC 4226 section 5.3: the code of one counter value.
std::string code_at(core::ByteView seed, std::uint64_t counter, const Parameters& parameters);

// Does `code` belong to a time step of the window around `unix_seconds` that has not been used yet? Gives that step,
// the earliest such one, or nothing. `skew` steps back and forward are looked at, every one in constant time; steps up
// to and including `last_used` are spent (RFC 6238 section 5.2). White space in `code` is left out; anything else than
// `digits` ASCII digits is no code.
std::optional<std::uint64_t> matching_step(core::ByteView seed, std::string_view code, std::uint64_t unix_seconds,
                                           const Parameters& parameters, unsigned skew,
                                           std::optional<std::uint64_t> last_used);

}  // namespace factord::otp
