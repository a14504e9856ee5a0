// SPDX-License-Identifier: Apache-2.0
// Attestation statements (WebAuthn Level 3 chapter 8): does the statement fit the credential that was made? Formats
// none, packed and fido-u2f; others are refused by name. Who made the authenticator is not judged (7.1 step 24). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "daemon/webauthn/authenticator_data.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/verifying_key.hpp"

namespace factord::webauthn {

struct AttestedRegistration {
  const AuthenticatorData& data;  // with attested credential data
  const VerifyingKey& key;        // of the credential
  core::ByteView client_data_hash;
  core::Time at;
};

bool known_attestation_format(std::string_view format);

// 7.1 step 22, and of step 24 what a chain says by itself. `format` is a known one; `statement` is any item.
std::optional<Refusal> judge_attestation(std::string_view format, const CborValue& statement,
                                         const AttestedRegistration& registration);

}  // namespace factord::webauthn
