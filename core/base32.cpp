// SPDX-License-Identifier: Apache-2.0
#include "core/base32.hpp"

namespace factord::core {
namespace {

constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz234567";

template <typename Put>
void encode(ByteView bytes, std::string_view alphabet, Put put) {
  std::uint32_t bits = 0;
  int held = 0;
  for (std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 5; held -= 5) put(alphabet[bits >> (held - 5) & 0x1f]);
  }
  if (held > 0) put(alphabet[bits << (5 - held) & 0x1f]);
}

// ASCII only: a locale's or Unicode's case folding would let other letters in.
int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a';
  if (c >= '2' && c <= '7') return c - '2' + 26;
  return -1;
}

// 1, 3 or 6 characters in the last group cannot come from whole bytes (RFC 4648 section 6). Padding cut short or too
// long tells that characters are lost.
bool possible_length(std::size_t digits, std::size_t padding) {
  const std::size_t last = digits % 8;
  if (last == 1 || last == 3 || last == 6) return false;
  return padding == 0 || (last != 0 && padding == 8 - last);
}

}  // namespace

std::string to_lower_base32(ByteView bytes) {
  std::string text;
  text.reserve(base32_size(bytes.size()));
  encode(bytes, lower, [&](char c) { text += c; });
  return text;
}

void write_upper_base32(ByteView bytes, std::span<std::uint8_t> out) {
  std::size_t at = 0;
  encode(bytes, upper, [&](char c) { out[at++] = static_cast<std::uint8_t>(c); });
}

void write_lower_base32(ByteView bytes, std::span<std::uint8_t> out) {
  std::size_t at = 0;
  encode(bytes, lower, [&](char c) { out[at++] = static_cast<std::uint8_t>(c); });
}

std::optional<Secret> read_base32_seed(std::string_view text) {
  Secret seed(text.size() * 5 / 8 + 1);
  std::size_t size = 0, digits = 0, padding = 0;
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = value_of(c);
    if (value < 0 || padding > 0) return std::nullopt;
    ++digits;
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    held += 5;
    if (held >= 8) seed.bytes()[size++] = static_cast<std::uint8_t>(bits >> (held -= 8));
  }
  if (size == 0 || !possible_length(digits, padding)) return std::nullopt;
  seed.shrink(size);
  return seed;
}

}  // namespace factord::core
