// SPDX-License-Identifier: Apache-2.0
// Lists of PublicKeyCredentialDescriptorJSON (WebAuthn Level 3 section 5.8.3), which both kinds of options have. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "daemon/webauthn/known_credential.hpp"

namespace factord::webauthn {

nlohmann::ordered_json descriptors(const std::vector<KnownCredential>& credentials);

}  // namespace factord::webauthn
