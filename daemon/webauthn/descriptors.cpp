// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/descriptors.hpp"

#include "core/base64url.hpp"

namespace factord::webauthn {

nlohmann::ordered_json descriptors(const std::vector<KnownCredential>& credentials) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& credential : credentials) {
    nlohmann::ordered_json descriptor{{"type", "public-key"}, {"id", core::to_base64url(credential.id)}};
    if (!credential.transports.empty()) descriptor["transports"] = credential.transports;
    out.push_back(std::move(descriptor));
  }
  return out;
}

}  // namespace factord::webauthn
