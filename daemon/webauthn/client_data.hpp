// SPDX-License-Identifier: Apache-2.0
// Client data (WebAuthn Level 3 section 5.8.1): what the browser vouches for. Both ceremonies judge it by the same
// seven steps in a row, 5 to 11 of section 7.1 and 8 to 14 of section 7.2. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/relying_party.hpp"

namespace factord::webauthn {

enum class ClientDataType { create, get };

// `challenge` is base64url text, exactly as it was sent.
std::optional<Refusal> judge_client_data(core::ByteView client_data_json, ClientDataType type,
                                         std::string_view challenge, const RelyingParty& relying_party);

}  // namespace factord::webauthn
