// SPDX-License-Identifier: Apache-2.0
#include "daemon/requirement.hpp"

#include <algorithm>
#include <set>

#include "daemon/check_result.hpp"
#include "daemon/details.hpp"

namespace factord::daemon {

// What is suspended, quarantined or locked still makes the user one who has enrolled: nobody is let in without a proof
// because the proof cannot be given just now.
ipc::Plan Requirement::show(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto view = vault_.store.of(call.owner());
    view.require_user();
    const auto factors = view.factors();
    const auto confirmed = [](const storage::Factor& factor) { return factor.state != storage::State::not_ready; };
    return {ipc::Dict{{"enrolled", std::ranges::any_of(factors, confirmed)}, {"usable", usable(call, factors)}}};
  }};
}

ipc::Texts Requirement::usable(const ipc::Call& call, const std::vector<storage::Factor>& factors) const {
  const auto user = vault_.store.of(call.owner()).user();
  if (user && user->locked) return {};
  std::set<storage::Kind> ready;
  for (const storage::Factor& factor : factors)
    if (shown_state(factor) == storage::State::ready) ready.insert(factor.kind);
  ipc::Texts kinds;
  for (const storage::Kind kind : ready)
    if (may_succeed(call, kind)) kinds.emplace_back(name(kind));
  std::ranges::sort(kinds);
  return kinds;
}

bool Requirement::may_succeed(const ipc::Call& call, storage::Kind kind) const {
  const core::Time now = vault_.clock.now();
  if (kind == storage::Kind::totp && !clock_.trusted(now, vault_.store.last_event_at())) return false;
  return !is_guessed(kind) || charges_.is_open({call.owner(), budget_key(call, kind), now});
}

}  // namespace factord::daemon
