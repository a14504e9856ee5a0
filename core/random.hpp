// SPDX-License-Identifier: Apache-2.0
// Where randomness comes from. Passed in, so that tests can repeat a run; nothing else draws random bytes.
#pragma once

#include <cstdint>
#include <span>

namespace factord::core {

class Random {
 public:
  virtual ~Random() = default;
  // May be called from any thread.
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

// The kernel's generator, through libsodium.
class SystemRandom final : public Random {
 public:
  SystemRandom();  // throws core::Error (internal) where libsodium cannot start
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace factord::core
