// SPDX-License-Identifier: Apache-2.0
// Recovery codes: sets made, replaced and removed; codes right, used, of an older set, or no codes at all. Their check
// is charged before its verdict is known, so that calls in flight stand between the two. Deriving a hash takes 20 ms:
// few are.
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

constexpr std::size_t few = 3;

Factor* set_of(World& world, std::size_t user) {
  for (Factor& factor : world.user(user).factors)
    if (factor.kind == Kind::recovery_codes) return &factor;
  return nullptr;
}

std::vector<std::string> read_codes(const ipc::SharedFd& fd) {
  std::string text(4096, '\0');
  const auto got = pread(fd->get(), text.data(), text.size(), 0);
  if (got < 0) throw Departure("GenerateRecoveryCodes hands out nothing that can be read");
  text.resize(static_cast<std::size_t>(got));
  std::istringstream lines(text);
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) codes.push_back(line);
  return codes;
}

void generate(Episode& episode) {
  const std::size_t user = episode.dice().below(2);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const auto count = static_cast<std::uint32_t>(1 + episode.dice().below(few + 2));
  Deed deed{.words = "GenerateRecoveryCodes(" + name_of(whom) + ", " + std::to_string(count) + ") by " + caller.words(),
            .method = "GenerateRecoveryCodes",
            .call = call_about(whom, caller, {{"count", count}})};
  deed.prepared = [user](World& world) { return world.user(user).exists() ? "" : "COMMAND-M9dsd"; };
  deed.judged = [user, &policy = episode.policy()](World& world) {
    World then = world;
    if (const Factor* const old = set_of(then, user)) then.remove(then.user(user), std::string(old->id));
    const std::string failure = make_room(then, user, policy);
    if (failure.empty()) world = std::move(then);
    return failure;
  };
  deed.done = [user, count](World& world, const ipc::Values& values) {
    User& whose = world.user(user);
    Factor factor{.kind = Kind::recovery_codes, .state = State::ready, .created = world.now};
    factor.codes = read_codes(std::get<ipc::SharedFd>(values.at(0)));
    expect_same("codes", std::to_string(count), std::to_string(factor.codes.size()));
    // The answer does not name it: the list does.
    factor.id = "?";
    world.note(whose, EventType::factor_added, whose.factors.emplace_back(std::move(factor)));
    expect_details(whose, dict(values, 1), world.now);
  };
  episode.carry_out(std::move(deed));
  if (Factor* const made = set_of(episode.world(), user); made != nullptr && made->id == "?")
    episode.name_recovery_set(user, *made);
}

void remove(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  Deed deed{.words = "RemoveRecoveryCodes(" + name_of(whom) + ") by " + caller.words(),
            .method = "RemoveRecoveryCodes",
            .call = call_about(whom, caller)};
  deed.judged = [user](World& world) { return set_of(world, user) == nullptr ? "COMMAND-3Mif9s" : ""; };
  deed.done = [user](World& world, const ipc::Values& values) {
    const Factor gone = *set_of(world, user);
    world.remove(world.user(user), gone.id);
    expect_details(world.user(user), dict(values, 0), gone.created);
  };
  episode.carry_out(std::move(deed));
}

struct Check {
  std::size_t user = 0;
  std::string code{};
  Caller caller{};
  Time at{};
  std::string set{};
  bool locks = false;  // unless it is right

  Guesser guesser() const { return {caller.uid, ""}; }
};

bool can_be_used(const Factor* set) { return set != nullptr && set->state == State::ready && !set->codes.empty(); }

std::string of_user(const User& user) {
  if (!user.exists()) return "COMMAND-M9dsd";
  return user.locked ? "COMMAND-SF3fg" : "";
}

std::string prepared(World& world, Check& check) {
  const User& user = world.user(check.user);
  check.at = world.now;
  std::string failure = of_user(user);
  if (failure.empty()) failure = throttled(user, Kind::recovery_codes, check.guesser(), check.at);
  if (!failure.empty()) return failure;
  const Factor* const set = set_of(world, check.user);
  if (!can_be_used(set)) return "COMMAND-3Mif9s";
  check.set = set->id;
  return "";
}

std::string judged(World& world, const Check& check) {
  const std::string failure = of_user(world.user(check.user));
  if (!failure.empty()) return failure;
  const Factor* const set = world.user(check.user).factor(check.set, world.now);
  const bool right = can_be_used(set) && std::ranges::find(set->codes, check.code) != set->codes.end();
  return right ? "" : "EVENT-8isk2";
}

void accept(World& world, const Check& check, const ipc::Dict& result) {
  User& user = world.user(check.user);
  Factor& set = *user.factor(check.set, world.now);
  throttle::take_back(user, Kind::recovery_codes, check.at);
  throttle::succeed(user, Kind::recovery_codes, check.guesser(), world.now);
  std::erase(set.codes, check.code);
  set.last_used = world.now;
  ++set.uses;
  world.note(user, EventType::factor_used, set);
  if (set.codes.size() <= few) world.note(user, EventType::recovery_low, Kind::recovery_codes, set.id);
  expect_same("factorId", set.id, text(result, "factorId"));
  if (std::get<ipc::Texts>(result.at("factors")) != ipc::Texts{"knowledge"}) throw Departure("a code is knowledge");
  expect_details(user, std::get<ipc::Dict>(result.at("details")), set.created);
}

// One that is not even a code is counted all the same, and costs no derivation.
std::string any_code(Episode& episode, std::size_t user) {
  const Factor* const set = set_of(episode.world(), user);
  if (set != nullptr && !set->codes.empty() && episode.dice().percent(25)) return episode.dice().one_of(set->codes);
  if (episode.dice().percent(80)) return "no code";
  return episode.used_codes().empty() ? "aaaa-aaaa-aaaa-aaaa" : episode.dice().one_of(episode.used_codes());
}

Deed any_check(Episode& episode) {
  const auto check = std::make_shared<Check>();
  check->user = episode.dice().below(2);
  check->caller = any_caller(episode, check->user);
  check->code = any_code(episode, check->user);
  if (check->code.size() > 10) episode.used_codes().push_back(check->code);
  const User& whom = episode.world().user(check->user);
  auto call = call_about(whom, check->caller);
  *call = CallMint::with_secret(std::move(*call), "code", core::Secret::copy_of(core::bytes_of(check->code)));
  Deed deed{.words = "CheckRecoveryCode(" + name_of(whom) + ", " + check->code + ") by " + check->caller.words(),
            .method = "CheckRecoveryCode",
            .call = call};
  deed.prepared = [check](World& world) { return prepared(world, *check); };
  deed.charged = [check, &episode](World& world) {
    const std::string wait = throttled(world.user(check->user), Kind::recovery_codes, check->guesser(), check->at);
    if (wait.empty())
      check->locks = episode.charge(world, check->user, Kind::recovery_codes, check->guesser(), check->at);
    return wait;
  };
  deed.judged = [check](World& world) { return judged(world, *check); };
  deed.done = [check](World& world, const ipc::Values& values) { accept(world, *check, dict(values, 0)); };
  deed.left = [check](World& world) {
    User& whose = world.user(check->user);
    if (check->locks && whose.stored) world.note(whose, EventType::codes_locked, Kind::recovery_codes);
  };
  return deed;
}

}  // namespace

std::vector<Action> recovery_actions() {
  return {{1, generate},
          {1, remove},
          {8, [](Episode& episode) { episode.carry_out(any_check(episode)); }},
          {6, [](Episode& episode) {
             if (episode.flying() < 4) episode.take_off(any_check(episode));
           }}};
}

}  // namespace factord::tests::model
