// SPDX-License-Identifier: Apache-2.0
#include "daemon/totp_secret.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/failure.hpp"

namespace factord::daemon {
namespace {

constexpr std::array<Digest, 3> digests = {{{otp::Algorithm::sha1, "SHA1", 20},
                                            {otp::Algorithm::sha256, "SHA256", 32},
                                            {otp::Algorithm::sha512, "SHA512", 64}}};

}  // namespace

const Digest& digest_named(std::string_view name) {
  for (const Digest& digest : digests)
    if (digest.name == name) return digest;
  throw core::Error(core::failure::record_damaged, "a TOTP record names an unknown algorithm");
}

const Digest& digest_of(otp::Algorithm algorithm) {
  for (const Digest& digest : digests)
    if (digest.algorithm == algorithm) return digest;
  throw std::logic_error("unknown algorithm");
}

otp::Parameters parameters_of(const storage::TotpFactor& totp) {
  return {digest_named(totp.algorithm).algorithm, totp.digits, totp.period};
}

std::uint64_t unix_seconds(core::Time time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

int drift(const storage::Factor& secret, unsigned skew) {
  if (!secret.totp.last_step || secret.last_used == core::Time{}) return 0;
  const auto then = static_cast<std::int64_t>(unix_seconds(secret.last_used) / secret.totp.period);
  const auto limit = static_cast<std::int64_t>(skew);
  return static_cast<int>(std::clamp(static_cast<std::int64_t>(*secret.totp.last_step) - then, -limit, limit));
}

}  // namespace factord::daemon
