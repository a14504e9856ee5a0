// SPDX-License-Identifier: Apache-2.0
// Reads CBOR (RFC 8949) from authenticators: definite and shortest lengths only, no key twice, no tags, UTF-8 in texts,
// bounded depth and number of items, every length checked against what is left. The order of keys is not demanded:
// real authenticators and browsers write other orders than CTAP2's canonical one. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace factord::webauthn {

// Views into the bytes it was read from, which must outlive it.
struct CborValue {
  enum class Kind { unsigned_integer, negative_integer, bytes, text, array, map, other };
  Kind kind = Kind::other;
  std::uint64_t number = 0;      // as in the encoding: a negative integer is -1 - number
  core::ByteView content;        // of byte and text strings
  std::vector<CborValue> items;  // of arrays; of maps: key, value, key, value
  core::ByteView encoded;

  bool is(Kind asked) const { return kind == asked; }
  std::string_view text() const { return core::text_of(content); }
  std::optional<std::int64_t> integer() const;
  // The value under a text or integer key of a map; null where there is none.
  const CborValue* find(std::string_view key) const;
  const CborValue* find(std::int64_t key) const;
  // Likewise, where the value is a byte string.
  std::optional<core::ByteView> find_bytes(std::string_view key) const;
  std::optional<core::ByteView> find_bytes(std::int64_t key) const;
};

// The item at the start of `bytes`; `encoded` tells how far it reaches.
std::optional<CborValue> read_cbor(core::ByteView bytes);

// The one item that fills `bytes`.
std::optional<CborValue> read_whole_cbor(core::ByteView bytes);

}  // namespace factord::webauthn
