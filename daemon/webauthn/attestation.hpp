// SPDX-License-Identifier: Apache-2.0
// Attestation statements (WebAuthn Level 3 chapter 8): does the statement fit the credential that was made? All formats
// of the chapter but android-safetynet; others are refused by name. Whether anybody trusts who vouches for it is for
// trust.hpp. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "daemon/webauthn/authenticator_data.hpp"
#include "daemon/webauthn/certificate.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/verifying_key.hpp"

namespace factord::webauthn {

struct AttestedRegistration {
  const AuthenticatorData& data;  // with attested credential data
  const VerifyingKey& key;        // of the credential
  core::ByteView client_data_hash;
};

// What a good statement says about who vouches for the credential: one trust path for every chain of certificates in
// it. Without any, nobody does: format none, or self attestation.
struct Attestation {
  std::vector<CertificateChain> trust_paths;
  // What was signed, or a part of it, has no AAGUID in it: the one in the authenticator data may be anybody's
  // invention.
  bool leaves_aaguid_out = false;
};

using AttestationVerdict = std::variant<Attestation, Refusal>;

bool known_attestation_format(std::string_view format);

// 7.1 step 22. `format` is a known one; `statement` is any item.
AttestationVerdict judge_attestation(std::string_view format, const CborValue& statement,
                                     const AttestedRegistration& registration);

}  // namespace factord::webauthn
