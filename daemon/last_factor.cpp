// SPDX-License-Identifier: Apache-2.0
#include "daemon/last_factor.hpp"

#include <algorithm>

namespace factord::daemon {
namespace {

bool usable(const storage::Factor& factor) {
  const bool counts =
      factor.kind == storage::Kind::passkey || factor.kind == storage::Kind::u2f || factor.kind == storage::Kind::totp;
  return counts && factor.state == storage::State::ready;
}

}  // namespace

void protect_last(const Vault& vault, const ipc::Call& call, const storage::Factor& going) {
  if (!vault.policy.protect_last_factor || call.option_flag("force") || !usable(going)) return;
  const auto factors = vault.store.of(call.owner()).factors();
  if (std::ranges::count_if(factors, usable) <= 1) throw core::Error(core::failure::last_factor);
}

}  // namespace factord::daemon
