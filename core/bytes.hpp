// SPDX-License-Identifier: Apache-2.0
// Byte strings that are not secret, as the layers pass them on. Secrets live in core/secret.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace factord::core {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Takes time that depends on the lengths only. Unequal lengths are unequal.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace factord::core
