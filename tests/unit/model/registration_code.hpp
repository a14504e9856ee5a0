// SPDX-License-Identifier: Apache-2.0
// A registration code, as the model remembers it.
#pragma once

#include <string>

#include "core/clock.hpp"
#include "storage/factor.hpp"

namespace factord::tests::model {

struct RegistrationCode {
  std::string id;
  storage::Kind kind{};
  std::string written{};
  core::Time expires{};
  unsigned failures = 0;

  bool good(core::Time now) const { return failures < 5 && now < expires; }
};

}  // namespace factord::tests::model
