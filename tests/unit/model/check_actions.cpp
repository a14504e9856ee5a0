// SPDX-License-Identifier: Apache-2.0
// CheckTOTP: right codes, spent ones, early and late ones, guesses, and storms of guesses from everywhere.
#include <algorithm>

#include "tests/unit/model/actions.hpp"
#include "tests/unit/model/codes.hpp"

namespace factord::tests::model {
namespace {

bool is_checked(const Factor& factor) { return factor.kind == Kind::totp && factor.state == State::ready; }

struct Match {
  std::string factor_id;
  std::uint64_t step = 0;
};

// Every secret that is ready is tried, the oldest first.
std::optional<Match> match(const User& user, const Code& code, Time now, unsigned skew) {
  for (const Factor& factor : user.factors) {
    if (!is_checked(factor)) continue;
    if (const auto step = step_of(user, factor, code, now, {skew, drift_of(factor, skew)}))
      return Match{factor.id, *step};
  }
  return std::nullopt;
}

struct Check {
  std::size_t user = 0;
  Code code{};
  Caller caller{};
  std::string source{};
  Time at{};           // when it was received
  bool wrong = false;  // and no other reason to refuse it

  // What a caller says of his own codes' source counts for nothing.
  Guesser guesser() const { return {caller.uid, caller.self ? "" : source}; }
};

// In the order of docs/checks.md.
std::string judged(World& world, Check& check, unsigned skew) {
  const User& user = world.user(check.user);
  if (!user.exists()) return "COMMAND-M9dsd";
  if (user.locked) return "COMMAND-SF3fg";
  const std::string wait = throttled(user, Kind::totp, check.guesser(), check.at);
  if (!wait.empty()) return wait;
  if (!world.clock_trusted(check.at)) return "FACTORD-Clk1";
  if (std::ranges::none_of(user.factors, is_checked)) return "COMMAND-3Mif9s";
  check.wrong = !match(user, check.code, check.at, skew);
  return check.wrong ? "EVENT-8isk2" : "";
}

void accept(World& world, const Check& check, unsigned skew, const ipc::Dict& result) {
  User& user = world.user(check.user);
  const Match found = *match(user, check.code, check.at, skew);
  Factor& factor = *user.factor(found.factor_id, world.now);
  throttle::succeed(user, Kind::totp, check.guesser(), world.now);
  factor.last_step = found.step;
  factor.last_used = world.now;
  ++factor.uses;
  world.note(user, EventType::factor_used, factor);
  expect_same("userId", user.owner.user_id(), text(result, "userId"));
  expect_same("org", user.owner.organization().id(), text(result, "org"));
  expect_same("factorId", factor.id, text(result, "factorId"));
  expect_same("kind", "totp", text(result, "kind"));
  if (std::get<ipc::Texts>(result.at("factors")) != ipc::Texts{"possession"})
    throw Departure("a code proves one thing");
  if (std::get<bool>(result.at("userVerified"))) throw Departure("a code verifies no user");
  expect_details(user, std::get<ipc::Dict>(result.at("details")), factor.created);
}

Deed deed_of(Episode& episode, const Check& what) {
  const auto check = std::make_shared<Check>(what);
  const unsigned skew = episode.policy().totp_skew;
  const User& user = episode.world().user(check->user);
  ipc::Dict arguments{{"code", check->code.typed}};
  if (!check->source.empty()) arguments["source"] = check->source;
  Deed deed{.words = "CheckTOTP(" + name_of(user) + ", " + check->code.words + ") by " + check->caller.words() +
                     (check->source.empty() ? "" : " from " + check->source),
            .method = "CheckTOTP",
            .call = call_about(user, check->caller, std::move(arguments))};
  deed.prepared = [check](World& world) {
    check->at = world.now;
    return "";
  };
  deed.judged = [check, skew](World& world) { return judged(world, *check, skew); };
  deed.done = [check, skew](World& world, const ipc::Values& values) { accept(world, *check, skew, dict(values, 0)); };
  deed.left = [check, &episode](World& world) {
    if (check->wrong && episode.charge(world, check->user, Kind::totp, check->guesser(), check->at))
      world.note(world.user(check->user), EventType::codes_locked, Kind::totp);
  };
  return deed;
}

Deed any_check(Episode& episode) {
  Check check{.user = any_user(episode)};
  check.code = code_for(episode, check.user, any_factor(episode, check.user, Kind::totp));
  check.caller = any_caller(episode, check.user);
  check.source = episode.dice().one_of<std::string>({"", "", "login on tty1", "sshd from elsewhere"});
  return deed_of(episode, check);
}

// So many guesses that they fill the hour, a few from each place.
void storm(Episode& episode) {
  Check check{.user = episode.dice().below(2), .caller = {0, false}};
  for (std::uint64_t places = 5 + episode.dice().below(20); places > 0; --places) {
    check.source = "place " + std::to_string(episode.next_number());
    for (int i = 0; i < 5; ++i) {
      check.code = code_for(episode, check.user, "none");
      episode.carry_out(deed_of(episode, check));
    }
    if (episode.dice().percent(20)) episode.pass(std::chrono::seconds(episode.dice().between(-20, 60)));
    if (episode.dice().percent(20)) episode.commit();
  }
}

}  // namespace

std::vector<Action> check_actions() {
  return {{120, [](Episode& episode) { episode.carry_out(any_check(episode)); }},
          {15, [](Episode& episode) { episode.take_off(any_check(episode)); }},
          {1, storm}};
}

}  // namespace factord::tests::model
