// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/world.hpp"

#include <algorithm>
#include <utility>

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;

}  // namespace

Factor* User::factor(const std::string& id, Time now) {
  for (Factor& factor : factors)
    if (factor.id == id && !factor.over(now)) return &factor;
  return nullptr;
}

void World::note(User& user, EventType type, std::optional<Kind> kind, const std::string& factor_id) {
  user.stored = true;
  if (++user.sequence == 1) user.created = now;
  user.changed = now;
  last_event = now;
  ++journal;
  events.push_back(
      {type, true, now, user.owner.organization().id(), user.owner.user_id(), user.sequence, factor_id, kind});
}

void World::note(User& user, EventType type, Factor& factor) {
  factor.changed = now;
  note(user, type, factor.kind, factor.id);
}

void World::remove(User& user) {
  for (const Factor& factor : user.factors)
    if (!factor.over(now))
      events.push_back({EventType::factor_removed, false, now, user.owner.organization().id(), user.owner.user_id(), 0,
                        factor.id, factor.kind});
  note(user, EventType::user_removed);
  user = User{.owner = user.owner};
}

void World::remove(User& user, const std::string& factor_id) {
  const auto found = std::ranges::find(user.factors, factor_id, &Factor::id);
  note(user, EventType::factor_removed, found->kind, factor_id);
  user.factors.erase(found);
}

std::size_t World::pending_begun_by(uid_t caller) {
  std::size_t pending = 0;
  for (User& user : users) {
    std::erase_if(user.factors, [&](const Factor& f) { return f.begun_by == caller && f.over(now); });
    pending += static_cast<std::size_t>(
        std::ranges::count_if(user.factors, [&](const Factor& f) { return f.begun_by == caller && f.pending(); }));
  }
  return pending;
}

bool World::clock_trusted(Time at) const {
  constexpr Time written{std::chrono::sys_days(std::chrono::January / 1 / 2026).time_since_epoch()};
  return at >= written && (!last_event || *last_event - at <= 60s);
}

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
void greet(User& user, Kind kind, const Guesser& guesser, Time now) {
  if (user.guesses[kind].of[guesser].last_try != Time{}) return;
  for (auto& [any, guesses] : user.guesses)
    std::erase_if(guesses.of, [now](const auto& entry) {
      const Tries& tries = entry.second;
      return now - tries.last_try > 24h && tries.locked_until < now && now - tries.last_success > month;
    });
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
