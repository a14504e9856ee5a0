// SPDX-License-Identifier: Apache-2.0
// Challenges as the door sees them: a call that answers one says by its id alone whom it is about. The daemon hands
// them out and knows what they ask (daemon/challenges.hpp). Loop thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/owner.hpp"

namespace factord::ipc {

struct Challenge {
  Challenge(core::Organization within, std::string whose)
      : organization(std::move(within)), user_id(std::move(whose)) {}
  virtual ~Challenge() = default;

  const core::Organization organization;
  const std::string user_id;  // empty: anybody of the organization may answer
};

class Challenges {
 public:
  virtual ~Challenges() = default;

  // A challenge is given once: it is used up by being answered, whatever comes of the answer. Null where that
  // connection has none of that id, or its time is over.
  virtual std::shared_ptr<const Challenge> take(const std::string& id, const std::string& connection) = 0;
  // That connection has left the bus.
  virtual void left(const std::string& connection) = 0;
};

}  // namespace factord::ipc
