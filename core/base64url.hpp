// SPDX-License-Identifier: Apache-2.0
// Base64 with the URL alphabet and no padding (RFC 4648 section 5), as WebAuthn JSON writes bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace factord::core {

std::string to_base64url(ByteView bytes);

// Strict: no padding, no white space, no '+' or '/', no left-over bits that are not zero. Otherwise nothing.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace factord::core
