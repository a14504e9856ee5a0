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

// Digits 6 to 8 and period 15 to 300: what this daemon keeps.
bool supported(const Parameters& parameters);

// Steps looked at before and after the present one, each at most `widest_window` (more counts as that many: a verifier
// that accepts ten minutes' codes is configured wrongly, and an endless loop is worse).
struct Window {
  unsigned back = 1;
  unsigned forward = 1;
};
inline constexpr unsigned widest_window = 10;

// Whether two seeds have the same codes: HMAC fills a key that is shorter than its block up with zeros. In time that
// hangs on the lengths alone.
bool same_codes(core::ByteView a, core::ByteView b);

// RFC 4226 section 5.3: the code of one counter value. Throws core::Error (internal) for an empty seed or digits
// outside 6 to 8, which the callers have refused long before.
std::string code_at(core::ByteView seed, std::uint64_t counter, const Parameters& parameters);

// Does `code` belong to a time step of the window around `unix_seconds` that has not been used yet? Gives that step, or
// nothing. Every step is looked at, in constant time: two neighbouring steps may have the same digits, and the one that
// is spent must not hide the one that is not. Where several match, the present one is taken, else the earliest: taking
// the step before the present one would let the same digits in again at once.
// Steps up to and including `last_used` are spent (RFC 6238 section 5.2). Blanks in `code` (space, tab, no-break space)
// are left out; a line break is not, and anything else than `digits` ASCII digits is no code.
std::optional<std::uint64_t> matching_step(core::ByteView seed, std::string_view code, std::uint64_t unix_seconds,
                                           const Parameters& parameters, Window window,
                                           std::optional<std::uint64_t> last_used);

// The same with `skew` steps back and forward.
std::optional<std::uint64_t> matching_step(core::ByteView seed, std::string_view code, std::uint64_t unix_seconds,
                                           const Parameters& parameters, unsigned skew,
                                           std::optional<std::uint64_t> last_used);

}  // namespace factord::otp
