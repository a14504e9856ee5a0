// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/request_options.hpp"

#include "daemon/webauthn/descriptors.hpp"

namespace factord::webauthn {

std::string to_json(const RequestOptions& options) {
  nlohmann::ordered_json out{{"challenge", options.challenge}};
  if (options.timeout_ms != 0) out["timeout"] = options.timeout_ms;
  out["rpId"] = options.rp_id;
  out["allowCredentials"] = descriptors(options.allow);
  out["userVerification"] = name(options.user_verification);
  if (!options.appid.empty()) out["extensions"] = {{"appid", options.appid}};
  return out.dump();
}

}  // namespace factord::webauthn
