// SPDX-License-Identifier: Apache-2.0
// Trust in an attestation (WebAuthn Level 3 section 7.1 step 24): who vouches for the authenticator, at this time?
// Pure; any thread.
#pragma once

#include <optional>

#include "core/clock.hpp"
#include "daemon/webauthn/attestation.hpp"
#include "daemon/webauthn/refusal.hpp"

namespace factord::webauthn {

// What speaks against the trust paths by themselves: a certificate that is not valid at that time, or that the next one
// did not issue. Whether the end of a path is trusted is not judged.
std::optional<Refusal> judge_trust(const Attestation& attestation, core::Time at);

}  // namespace factord::webauthn
