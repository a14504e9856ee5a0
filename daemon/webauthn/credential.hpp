// SPDX-License-Identifier: Apache-2.0
// The outer JSON of both ceremonies: PublicKeyCredential as toJSON() gives it (WebAuthn Level 3 section 5.1).
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "core/bytes.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/strict_json.hpp"

namespace factord::webauthn {

struct Credential {
  core::Bytes id;
  core::Bytes client_data_json;
  JsonValue response;                  // the object
  JsonValue client_extension_results;  // the object; without members where there was none
};

// Unknown members are allowed; id and rawId must be the same text.
std::variant<Credential, Refusal> read_credential(std::string_view text);

// A member that holds bytes as strict base64url. Nothing where it is missing or something else.
std::optional<core::Bytes> find_base64url(const JsonValue& object, std::string_view name);

}  // namespace factord::webauthn
