// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/actions.hpp"

#include <algorithm>
#include <utility>

#include "daemon/details.hpp"

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> ids(const User& user, std::optional<Kind> kind) {
  std::vector<std::string> ids;
  for (const Factor& factor : user.factors)
    if (!kind || factor.kind == *kind) ids.push_back(factor.id);
  return ids;
}

void expect_number(const ipc::Dict& details, const std::string& key, std::uint64_t foretold) {
  expect_same(key, std::to_string(foretold), std::to_string(number(details, key)));
}

}  // namespace

std::vector<Action> all_actions() {
  std::vector<Action> all;
  for (const auto& part :
       {check_actions(), fate_actions(), list_actions(), passkey_check_actions(), recovery_actions(),
        registration_code_actions(), suspension_actions(), totp_actions(), user_actions(), webauthn_actions()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string Caller::words() const { return self ? "himself" : "uid " + std::to_string(uid); }

Caller any_caller(Episode& episode, std::size_t user) {
  const auto uid = episode.world().user(user).owner.uid();
  if (uid && episode.dice().percent(40)) return {*uid, true};
  return {episode.dice().one_of<uid_t>({0, 990, 2000}), false};
}

// The first two are those to whom most things happen.
std::size_t any_user(Episode& episode) {
  return episode.dice().percent(70) ? episode.dice().below(2) : episode.dice().below(4);
}

std::string name_of(const User& user) {
  return user.is_account() ? user.owner.user_id() : user.owner.organization().id() + "/" + user.owner.user_id();
}

std::shared_ptr<ipc::Call> call_about(const User& user, const Caller& caller, ipc::Dict arguments) {
  ipc::Call call = CallMint::about(user.owner, std::move(arguments), caller.uid);
  const std::string connection = ":1." + std::to_string(caller.uid);
  return std::make_shared<ipc::Call>(CallMint::from(std::move(call), connection, caller.self));
}

std::string any_factor(Episode& episode, std::size_t user, std::optional<Kind> kind) {
  Dice& dice = episode.dice();
  if (dice.percent(5)) user = any_user(episode);
  if (dice.percent(5)) kind.reset();
  const auto known = ids(episode.world().user(user), kind);
  return known.empty() || dice.percent(3) ? "no-such-factor" : dice.one_of(known);
}

std::string make_room(World& world, std::size_t user, const daemon::Policy& policy) {
  auto& factors = world.user(user).factors;
  const auto over = [&world](const Factor& factor) { return factor.over(world.now); };
  if (factors.size() - static_cast<std::size_t>(std::ranges::count_if(factors, over)) >= policy.factors_per_user)
    return "FACTORD-Quo1";
  std::erase_if(factors, over);
  return "";
}

std::string begin_pending(World& world, std::size_t user, Kind kind, uid_t caller, const daemon::Policy& policy) {
  World then = world;
  std::erase_if(then.user(user).factors, [kind](const Factor& f) { return f.pending() && f.kind == kind; });
  const std::string failure = make_room(then, user, policy);
  if (!failure.empty()) return failure;
  if (caller != 0 && then.pending_begun_by(caller) >= policy.pending_per_uid) return "FACTORD-Quo1";
  world = std::move(then);
  return "";
}

std::string last_factor(const User& user, const Factor& going, const daemon::Policy& policy, bool force) {
  const auto usable = [](const Factor& factor) {
    return factor.state == State::ready && factor.kind != Kind::recovery_codes;
  };
  if (!policy.protect_last_factor || force || !usable(going)) return "";
  return std::ranges::count_if(user.factors, usable) <= 1 ? "FACTORD-Last1" : "";
}

// Force takes a permission, so it is nothing for oneself; the door sees to that.
bool may_force(Episode& episode, const Caller& caller) { return !caller.self && episode.dice().percent(25); }

void expect_details(const User& user, const ipc::Dict& details, std::optional<Time> created) {
  expect_number(details, "sequence", user.sequence);
  expect_number(details, "changeDate", daemon::microseconds(user.changed));
  expect_same("resourceOwner", user.owner.organization().id(), text(details, "resourceOwner"));
  if (created)
    expect_number(details, "creationDate", daemon::microseconds(*created));
  else if (details.contains("creationDate"))
    throw Departure("details with a creationDate");
}

void expect_same(const std::string& what, const std::string& foretold, const std::string& said) {
  if (foretold != said) throw Departure(what + ": the model says " + foretold + ", the daemon " + said);
}

}  // namespace factord::tests::model
