// SPDX-License-Identifier: Apache-2.0
// Trust in an attestation (WebAuthn Level 3 section 7.1 step 24): who vouches for the authenticator at this time, and
// is it one that the relying party lets in? Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/clock.hpp"
#include "daemon/webauthn/attestation.hpp"
#include "daemon/webauthn/metadata.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/trust_anchors.hpp"

namespace factord::webauthn {

// What the relying party demands. Workers judge by one while a reload makes the next: never changed once it is shared.
struct AttestationPolicy {
  // Somebody must vouch for the authenticator, and every trust path must end in one of `anchors`, or in a certificate
  // that the authenticator's own entry in the metadata names.
  bool trust_required = false;
  TrustAnchors anchors;
  std::optional<Metadata> metadata;
  // AAGUIDs as UUIDs in lower case. None allowed by name: all are that are not denied.
  std::set<std::string, std::less<>> allowed;
  std::set<std::string, std::less<>> denied;
};

// What speaks against the attestation. Without a policy nothing does: nobody needs to vouch, and the trust paths of
// those who do are not looked at, expired or not. `aaguid` is the one of the authenticator data, 16 bytes.
std::optional<Refusal> judge_trust(const Attestation& attestation, core::ByteView aaguid,
                                   const AttestationPolicy* policy, core::Time at);

}  // namespace factord::webauthn
