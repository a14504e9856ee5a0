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

}  // namespace factord::tests::model
