// SPDX-License-Identifier: Apache-2.0
// Writes the few shapes of CBOR (RFC 8949) that an authenticator makes. Deliberately not the daemon's library: a
// mistake in reading should not be hidden by the same mistake in writing.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"

namespace factord::tests::cbor {

using core::Bytes;
using core::ByteView;

inline Bytes head(unsigned major, std::uint64_t value) {
  const int size = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
  const auto low = size == 0 ? unsigned(value) : size == 1 ? 24u : size == 2 ? 25u : size == 4 ? 26u : 27u;
  Bytes out{std::uint8_t(major << 5 | low)};
  for (int i = size - 1; i >= 0; --i) out.push_back(std::uint8_t(value >> (8 * i)));
  return out;
}

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

inline Bytes integer(std::int64_t value) {
  return value >= 0 ? head(0, std::uint64_t(value)) : head(1, std::uint64_t(-1 - value));
}

inline Bytes bytes(ByteView content) {
  Bytes out = head(2, content.size());
  append(out, content);
  return out;
}

inline Bytes text(std::string_view content) {
  Bytes out = head(3, content.size());
  append(out, core::bytes_of(content));
  return out;
}

inline Bytes array(const std::vector<Bytes>& items) {
  Bytes out = head(4, items.size());
  for (const auto& item : items) append(out, item);
  return out;
}

// Keys and values as encoded already, in the order given.
using Entries = std::vector<std::pair<Bytes, Bytes>>;

inline Bytes map(const Entries& entries) {
  Bytes out = head(5, entries.size());
  for (const auto& [key, value] : entries) {
    append(out, key);
    append(out, value);
  }
  return out;
}

}  // namespace factord::tests::cbor
