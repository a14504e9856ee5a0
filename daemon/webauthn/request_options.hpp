// SPDX-License-Identifier: Apache-2.0
// Writes PublicKeyCredentialRequestOptionsJSON (WebAuthn Level 3 section 5.5), the text that a browser's
// parseRequestOptionsFromJSON() takes. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/webauthn/known_credential.hpp"
#include "daemon/webauthn/relying_party.hpp"

namespace factord::webauthn {

struct RequestOptions {
  std::string rp_id;
  std::string challenge;  // base64url
  std::uint32_t timeout_ms = 0;
  std::vector<KnownCredential> allow;  // empty: any that the authenticator finds by itself
  UserVerification user_verification = UserVerification::required;
  std::string appid;  // section 10.1.1: tokens that were registered with U2F's own API; empty: not sent
};

std::string to_json(const RequestOptions& options);

}  // namespace factord::webauthn
