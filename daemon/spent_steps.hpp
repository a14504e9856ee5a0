// SPDX-License-Identifier: Apache-2.0
// Time steps whose codes were accepted. They are kept with each TOTP factor; but a user may have one secret under two
// ids, and its codes are the same then: what was accepted under one is spent under the other. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "daemon/otp/totp.hpp"
#include "storage/owner_view.hpp"

namespace factord::daemon {

// The step of the window around `now` to which the code belongs, and for which none was accepted yet. `factors` are all
// of the user's, `secret` one of them: it and the others stay as they are.
std::optional<std::uint64_t> unspent_step(storage::OwnerView& view, const std::vector<storage::Factor>& factors,
                                          const storage::Factor& secret, std::string_view code, core::Time now,
                                          otp::Window window);

}  // namespace factord::daemon
