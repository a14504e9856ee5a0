// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/creation_options.hpp"

#include "core/base64url.hpp"
#include "daemon/webauthn/descriptors.hpp"

namespace factord::webauthn {
namespace {

using Json = nlohmann::ordered_json;

Json parameters(const std::vector<int>& algorithms) {
  Json out = Json::array();
  for (const int algorithm : algorithms) out.push_back({{"type", "public-key"}, {"alg", algorithm}});
  return out;
}

// requireResidentKey is what Level 1 clients read; they treat its absence as false.
Json selection(const CreationOptions& options) {
  Json out = Json::object();
  if (!options.attachment.empty()) out["authenticatorAttachment"] = options.attachment;
  out["residentKey"] = options.resident_key_preferred ? "preferred" : "discouraged";
  out["requireResidentKey"] = false;
  out["userVerification"] = name(options.user_verification);
  return out;
}

Json extensions(const CreationOptions& options) {
  Json out = Json::object();
  if (!options.appid_exclude.empty()) out["appidExclude"] = options.appid_exclude;
  if (options.ask_credential_properties) out["credProps"] = true;
  return out;
}

}  // namespace

std::string to_json(const CreationOptions& options) {
  Json out{{"rp", {{"id", options.rp_id}, {"name", options.rp_name}}},
           {"user",
            {{"id", core::to_base64url(options.user_handle)},
             {"name", options.user_name},
             {"displayName", options.user_display_name}}},
           {"challenge", options.challenge},
           {"pubKeyCredParams", parameters(options.algorithms)}};
  if (options.timeout_ms != 0) out["timeout"] = options.timeout_ms;
  out["excludeCredentials"] = descriptors(options.exclude);
  out["authenticatorSelection"] = selection(options);
  out["attestation"] = name(options.attestation);
  if (Json wanted = extensions(options); !wanted.empty()) out["extensions"] = std::move(wanted);
  return out.dump();
}

}  // namespace factord::webauthn
