// SPDX-License-Identifier: Apache-2.0
#include "daemon/challenges.hpp"

#include <utility>

#include "core/id.hpp"

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto open_for = 5min;
// A login service has many people in front of it.
constexpr std::uint32_t more_about_others = 16;
// Root is refused nothing. Of what it has begun and left the oldest goes, some 50 MB at the worst.
constexpr std::size_t most_of_root = 65'536;

// A clock that was set back makes no challenge live longer than twice its time.
bool is_over(core::Time made, core::Time now) { return std::chrono::abs(now - made) >= open_for; }

}  // namespace

std::string Challenges::add(std::shared_ptr<const ipc::Challenge> challenge, const ipc::Call& call) {
  const Purse purse{call.caller(), call.by_self()};
  make_room(purse);
  std::string id = core::mint_id(vault_.random);
  const auto added =
      open_.emplace(Key{call.connection(), id}, Open{std::move(challenge), vault_.clock.now(), purse, {}}).first;
  OldestFirst& same = purses_[purse];
  added->second.age = same.insert(same.end(), added);
  return id;
}

void Challenges::make_room(const Purse& purse) {
  const core::Time now = vault_.clock.now();
  const auto full = [&](std::size_t limit) {
    const auto same = purses_.find(purse);
    return same != purses_.end() && same->second.size() >= limit;
  };
  while (full(1) && is_over(purses_[purse].front()->second.made, now)) drop(purses_[purse].front());
  if (purse.uid == 0) {
    if (full(most_of_root)) drop(purses_[purse].front());
    return;
  }
  const std::uint32_t limit = vault_.policy.challenges_per_uid * (purse.about_itself ? 1 : more_about_others);
  if (full(limit)) throw core::failure::limit_reached("ChallengesPerUid", limit);
}

Challenges::ByKey::iterator Challenges::drop(ByKey::iterator open) {
  const auto same = purses_.find(open->second.purse);
  same->second.erase(open->second.age);
  if (same->second.empty()) purses_.erase(same);
  return open_.erase(open);
}

std::shared_ptr<const ipc::Challenge> Challenges::take(const std::string& id, const std::string& connection) {
  const auto found = open_.find(Key{connection, id});
  if (found == open_.end()) return nullptr;
  auto challenge = is_over(found->second.made, vault_.clock.now()) ? nullptr : found->second.challenge;
  drop(found);
  return challenge;
}

void Challenges::left(const std::string& connection) {
  auto open = open_.lower_bound(Key{connection, {}});
  while (open != open_.end() && open->first.connection == connection) open = drop(open);
}

}  // namespace factord::daemon
