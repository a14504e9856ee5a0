// SPDX-License-Identifier: Apache-2.0
// Writes PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3 section 5.4), the text that a browser's
// parseCreationOptionsFromJSON() takes. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "daemon/webauthn/known_credential.hpp"
#include "daemon/webauthn/relying_party.hpp"

namespace factord::webauthn {

struct CreationOptions {
  std::string rp_id;
  std::string rp_name;
  core::Bytes user_handle;  // random per user, no personal data (section 14.6.1)
  std::string user_name;
  std::string user_display_name;
  std::string challenge;  // base64url
  std::vector<int> algorithms;
  std::uint32_t timeout_ms = 0;
  std::vector<KnownCredential> exclude;
  std::string attachment;  // "platform", "cross-platform" or empty
  bool resident_key_preferred = false;
  UserVerification user_verification = UserVerification::required;
  AttestationConveyance attestation = AttestationConveyance::none;
  bool ask_credential_properties = false;  // the credProps extension: was a discoverable credential made?
  std::string appid_exclude;               // U2F tokens registered under this appid are excluded too; empty: not sent
};

std::string to_json(const CreationOptions& options);

}  // namespace factord::webauthn
