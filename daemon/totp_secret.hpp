// SPDX-License-Identifier: Apache-2.0
// What the store keeps of a TOTP secret, as the arithmetic wants it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/clock.hpp"
#include "daemon/otp/totp.hpp"
#include "storage/factor.hpp"

namespace factord::daemon {

struct Digest {
  otp::Algorithm algorithm;
  std::string_view name;
  std::size_t seed_size;  // as long as the hash (RFC 4226 section 4, RFC 6238 appendix B)
};

const Digest& digest_named(std::string_view name);  // throws Error (record_damaged)
const Digest& digest_of(otp::Algorithm algorithm);

otp::Parameters parameters_of(const storage::TotpFactor& totp);

std::uint64_t unix_seconds(core::Time time);

// Steps by which a token's clock was off when it was used last, at most as many as are accepted anyway: the window
// follows it, so that a clock that is slow by a little more each month stays within. RFC 6238 section 6.
int drift(const storage::Factor& secret, unsigned skew);

}  // namespace factord::daemon
