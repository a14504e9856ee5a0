// SPDX-License-Identifier: Apache-2.0
// The answer of a check that succeeded, and whose attempts it counts among. Pure.
#pragma once

#include <cstdint>

#include "ipc/method.hpp"
#include "storage/budget.hpp"
#include "storage/event.hpp"

namespace factord::daemon {

// What a check proves. One factor is never two, but a passkey whose authenticator has verified the user proves both.
enum class Proof : std::uint8_t { possession, possession_and_user, knowledge };

ipc::Values check_result(const ipc::Call& call, const storage::Factor& factor, Proof proof,
                         const storage::Position& position);

// Where a caller checks its own codes, what it says of their source counts for nothing: else it could have any number
// of tries.
storage::BudgetKey budget_key(const ipc::Call& call, storage::Kind kind);

}  // namespace factord::daemon
