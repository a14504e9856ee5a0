// SPDX-License-Identifier: Apache-2.0
// Codes that people write down and type in: 80 random bits as sixteen letters and digits in groups of four,
// "mfra-6yta-oj2x-k3tf". Pure but for the Random that is passed in; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace factord::otp {

inline constexpr std::size_t code_size = 10;     // bytes: what is random
inline constexpr std::size_t written_size = 19;  // with the dashes

// `code` has code_size bytes, `out` has room for written_size.
void write_code(core::ByteView code, std::span<std::uint8_t> out);

// The code_size bytes, whatever the case and wherever there are dashes and blanks; nothing for what is no such code.
// `text` must be a view into a Secret.
std::optional<core::Secret> read_code(std::string_view text);

// The length of the blank at the front, 0 where there is none: people type and paste codes in groups.
std::size_t blank_in_front(std::string_view text);

}  // namespace factord::otp
