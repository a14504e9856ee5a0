// SPDX-License-Identifier: Apache-2.0
// How numbers and texts are laid out where bytes are hashed or authenticated: little-endian, texts behind their length
// (4 bytes), so that no two lists of fields give the same bytes. Private to storage.
#pragma once

#include <cstdint>

#include "core/bytes.hpp"

namespace factord::storage {

class Layout {
 public:
  template <typename Number>
  Layout& number(Number value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
    return *this;
  }
  Layout& bytes(core::ByteView value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  Layout& text(core::ByteView value) { return number(static_cast<std::uint32_t>(value.size())).bytes(value); }
  Layout& text(std::string_view value) { return text(core::bytes_of(value)); }

  core::ByteView view() const { return bytes_; }
  operator core::ByteView() const { return bytes_; }

 private:
  core::Bytes bytes_;
};

}  // namespace factord::storage
