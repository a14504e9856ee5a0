// SPDX-License-Identifier: Apache-2.0
#include "daemon/totp_checks.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "daemon/check_result.hpp"
#include "daemon/spent_steps.hpp"
#include "daemon/totp_secret.hpp"

namespace factord::daemon {
namespace {

otp::Window window(const storage::Factor& secret, unsigned skew) {
  const int off = drift(secret, skew);
  const int steps = static_cast<int>(skew);
  return {static_cast<unsigned>(steps - off), static_cast<unsigned>(steps + off)};
}

bool is_ready(const storage::Factor& factor) {
  return factor.kind == storage::Kind::totp && factor.state == storage::State::ready;
}

}  // namespace

struct TotpChecks::Attempt {
  Guess guess;
  bool wrong = false;
};

// Verdict and charge are one after the other in one batch, with nothing between them, and nobody is told before it is
// committed: so a charge that were written before the verdict would protect from nothing.
ipc::Plan TotpChecks::check(const ipc::Call& call) const {
  const auto attempt =
      std::make_shared<Attempt>(Attempt{{call.owner(), budget_key(call, storage::Kind::totp), vault_.clock.now()}});
  return {.apply = [this, &call, attempt] { return judge(call, *attempt); },
          .leave_behind = [this, &call, attempt] { charge(call, *attempt); }};
}

ipc::Values TotpChecks::judge(const ipc::Call& call, Attempt& attempt) const {
  vault_.require_unlocked(call);
  Guesses before = charges_.require_open(attempt.guess);
  clock_.require(attempt.guess.at, vault_.store.last_event_at());
  auto view = vault_.store.of(call.owner());
  const auto factors = view.factors();
  if (std::ranges::none_of(factors, is_ready)) throw core::Error(core::failure::totp_not_ready);
  for (const storage::Factor& secret : factors) {
    if (!is_ready(secret)) continue;
    const auto step = unspent_step(view, factors, secret, call.text("code"), attempt.guess.at,
                                   window(secret, vault_.policy.totp_skew));
    if (!step) continue;
    charges_.forgive(attempt.guess, std::move(before));
    const auto position = view.use(secret.id, {.step = step, .source = attempt.guess.key.source}, vault_.change(call));
    return check_result(call, secret, Proof::possession, position);
  }
  attempt.wrong = true;
  throw core::Error(core::failure::wrong_code);
}

void TotpChecks::charge(const ipc::Call& call, const Attempt& attempt) const {
  if (!attempt.wrong || !charges_.make(attempt.guess)) return;
  vault_.store.of(call.owner()).note(storage::EventType::codes_locked, storage::Kind::totp, vault_.change(call));
}

}  // namespace factord::daemon
