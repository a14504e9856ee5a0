// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.hpp"

#include <sodium.h>

namespace factord::core {

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace factord::core
