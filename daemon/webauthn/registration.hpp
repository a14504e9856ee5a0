// SPDX-License-Identifier: Apache-2.0
// Verifies a registration ceremony: WebAuthn Level 3 section 7.1. Pure: text, expectations and a time in, a verdict
// out; no clock, no store, no bus. May run on any thread, several at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/relying_party.hpp"

namespace factord::webauthn {

struct AttestationPolicy;

struct RegistrationExpectations {
  std::string challenge;  // base64url text, exactly as it was sent
  RelyingParty relying_party;
  UserVerification user_verification = UserVerification::required;
  std::vector<int> algorithms;  // COSE numbers, as offered
  core::Time at;                // certificates are judged at this time
  // A conditional create (mediation: conditional) happens without a touch; then user presence is not demanded.
  bool conditional_create = false;
  std::shared_ptr<const AttestationPolicy> attestation_policy{};  // null: nobody needs to vouch for the authenticator
};

// What the relying party keeps (7.1 step 27). Everything comes from the authenticator data, nothing from outer JSON but
// the transports.
struct NewCredential {
  core::Bytes credential_id;
  core::Bytes public_key;  // COSE_Key, the very bytes
  int algorithm = 0;       // COSE number
  std::uint32_t sign_count = 0;
  std::string aaguid;  // as a UUID in lower case: "01020304-0506-0708-0102-030405060708"
  std::string attestation_format;
  std::vector<std::string> transports;  // known values only, each once, sorted
  bool user_verified = false;
  bool backup_eligible = false;
  bool backed_up = false;
};

using RegistrationVerdict = std::variant<NewCredential, Refusal>;

// `credential` is RegistrationResponseJSON as toJSON() gives it.
RegistrationVerdict verify_registration(std::string_view credential, const RegistrationExpectations& expected);

}  // namespace factord::webauthn
