// SPDX-License-Identifier: Apache-2.0
// Finds the master key: a key file if one was named, else the credential that systemd hands over. Used by main alone.
#pragma once

#include <filesystem>
#include <optional>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "daemon/options.hpp"

namespace factord::daemon {

// Nothing where there is none to be had. A key file is made where neither it nor a store exists: the embedded default
// for trying and testing, and it says so. Throws Error (unavailable) for a key that is not 32 bytes or cannot be read.
std::optional<core::Secret> master_key(const Options& options, core::Random& random);

}  // namespace factord::daemon
