// SPDX-License-Identifier: Apache-2.0
#include "daemon/suspension.hpp"

#include <utility>

#include "daemon/details.hpp"
#include "daemon/last_factor.hpp"

namespace factord::daemon {

using storage::EventType;
using storage::State;

// A registration that nobody has confirmed is no factor yet.
storage::Factor Suspension::factor(const ipc::Call& call) const {
  auto factor = vault_.factor(call, std::nullopt, call.text("factor_id"), core::failure::webauthn_not_found);
  if (factor.state == State::not_ready) throw core::Error(core::failure::webauthn_not_found);
  return factor;
}

ipc::Values Suspension::unchanged(const ipc::Call& call, const storage::Factor& factor) const {
  auto position = vault_.store.of(call.owner()).position();
  position.created = factor.created;
  return {details(position, call.organization().id())};
}

ipc::Values Suspension::change(const ipc::Call& call, storage::Factor factor, State state, EventType event) const {
  factor.state = state;
  const auto position = vault_.store.of(call.owner()).update(std::move(factor), event, vault_.change(call));
  return {details(position, call.organization().id())};
}

// What is quarantined verifies nothing either, and stays what it is: who suspends it must not hide that it may have
// been copied from whoever resumes it.
ipc::Plan Suspension::suspend(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto suspended = factor(call);
    if (suspended.state != State::ready) return unchanged(call, suspended);
    protect_last(vault_, call, suspended);
    return change(call, std::move(suspended), State::suspended, EventType::factor_suspended);
  }};
}

// Also from quarantine. The counter stays where it stands: the next assertion has to be above it.
ipc::Plan Suspension::resume(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto resumed = factor(call);
    if (resumed.state == State::ready) return unchanged(call, resumed);
    return change(call, std::move(resumed), State::ready, EventType::factor_resumed);
  }};
}

}  // namespace factord::daemon
