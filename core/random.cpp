// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <sodium.h>

#include "core/failure.hpp"

namespace factord::core {

SystemRandom::SystemRandom() {
  if (sodium_init() < 0) throw Error(failure::internal, "libsodium did not initialise");
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace factord::core
