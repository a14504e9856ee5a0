// SPDX-License-Identifier: Apache-2.0
// File descriptors that close themselves, and the sealed memfd by which secrets leave the process.
#pragma once

#include <string_view>
#include <utility>

#include "core/bytes.hpp"

namespace factord::core {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}  // takes ownership
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// A memfd with `content`, at offset 0, sealed against write, grow, shrink and further seals; close-on-exec.
// Throws Error (unavailable) where the kernel gives none.
Fd sealed_memfd(std::string_view content);

// True for a memfd that nobody can change any more (all four seals).
bool is_sealed_memfd(int fd);

}  // namespace factord::core
