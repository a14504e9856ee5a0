// SPDX-License-Identifier: Apache-2.0
// Memory for what must not be seen: keys, TOTP seeds, otpauth URIs. Locked, guarded, wiped on destruction, excluded
// from core files. Owned by whoever holds it; may be moved between threads, never shared by two at once.
// Each costs about 20 microseconds and several pages: keep few alive, and make none per request on the hot path.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/bytes.hpp"

namespace factord::core {

class Random;

class Secret {
 public:
  Secret() = default;  // empty
  // `size` zero bytes. Throws std::bad_alloc where memory cannot be had.
  explicit Secret(std::size_t size);
  static Secret copy_of(ByteView bytes);
  static Secret random(std::size_t size, Random& random);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {data_, size_}; }
  std::span<std::uint8_t> bytes() { return {data_, size_}; }
  std::string_view text() const { return text_of(view()); }
  // Shortens to `size`; what is cut off is wiped.
  void shrink(std::size_t size);

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace factord::core
