// SPDX-License-Identifier: Apache-2.0
// A registration code as the layers above see it: a plain value. Whoever presents it may register one factor of that
// kind for that user. The code itself is known by its hash alone.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "storage/factor.hpp"

namespace factord::storage {

struct RegistrationCode {
  std::string id;
  Kind kind = Kind::passkey;
  core::Time created{};
  core::Time expires{};
  std::uint32_t failures = 0;  // wrong ones that were presented under this id
  core::Bytes hash{};          // set by CodeView::add()
};

}  // namespace factord::storage
