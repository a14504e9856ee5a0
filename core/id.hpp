// SPDX-License-Identifier: Apache-2.0
// Ids of factors, challenges and codes: 128 random bits, lower-case base32 without padding, 26 characters.
#pragma once

#include <string>

#include "core/random.hpp"

namespace factord::core {

std::string mint_id(Random& random);

}  // namespace factord::core
