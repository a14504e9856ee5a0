// SPDX-License-Identifier: Apache-2.0
#include "daemon/spent_steps.hpp"

#include "core/secret.hpp"
#include "daemon/totp_secret.hpp"

namespace factord::daemon {
namespace {

using Step = std::optional<std::uint64_t>;

// Do both count the same steps, and hash them alike? Digits may differ: fewer are the end of more.
bool count_alike(const storage::TotpFactor& a, const storage::TotpFactor& b) {
  return a.period == b.period && a.algorithm == b.algorithm;
}

// Under whatever id, in whatever state.
Step last_spent(storage::OwnerView& view, const std::vector<storage::Factor>& factors, const storage::Factor& secret) {
  Step last = secret.totp.last_step;
  core::Secret seed;  // made seldom: most have one secret, or use the same one again
  for (const storage::Factor& other : factors) {
    if (other.kind != storage::Kind::totp || !count_alike(other.totp, secret.totp) || other.totp.last_step <= last)
      continue;
    if (seed.empty()) view.with_seed(secret.id, [&](core::ByteView shown) { seed = core::Secret::copy_of(shown); });
    view.with_seed(other.id, [&](core::ByteView shown) {
      if (otp::same_codes(shown, seed.view())) last = other.totp.last_step;
    });
  }
  return last;
}

}  // namespace

Step unspent_step(storage::OwnerView& view, const std::vector<storage::Factor>& factors, const storage::Factor& secret,
                  std::string_view code, core::Time now, otp::Window window) {
  const auto step_after = [&](Step last) {
    Step step;
    view.with_seed(secret.id, [&](core::ByteView seed) {
      step = otp::matching_step(seed, code, unix_seconds(now), parameters_of(secret.totp), window, last);
    });
    return step;
  };
  const Step step = step_after(secret.totp.last_step);
  if (!step) return step;
  const Step last = last_spent(view, factors, secret);
  return last == secret.totp.last_step ? step : step_after(last);
}

}  // namespace factord::daemon
