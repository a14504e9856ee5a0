// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <algorithm>
#include <cstdint>

namespace factord::core {
namespace {

constexpr char32_t broken = 0xffffffff;

std::size_t length_of(std::uint8_t lead) { return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }

// Takes one code point off `text`; `broken` for what RFC 3629 forbids: overlong forms, surrogates, above U+10FFFF.
char32_t take(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return broken;
  const std::size_t length = length_of(lead);
  if (text.size() < length) return broken;
  char32_t point = length == 1 ? lead : lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return broken;
    point = point << 6 | (next & 0x3fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return broken;
  text.remove_prefix(length);
  return point;
}

// Most texts have nothing else.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

// Unicode's Bidi_Control property.
bool is_bidi_control(char32_t point) {
  return point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<std::uint8_t>(c) & 0xc0) != 0x80;
  return count;
}

// Each has one to four bytes, so that most texts need not be counted.
bool has_code_points(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() >= 4 * least && text.size() <= most) return true;
  const std::size_t count = code_points(text);
  return count >= least && count <= most;
}

bool valid_utf8(std::string_view text) {
  while (!text.empty())
    if (take(text) == broken) return false;
  return true;
}

bool printable(std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) return true;
  while (!text.empty()) {
    const char32_t point = take(text);
    if (point == broken || is_control(point) || is_bidi_control(point)) return false;
  }
  return true;
}

bool valid_identifier(std::string_view text) {
  return has_code_points(text, 1, 200) && printable(text) && text.find(':') == std::string_view::npos;
}

}  // namespace factord::core
