// SPDX-License-Identifier: Apache-2.0
// How often somebody may guess at a user's codes. Every guess counts as a failure from before its verdict is known
// until a success takes it back, so that neither a crash nor a hundred guesses at once leave one uncounted. Guesses are
// counted for each caller and source by itself, so that a stranger's slow the stranger and not the owner; what all
// strangers together may do in an hour is limited too, and beyond it only those are served who were right lately. Pure:
// no clock, no store. Any thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/clock.hpp"
#include "storage/budget.hpp"

namespace factord::daemon {

// [Lockout]
struct Lockout {
  std::uint32_t attempts = 5;             // failures in a row that lock
  std::chrono::seconds first{30};         // the first lock; each one after it takes twice as long,
  std::chrono::seconds longest{60 * 60};  // and no longer than this
};

inline constexpr std::size_t failures_an_hour = 100;  // of all callers and sources, for one user and kind
inline constexpr std::chrono::days known_for{30};     // a success lets a caller pass that limit for so long

// Codes can be guessed. Keys cannot, and are never locked.
constexpr bool is_guessed(storage::Kind kind) { return kind != storage::Kind::passkey && kind != storage::Kind::u2f; }

// What is kept of guesses at one kind of a user's codes.
struct Guesses {
  storage::Budget own;  // of this caller and source
  storage::Budget all;  // of everybody
};

// How long until the next guess may be made; zero: now.
core::Time::duration wait_before(const Guesses& guesses, core::Time now);

// When what holds guesses up that are counted under this budget's key ends; zero: nothing does. Where all callers are
// counted together, those who were right lately may go on.
core::Time locked_until(const storage::Budget& budget, core::Time now);

// A guess is made now. True where it was the last one before a lock, which has begun with it.
bool charge(Guesses& guesses, core::Time now, const Lockout& lockout);

// The guess that was charged at that time was right.
void take_back(Guesses& guesses, core::Time charged, core::Time now);
// A guess was right that was not charged.
void forgive(storage::Budget& own, core::Time now);

}  // namespace factord::daemon
