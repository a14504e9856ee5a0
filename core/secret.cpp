// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/random.hpp"

namespace factord::core {

Secret::Secret(std::size_t size) : size_(size), capacity_(size) {
  if (sodium_init() < 0) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
  // sodium_malloc fills with a pattern, so that reading what was never written shows; a Secret promises zeros.
  sodium_memzero(data_, size);
}

Secret Secret::copy_of(ByteView bytes) {
  Secret secret(bytes.size());
  std::ranges::copy(bytes, secret.data_);
  return secret;
}

Secret Secret::random(std::size_t size, Random& random) {
  Secret secret(size);
  random.fill(secret.bytes());
  return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

Secret::~Secret() { sodium_free(data_); }

void Secret::shrink(std::size_t size) {
  if (size >= size_) return;
  sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

}  // namespace factord::core
