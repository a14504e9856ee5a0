// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

Deed about_user(Episode& episode, const std::string& method, std::size_t user, ipc::Dict arguments = {}) {
  const Caller caller{episode.dice().one_of<uid_t>({0, 2000}), false};
  const User& whom = episode.world().user(user);
  return {.words = method + "(" + name_of(whom) + ") by " + caller.words(),
          .method = method,
          .call = call_about(whom, caller, std::move(arguments))};
}

void add(Episode& episode) {
  const std::size_t user = episode.dice().percent(90) ? 2 + episode.dice().below(2) : episode.dice().below(2);
  Deed deed = about_user(episode, "AddUser", user, {{"org", episode.world().user(user).owner.organization().id()}});
  deed.prepared = [user](World& world) { return world.user(user).is_account() ? "FACTORD-Arg1" : ""; };
  deed.judged = [user](World& world) { return world.user(user).stored ? "FACTORD-User1" : ""; };
  deed.done = [user](World& world, const ipc::Values& values) {
    world.note(world.user(user), EventType::user_added);
    expect_details(world.user(user), dict(values, 0), world.user(user).created);
  };
  episode.carry_out(std::move(deed));
}

void remove(Episode& episode) {
  const std::size_t user = any_user(episode);
  Deed deed = about_user(episode, "RemoveUser", user);
  deed.judged = [user](World& world) { return world.user(user).stored ? "" : "COMMAND-M9dsd"; };
  deed.done = [user](World& world, const ipc::Values& values) {
    User last = world.user(user);
    world.remove(world.user(user));
    last.sequence++;
    last.changed = world.now;
    if (last.sequence == 1) last.created = world.now;
    expect_details(last, dict(values, 0), last.created);
  };
  episode.carry_out(std::move(deed));
}

// Both do nothing where it is so already; unlocking always takes back what wrong codes have locked.
void lock(Episode& episode, bool locks) {
  const std::size_t user = any_user(episode);
  Deed deed = about_user(episode, locks ? "LockUser" : "UnlockUser", user);
  deed.judged = [user](World& world) { return world.user(user).exists() ? "" : "COMMAND-M9dsd"; };
  deed.done = [user, locks](World& world, const ipc::Values& values) {
    User& whom = world.user(user);
    whom.stored = true;
    const bool changes = whom.locked != locks;
    if (changes) world.note(whom, locks ? EventType::user_locked : EventType::user_unlocked);
    whom.locked = locks;
    // Tries that are given back are an event, too, though not a second one.
    const bool given_back = !locks && throttle::forget(whom);
    if (given_back && !changes) world.note(whom, EventType::user_unlocked);
    expect_details(whom, dict(values, 0), whom.created);
  };
  episode.carry_out(std::move(deed));
}

void rename(Episode& episode) {
  const std::size_t user = any_user(episode);
  const std::string id = any_factor(episode, user, std::nullopt);
  const std::string name = "name " + std::to_string(episode.next_number());
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  Deed deed{.words = "RenameFactor(" + name_of(whom) + ", " + id + ") by " + caller.words(),
            .method = "RenameFactor",
            .call = call_about(whom, caller, {{"factor_id", id}, {"name", name}})};
  deed.judged = [user, id](World& world) {
    return world.user(user).factor(id, world.now) == nullptr ? "COMMAND-DAfb2" : "";
  };
  deed.done = [user, id, name](World& world, const ipc::Values& values) {
    Factor& factor = *world.user(user).factor(id, world.now);
    factor.name = name;
    world.note(world.user(user), EventType::factor_renamed, factor);
    expect_details(world.user(user), dict(values, 0), factor.created);
  };
  episode.carry_out(std::move(deed));
}

}  // namespace

std::vector<Action> user_actions() {
  return {{5, add},
          {2, remove},
          {3, [](Episode& episode) { lock(episode, true); }},
          {8, [](Episode& episode) { lock(episode, false); }},
          {5, rename}};
}

}  // namespace factord::tests::model
