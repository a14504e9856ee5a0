// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until told otherwise, and randomness that repeats itself.
#pragma once

#include "core/clock.hpp"
#include "core/random.hpp"

namespace factord::tests {

struct FixedClock final : core::Clock {
  core::Time at{std::chrono::seconds(1'770'000'000)};
  core::Time now() const override { return at; }
};

// Never gives the same bytes twice within one object; two objects give the same sequence.
struct CountingRandom final : core::Random {
  std::uint64_t state = 0;
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) {
      state += 0x9e3779b97f4a7c15;  // splitmix64
      std::uint64_t z = state;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(z ^ (z >> 31));
    }
  }
};

}  // namespace factord::tests
