// SPDX-License-Identifier: Apache-2.0
// Signed blobs: JSON Web Signatures in the compact form (RFC 7515) whose header brings the signer's certificates.
// Pure; any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/webauthn/trust_anchors.hpp"

namespace factord::webauthn {

// What is wrong with a blob, in words for the administrator; whoever has read the file adds its name.
struct BlobError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct JwsSigner {
  TrustAnchors roots;
  std::string name;  // a DNS name that the certificate must be for: public roots vouch for everybody
};

// The payload, once RS256, PS256 or ES256 and the path to the roots are verified. Throws BlobError.
core::Bytes verified_payload(std::string_view jws, const JwsSigner& signer, core::Time at);

}  // namespace factord::webauthn
