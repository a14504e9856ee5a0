// SPDX-License-Identifier: Apache-2.0
// The throttle as docs/checks.md has it, over the model's users.
#pragma once

#include <functional>

#include "tests/unit/model/world.hpp"

namespace factord::tests::model {

namespace throttle {

// When this one may guess again; the past, where it is now.
Time open_at(const User& user, Kind kind, const Guesser& guesser, Time now);
// Before a first guess: for one who comes, those who were silent for long are forgotten, but for a success that only
// the journal knows yet: whether that is so is asked.
using Remembered = std::function<bool(Kind, const Guesser&)>;
void greet(User& user, Kind kind, const Guesser& guesser, Time now, const Remembered& remembered);
// True where the guess is the last one before a lock.
bool charge(User& user, Kind kind, const Guesser& guesser, Time now);
void take_back(User& user, Kind kind, Time charged);
void succeed(User& user, Kind kind, const Guesser& guesser, Time now);
bool forget(User& user);  // UnlockUser; true where there was anything to forget

}  // namespace throttle

}  // namespace factord::tests::model
