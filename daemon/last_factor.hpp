// SPDX-License-Identifier: Apache-2.0
// [Policy] ProtectLastFactor=: nobody removes or suspends what a user logs in with last, unless it is meant. Loop
// thread; to be called in the transaction that changes the factor, so that of two calls at once one finds the other's
// change.
#pragma once

#include "daemon/vault.hpp"

namespace factord::daemon {

// Throws Error (last_factor) where `going` is the user's only passkey, U2F token or TOTP secret that is ready, and the
// call does not say force. Recovery codes are what is left when all else is lost: they do not count.
void protect_last(const Vault& vault, const ipc::Call& call, const storage::Factor& going);

}  // namespace factord::daemon
