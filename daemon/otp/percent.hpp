// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (RFC 3986 section 2.1) as otpauth URIs use it. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace factord::otp {

// Everything but unreserved characters encoded.
std::string percent_encoded(std::string_view text);

// What '+' stands for: itself in a path, a blank in a query (web forms write it so, and providers copied them).
enum class Plus { plain, blank };

// Decodes once into `out`, which must hold text.size() bytes, and gives the decoded size: the caller chooses the
// memory, so that a seed passes through a Secret alone. Nothing for a broken escape. Characters that should have been
// encoded are taken as they are.
std::optional<std::size_t> percent_decode(std::string_view text, Plus plus, std::span<std::uint8_t> out);

}  // namespace factord::otp
