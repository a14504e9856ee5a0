// SPDX-License-Identifier: Apache-2.0
// Reads what the attestation settings point to: directories and files of certificates, FIDO metadata. Whole and with
// bounds, at the start and on SIGHUP; nothing is read when somebody registers. Loop thread.
#pragma once

#include <memory>

#include "core/clock.hpp"
#include "daemon/config.hpp"

namespace factord::daemon {

// Null where nothing is set. Throws ConfigError, which names the file.
std::shared_ptr<const webauthn::AttestationPolicy> read_attestation_policy(const AttestationSettings& settings,
                                                                           core::Time at);

}  // namespace factord::daemon
