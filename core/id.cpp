// SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

#include <array>

#include "core/base32.hpp"

namespace factord::core {

std::string mint_id(Random& random) {
  std::array<std::uint8_t, 16> bits;
  random.fill(bits);
  return to_lower_base32(bits);
}

}  // namespace factord::core
