// SPDX-License-Identifier: Apache-2.0
// Reads CBOR (RFC 8949) from authenticators: definite and shortest lengths only, no key twice, no tags, UTF-8 in texts,
// bounded depth and number of items, every length checked against what is left. The order of keys is not demanded:
// real authenticators and browsers write other orders than CTAP2's canonical one. Nothing is allocated: a value is a
// view of bytes that were read to their end once, and is decoded again where it is looked at. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace factord::webauthn {

class CborItems;

// Views into the bytes it was read from, which must outlive it.
struct CborValue {
  enum class Kind { unsigned_integer, negative_integer, bytes, text, array, map, other };
  Kind kind = Kind::other;
  std::uint64_t number = 0;  // as in the encoding: a negative integer is -1 - number; an array has so many items
  core::ByteView content;    // of byte and text strings; of arrays and maps: the items as encoded
  core::ByteView encoded;

  bool is(Kind asked) const { return kind == asked; }
  bool empty() const { return number == 0; }  // an array or a map without items, a string without content
  std::string_view text() const { return core::text_of(content); }
  std::optional<std::int64_t> integer() const;
  // For a range-based for: the items of an array; of a map key, value, key, value. None of anything else.
  CborItems items() const;
  // The value under a text or integer key of a map; nothing where there is none.
  std::optional<CborValue> find(std::string_view key) const;
  std::optional<CborValue> find(std::int64_t key) const;
  // Likewise, where the value is a byte string.
  std::optional<core::ByteView> find_bytes(std::string_view key) const;
  std::optional<core::ByteView> find_bytes(std::int64_t key) const;
};

class CborItems {
 public:
  struct End {};
  class Iterator {
   public:
    explicit Iterator(core::ByteView rest) : rest_(rest) { decode(); }
    const CborValue& operator*() const { return value_; }
    Iterator& operator++();
    bool operator!=(End) const { return !rest_.empty(); }

   private:
    void decode();

    core::ByteView rest_;  // from the current item on
    CborValue value_;
  };

  explicit CborItems(core::ByteView items) : items_(items) {}
  Iterator begin() const { return Iterator(items_); }
  End end() const { return {}; }

 private:
  core::ByteView items_;
};

inline CborItems CborValue::items() const {
  return CborItems(is(Kind::array) || is(Kind::map) ? content : core::ByteView());
}

// The item at the start of `bytes`; `encoded` tells how far it reaches.
std::optional<CborValue> read_cbor(core::ByteView bytes);

// The one item that fills `bytes`.
std::optional<CborValue> read_whole_cbor(core::ByteView bytes);

}  // namespace factord::webauthn
