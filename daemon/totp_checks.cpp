// SPDX-License-Identifier: Apache-2.0
#include "daemon/totp_checks.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/check_result.hpp"
#include "daemon/totp_secret.hpp"

namespace factord::daemon {
namespace {

// Steps by which a token's clock was off when it was used last, at most as many as are accepted anyway: the window
// follows it, so that a clock that is slow by a little more each month stays within. RFC 6238 section 6.
int drift(const storage::Factor& secret, unsigned skew) {
  if (!secret.totp.last_step || secret.last_used == core::Time{}) return 0;
  const auto then = static_cast<std::int64_t>(unix_seconds(secret.last_used) / secret.totp.period);
  const auto limit = static_cast<std::int64_t>(skew);
  return static_cast<int>(std::clamp(static_cast<std::int64_t>(*secret.totp.last_step) - then, -limit, limit));
}

otp::Window window(const storage::Factor& secret, unsigned skew) {
  const int off = drift(secret, skew);
  const int steps = static_cast<int>(skew);
  return {static_cast<unsigned>(steps - off), static_cast<unsigned>(steps + off)};
}

}  // namespace

struct TotpChecks::Attempt {
  Guess guess;
  bool locks = false;  // unless it is right
};

// What is ready; none for a user who is locked out altogether.
std::vector<storage::Factor> TotpChecks::secrets(const ipc::Call& call) const {
  auto view = vault_.store.of(call.owner());
  view.require_user();
  auto secrets = view.factors();
  std::erase_if(secrets, [](const storage::Factor& factor) {
    return factor.kind != storage::Kind::totp || factor.state != storage::State::ready;
  });
  return secrets;
}

ipc::Plan TotpChecks::check(const ipc::Call& call) const {
  vault_.require_unlocked(call);
  const core::Time now = vault_.clock.now();
  const auto attempt = std::make_shared<Attempt>(Attempt{{call.owner(), budget_key(call, storage::Kind::totp), now}});
  charges_.require_open(attempt->guess);
  clock_.require(now, vault_.store.last_event_at());
  if (secrets(call).empty()) throw core::Error(core::failure::totp_not_ready);
  return {.charge = [this, attempt] { attempt->locks = charges_.make(attempt->guess); },
          .apply = [this, &call, attempt] { return judge(call, *attempt); },
          .leave_behind =
              [this, &call, attempt] {
                if (!attempt->locks) return;
                vault_.store.of(call.owner())
                    .note(storage::EventType::codes_locked, storage::Kind::totp, vault_.change(call));
              }};
}

ipc::Values TotpChecks::judge(const ipc::Call& call, Attempt& attempt) const {
  auto view = vault_.store.of(call.owner());
  const unsigned skew = vault_.policy.totp_skew;
  for (const storage::Factor& secret : secrets(call)) {
    const core::Secret seed = view.seed(secret.id);
    const auto step = otp::matching_step(seed.view(), call.text("code"), unix_seconds(attempt.guess.at),
                                         parameters_of(secret.totp), window(secret, skew), secret.totp.last_step);
    if (!step) continue;
    attempt.locks = false;
    charges_.take_back(attempt.guess, attempt.guess.at);
    const auto position = view.use(secret.id, {.step = step}, vault_.change(call));
    return {check_result(call, secret, Proof::possession, position)};
  }
  throw core::Error(core::failure::wrong_code);
}

}  // namespace factord::daemon
