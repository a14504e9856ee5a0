// SPDX-License-Identifier: Apache-2.0
// Writes the few shapes of DER (X.690) that attestation certificates carry in their extensions. Deliberately not the
// daemon's library: a mistake in reading should not be hidden by the same mistake in writing.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace factord::tests::der {

using core::Bytes;
using core::ByteView;

inline Bytes joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline Bytes length(std::size_t size) {
  if (size < 0x80) return {std::uint8_t(size)};
  if (size < 0x100) return {0x81, std::uint8_t(size)};
  return {0x82, std::uint8_t(size >> 8), std::uint8_t(size)};
}

// `head` is the tag, as encoded.
inline Bytes element(const Bytes& head, const Bytes& content) {
  return joined({head, length(content.size()), content});
}

inline Bytes integer(std::uint8_t value) { return element({0x02}, {value}); }
inline Bytes enumerated(std::uint8_t value) { return element({0x0a}, {value}); }
inline Bytes octets(ByteView content) { return element({0x04}, {content.begin(), content.end()}); }
inline Bytes text(std::string_view content) { return element({0x0c}, {content.begin(), content.end()}); }
inline Bytes null() { return {0x05, 0x00}; }
inline Bytes sequence(const std::vector<Bytes>& items) { return element({0x30}, joined(items)); }
inline Bytes set(const std::vector<Bytes>& items) { return element({0x31}, joined(items)); }

// [number] EXPLICIT; numbers to 16,383.
inline Bytes field(unsigned number, const Bytes& content) {
  if (number < 31) return element({std::uint8_t(0xa0 | number)}, content);
  if (number < 128) return element({0xbf, std::uint8_t(number)}, content);
  return element({0xbf, std::uint8_t(0x80 | number >> 7), std::uint8_t(number & 0x7f)}, content);
}

// Of the TCG's arc, 2.23.133, with two more arcs below 128.
inline Bytes tcg_object(std::uint8_t first, std::uint8_t second) {
  return element({0x06}, {0x67, 0x81, 0x05, first, second});
}

}  // namespace factord::tests::der
