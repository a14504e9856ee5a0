// SPDX-License-Identifier: Apache-2.0
// A challenge that the daemon has given, as the model remembers it.
#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"

namespace factord::tests::model {

// What StartPasskeyCheck has answered: in the daemon's memory alone.
struct Challenge {
  std::size_t user = 0;
  uid_t caller = 0;
  bool self = false;
  bool verification_required = false;
  std::string id{}, text{};
  core::Time made{};
  std::vector<std::string> factors{};  // that were asked for
  bool taken = false;
};

}  // namespace factord::tests::model
