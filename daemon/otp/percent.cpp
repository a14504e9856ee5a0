// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/percent.hpp"

namespace factord::otp {
namespace {

constexpr std::string_view hexadecimal = "0123456789ABCDEF";

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The byte of an escape at the front of `text`, or -1.
int escaped_byte(std::string_view text) {
  if (text.size() < 3) return -1;
  const int high = value_of(text[1]), low = value_of(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (unreserved(c))
      out += c;
    else
      out += {'%', hexadecimal[byte >> 4], hexadecimal[byte & 0x0f]};
  }
  return out;
}

std::optional<std::size_t> percent_decode(std::string_view text, Plus plus, std::span<std::uint8_t> out) {
  std::size_t at = 0;
  while (!text.empty()) {
    const char c = text.front();
    const int byte = c == '%'                          ? escaped_byte(text)
                     : c == '+' && plus == Plus::blank ? ' '
                                                       : static_cast<std::uint8_t>(c);
    if (byte < 0) return std::nullopt;
    out[at++] = static_cast<std::uint8_t>(byte);
    text.remove_prefix(c == '%' ? 3 : 1);
  }
  return at;
}

}  // namespace factord::otp
