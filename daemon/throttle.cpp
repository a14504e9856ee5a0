// SPDX-License-Identifier: Apache-2.0
#include "daemon/throttle.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto hour = 1h;

bool within_the_hour(core::Time failure, core::Time now) { return failure > now - hour; }

bool was_right_lately(const storage::Budget& own, core::Time now) {
  return own.last_success != core::Time{} && own.last_success > now - known_for;
}

core::Time::duration lock_time(std::uint32_t locks_before, const Lockout& lockout) {
  std::chrono::seconds time = lockout.first;
  for (std::uint32_t i = 0; i < locks_before && time < lockout.longest; ++i) time *= 2;
  return std::min(time, lockout.longest);
}

// Until the oldest of the failures that fill the hour is an hour old. A clock that was set back a little has made them
// lie in another order than they were made in.
core::Time::duration wait_for_the_hour(const storage::Budget& all, core::Time now) {
  if (all.recent.size() < failures_an_hour) return {};
  std::vector<core::Time> failures = all.recent;
  const auto oldest = failures.begin() + (failures_an_hour - 1);
  std::ranges::nth_element(failures, oldest, std::ranges::greater());
  return within_the_hour(*oldest, now) ? *oldest + hour - now : core::Time::duration{};
}

}  // namespace

core::Time::duration wait_before(const Guesses& guesses, core::Time now) {
  const auto lock = std::max(guesses.own.locked_until - now, core::Time::duration{});
  if (was_right_lately(guesses.own, now)) return lock;
  return std::max(lock, wait_for_the_hour(guesses.all, now));
}

core::Time locked_until(const storage::Budget& budget, core::Time now) {
  const auto wait = std::max(budget.locked_until - now, wait_for_the_hour(budget, now));
  return wait > core::Time::duration{} ? now + wait : core::Time{};
}

bool charge(Guesses& guesses, core::Time now, const Lockout& lockout) {
  std::erase_if(guesses.all.recent, [now](core::Time failure) { return !within_the_hour(failure, now); });
  guesses.all.recent.push_back(now);
  // Who was right lately may go on; more than these change no answer.
  if (guesses.all.recent.size() > 2 * failures_an_hour)
    guesses.all.recent.erase(std::ranges::min_element(guesses.all.recent));
  storage::Budget& own = guesses.own;
  own.last_failure = now;
  if (++own.failures < lockout.attempts) return false;
  own.failures = 0;
  own.locked_until = now + lock_time(own.locks++, lockout);
  return true;
}

void take_back(Guesses& guesses, core::Time charged, core::Time now) {
  auto& recent = guesses.all.recent;
  if (const auto failure = std::ranges::find(recent, charged); failure != recent.end()) recent.erase(failure);
  forgive(guesses.own, now);
}

void forgive(storage::Budget& own, core::Time now) {
  own.failures = own.locks = 0;
  own.locked_until = {};
  own.last_success = now;
}

}  // namespace factord::daemon
