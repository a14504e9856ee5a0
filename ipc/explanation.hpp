// SPDX-License-Identifier: Apache-2.0
// Why a question is decided as it is, for people who wonder ("factorctl doctor --why"). Made where somebody asks for
// it, never on the way of a call. Tells callers of their own rights alone: no line that names somebody else is in it.
#pragma once

#include <string>

#include "ipc/access.hpp"
#include "ipc/value.hpp"

namespace factord::ipc {

struct Explanation {
  bool allowed = false;
  std::string authorizer;  // "static", "polkit"
  std::string permission;  // the one that is judged: "user.write", "self.write"
  std::string decided_by;  // for people
  // The Allow= line for this caller that is the closest to being one that decides; only where none does.
  std::string nearest{};
  // Where polkit was asked: about what, and what it said: "yes", "no", "challenge", "none".
  std::string action{};
  std::string answer{};
};

// As a{sv}, together with what was asked; keys without a value are left out.
Dict describe(const Explanation& explanation, const Question& question);

}  // namespace factord::ipc
