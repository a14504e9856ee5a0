// SPDX-License-Identifier: Apache-2.0
// Base32 (RFC 4648 section 6). Two forms are in use here: lower case without padding for the ids that the daemon mints,
// upper case without padding for the TOTP seeds that authenticator apps read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace factord::core {

std::string to_lower_base32(ByteView bytes);

constexpr std::size_t base32_size(std::size_t bytes) { return (bytes * 8 + 4) / 5; }

// Writes base32_size(bytes.size()) upper-case characters to `out`, which must hold them. For secrets: nothing is
// copied.
void write_upper_base32(ByteView bytes, std::span<std::uint8_t> out);

// The same in lower case.
void write_lower_base32(ByteView bytes, std::span<std::uint8_t> out);

// Reads a seed as people write it: any case, blanks and dashes between groups, padding at the end in full or none.
// Refuses an empty text, characters outside the alphabet, and lengths that no whole number of bytes has. Left-over bits
// are dropped even where they are not zero: providers hand out seeds of 20 random characters, and every app drops them.
std::optional<Secret> read_base32_seed(std::string_view text);

}  // namespace factord::core
