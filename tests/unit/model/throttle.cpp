// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/throttle.hpp"

#include <algorithm>
#include <functional>

namespace factord::tests::model {

using namespace std::chrono_literals;

namespace throttle {
namespace {

constexpr unsigned in_a_row = 5;
constexpr std::size_t an_hour = 100;
constexpr auto month = 30 * 24h;

bool known(const Tries& tries, Time now) { return tries.last_success != Time{} && now - tries.last_success < month; }

}  // namespace

Time open_at(const User& user, Kind kind, const Guesser& guesser, Time now) {
  const auto guesses = user.guesses.find(kind);
  if (guesses == user.guesses.end()) return {};
  const auto found = guesses->second.of.find(guesser);
  const Tries tries = found == guesses->second.of.end() ? Tries() : found->second;
  Time open = tries.locked_until;
  if (known(tries, now)) return open;
  std::vector<Time> counted;
  for (const Time failure : guesses->second.failures)
    if (now - failure < 1h) counted.push_back(failure);
  if (counted.size() < an_hour) return open;
  std::ranges::sort(counted, std::ranges::greater());
  return std::max(open, counted[an_hour - 1] + 1h);
}

// One who was silent for a day is forgotten once another one comes, but for those who were right within the month.
void greet(User& user, Kind kind, const Guesser& guesser, Time now, const Remembered& remembered) {
  if (user.guesses[kind].of[guesser].last_try != Time{}) return;
  const auto silent = [now](const Tries& tries) {
    return now - tries.last_try > 24h && tries.locked_until < now && now - tries.last_success > month;
  };
  for (auto& [any, guesses] : user.guesses)
    for (auto& [other, tries] : guesses.of)
      if (silent(tries)) tries = {.last_success = remembered(any, other) ? tries.last_success : Time{}};
}

bool charge(User& user, Kind kind, const Guesser& guesser, Time now) {
  Guesses& guesses = user.guesses[kind];
  std::erase_if(guesses.failures, [now](Time failure) { return now - failure >= 1h; });
  guesses.failures.push_back(now);
  Tries& tries = guesses.of[guesser];
  tries.last_try = now;
  if (++tries.in_a_row < in_a_row) return false;
  tries.in_a_row = 0;
  std::chrono::seconds lock = 30s;
  for (unsigned i = 0; i < tries.locks; ++i) lock = std::min<std::chrono::seconds>(lock * 2, 1h);
  ++tries.locks;
  tries.locked_until = now + lock;
  return true;
}

// For a success: its own charge was no failure.
void take_back(User& user, Kind kind, Time charged) {
  auto& failures = user.guesses[kind].failures;
  if (const auto found = std::ranges::find(failures, charged); found != failures.end()) failures.erase(found);
}

void succeed(User& user, Kind kind, const Guesser& guesser, Time now) {
  Tries& tries = user.guesses[kind].of[guesser];
  tries = {.last_try = tries.last_try, .last_success = now};
}

bool forget(User& user) {
  bool any = false;
  for (auto& [kind, guesses] : user.guesses) {
    any = any || !guesses.failures.empty();
    guesses.failures.clear();
    for (auto& [guesser, tries] : guesses.of) {
      any = any || tries.in_a_row != 0 || tries.locks != 0;
      tries = {.last_try = tries.last_try, .last_success = tries.last_success};
    }
  }
  return any;
}

}  // namespace throttle

}  // namespace factord::tests::model
