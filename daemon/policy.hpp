// SPDX-License-Identifier: Apache-2.0
// What the configuration says about relying parties, codes and limits. A plain value; the use cases read it, a reload
// replaces it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/throttle.hpp"
#include "daemon/webauthn/relying_party.hpp"
#include "daemon/webauthn/trust.hpp"

namespace factord::daemon {

struct Policy {
  std::string domain;                        // of callers that name none
  std::vector<std::string> origins;          // exact; empty: derived from the domain
  std::vector<std::string> allowed_domains;  // besides `domain`
  webauthn::UserVerification user_verification = webauthn::UserVerification::required;  // of passkeys, to register
  // Of checks that do not say. What was proven stands in their results.
  webauthn::UserVerification check_user_verification = webauthn::UserVerification::preferred;
  webauthn::AttestationConveyance attestation = webauthn::AttestationConveyance::none;
  std::shared_ptr<const webauthn::AttestationPolicy> attestation_policy;  // null: nobody needs to vouch
  unsigned totp_skew = 1;                                                 // time steps back and forward
  Lockout lockout;
  bool protect_last_factor = false;
  std::uint32_t factors_per_user = 32;
  std::uint32_t pending_per_uid = 64;     // registrations; not for uid 0
  std::uint32_t challenges_per_uid = 64;  // open at a time, of users about themselves; not for uid 0

  bool allows(const std::string& asked_domain) const;
  // Throws Error (bad_argument) for a domain that is not allowed. Empty: the default one.
  webauthn::RelyingParty relying_party(const std::string& asked) const;
  // What the metadata calls the authenticators of that AAGUID; empty where it does not know them, or is not there.
  std::string_view authenticator_name(std::string_view aaguid) const;
};

// A relying party id is a domain in lower case (WebAuthn Level 3 section 5.1.2); IDNs in their A-label form.
bool valid_domain(const std::string& text);

}  // namespace factord::daemon
