// SPDX-License-Identifier: Apache-2.0
// What is kept of guesses at a user's codes: plain values; daemon/throttle.hpp has the rules.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "storage/factor.hpp"

namespace factord::storage {

// Whose guesses: a stranger's must not use up the owner's tries, though both may come through one login service.
struct BudgetKey {
  Kind kind;
  std::optional<uid_t> caller;  // nothing: all callers together
  std::string source;           // what a trusted caller says of where it comes from; may be empty

  friend bool operator==(const BudgetKey&, const BudgetKey&) = default;
};

struct Budget {
  BudgetKey key;
  std::uint32_t failures = 0;  // one after the other, since the last success or lock
  std::uint32_t locks = 0;     // likewise, since the last success
  core::Time locked_until{};
  core::Time last_failure{};
  core::Time last_success{};
  std::vector<core::Time> recent;  // failures of the last hour; only where all callers are counted together
};

}  // namespace factord::storage
