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
  JsonObject members;  // those that either ceremony looks at
  core::Bytes id;
  core::Bytes client_data_json;
};

// Unknown members are allowed; id and rawId must be the same text. More than 131,072 bytes, spaces around them not
// counted, are refused unread.
std::variant<Credential, Refusal> read_credential(std::string_view text);

// What a member holds as strict base64url. Nothing where it is missing or something else.
std::optional<core::Bytes> base64url_bytes(const JsonValue& member);

}  // namespace factord::webauthn
