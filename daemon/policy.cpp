// SPDX-License-Identifier: Apache-2.0
#include "daemon/policy.hpp"

#include <algorithm>

#include "core/failure.hpp"

namespace factord::daemon {
namespace {

std::vector<webauthn::AllowedOrigin> origins_of(const std::string& domain) {
  std::vector<webauthn::AllowedOrigin> origins{{"https://" + domain, true}};
  // Browsers treat localhost as a secure context without TLS.
  if (domain == "localhost") origins.push_back({"http://localhost", true});
  return origins;
}

}  // namespace

bool valid_domain(const std::string& text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, allowed) && text.front() != '.' &&
         text.back() != '.' && text.find("..") == std::string::npos;
}

bool Policy::allows(const std::string& asked_domain) const {
  return asked_domain == domain || std::ranges::find(allowed_domains, asked_domain) != allowed_domains.end();
}

webauthn::RelyingParty Policy::relying_party(const std::string& asked) const {
  const std::string& chosen = asked.empty() ? domain : asked;
  if (!allows(chosen)) throw core::Error::because(core::failure::bad_argument, "Option domain is not allowed here");
  webauthn::RelyingParty party{.id = chosen, .origins = {}};
  for (const std::string& origin : origins) party.origins.push_back({origin, false});
  if (origins.empty()) party.origins = origins_of(chosen);
  return party;
}

std::string_view Policy::authenticator_name(std::string_view aaguid) const {
  if (!attestation_policy || !attestation_policy->metadata) return {};
  return attestation_policy->metadata->description(aaguid);
}

}  // namespace factord::daemon
