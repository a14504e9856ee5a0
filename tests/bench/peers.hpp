// SPDX-License-Identifier: Apache-2.0
// What our verifier is measured against: libraries that are handed the parts, all read and ready, and do nothing but
// verify one signature.
#pragma once

#include <functional>
#include <string>

#include "core/bytes.hpp"
#include "tests/support/soft_key.hpp"

namespace factord::bench {

// libfido2's fido_cred_verify_self() on a packed self-attested ES256 registration.
std::function<bool()> fido_verify_self(const std::string& registration, const std::string& rp_id);

// One signature over `message`, the key in the library's own form and the digest, where there is one, at hand.
std::function<bool()> ecdsa_verify(const tests::SoftKey& key, const core::Bytes& message);
std::function<bool()> rsa_verify(const tests::SoftKey& key, const core::Bytes& message);
std::function<bool()> sodium_verify(const tests::SoftKey& key, const core::Bytes& message);

}  // namespace factord::bench
