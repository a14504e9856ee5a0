// SPDX-License-Identifier: Apache-2.0
// Factors that are put aside and taken back, and what a login requires of whom.
#include <algorithm>
#include <set>

#include "daemon/details.hpp"
#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

Factor* confirmed(World& world, std::size_t user, const std::string& id) {
  Factor* const factor = world.user(user).factor(id, world.now);
  return factor == nullptr || factor->pending() ? nullptr : factor;
}

void suspend(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const std::string id = any_factor(episode, user, std::nullopt);
  const bool force = may_force(episode, caller);
  Deed deed{.words = "SuspendFactor(" + name_of(whom) + ", " + id + (force ? ", force" : "") + ") by " + caller.words(),
            .method = "SuspendFactor",
            .call = call_about(whom, caller, {{"factor_id", id}, {"force", force}})};
  deed.judged = [user, id, force, &policy = episode.policy()](World& world) -> std::string {
    const Factor* const factor = confirmed(world, user, id);
    return factor == nullptr ? "COMMAND-DAfb2" : last_factor(world.user(user), *factor, policy, force);
  };
  // Quarantine is stronger.
  deed.done = [user, id](World& world, const ipc::Values& values) {
    Factor& factor = *confirmed(world, user, id);
    if (factor.state == State::ready) {
      factor.state = State::suspended;
      world.note(world.user(user), EventType::factor_suspended, factor);
    }
    expect_details(world.user(user), dict(values, 0), factor.created);
  };
  episode.carry_out(std::move(deed));
}

void resume(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller{0, false};
  const std::string id = any_factor(episode, user, std::nullopt);
  Deed deed{.words = "ResumeFactor(" + name_of(whom) + ", " + id + ")",
            .method = "ResumeFactor",
            .call = call_about(whom, caller, {{"factor_id", id}})};
  deed.judged = [user, id](World& world) { return confirmed(world, user, id) == nullptr ? "COMMAND-DAfb2" : ""; };
  deed.done = [user, id](World& world, const ipc::Values& values) {
    Factor& factor = *confirmed(world, user, id);
    if (factor.state != State::ready) {
      factor.state = State::ready;
      world.note(world.user(user), EventType::factor_resumed, factor);
    }
    expect_details(world.user(user), dict(values, 0), factor.created);
  };
  episode.carry_out(std::move(deed));
}

// What this caller could prove for the user now.
std::set<std::string> usable(const World& world, const User& user, const Guesser& guesser) {
  std::set<std::string> kinds;
  if (user.locked) return kinds;
  for (const Factor& factor : user.factors) {
    if (factor.shown_state() != State::ready) continue;
    const bool guessed = factor.kind == Kind::totp || factor.kind == Kind::recovery_codes;
    if (factor.kind == Kind::totp && !world.clock_trusted(world.now)) continue;
    if (guessed && !throttled(user, factor.kind, guesser, world.now).empty()) continue;
    kinds.emplace(daemon::name(factor.kind));
  }
  return kinds;
}

void require(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  Deed deed{.words = "GetRequirement(" + name_of(whom) + ") by " + caller.words(),
            .method = "GetRequirement",
            .call = call_about(whom, caller)};
  deed.judged = [user](World& world) { return world.user(user).exists() ? "" : "COMMAND-M9dsd"; };
  deed.done = [user, caller](World& world, const ipc::Values& values) {
    const User& whose = world.user(user);
    const bool enrolled = !std::ranges::all_of(whose.factors, &Factor::pending);
    if (std::get<bool>(dict(values, 0).at("enrolled")) != enrolled) throw Departure("enrolled, or not");
    const auto& said = std::get<ipc::Texts>(dict(values, 0).at("usable"));
    if (!std::ranges::equal(usable(world, whose, {caller.uid, ""}), said)) throw Departure("usable are other kinds");
  };
  episode.carry_out(std::move(deed));
}

}  // namespace

std::vector<Action> suspension_actions() { return {{6, suspend}, {6, resume}, {4, require}}; }

}  // namespace factord::tests::model
