// SPDX-License-Identifier: Apache-2.0
// What callers are shown: the factors in any state, the kinds that are ready, the user.
#include <algorithm>
#include <set>
#include <sstream>

#include "daemon/details.hpp"
#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

using daemon::microseconds;

std::string item_of(const Factor& factor) {
  std::ostringstream item;
  item << factor.id << ' ' << daemon::name(factor.kind) << ' ' << daemon::name(factor.shown_state()) << " '"
       << factor.name << "' " << microseconds(factor.created) << ' ' << microseconds(factor.changed) << ' '
       << microseconds(factor.last_used) << ' ' << factor.uses;
  return item.str();
}

std::string item_of(const ipc::Dict& item) {
  std::ostringstream out;
  out << text(item, "id") << ' ' << text(item, "kind") << ' ' << text(item, "state") << " '" << text(item, "name")
      << "' " << number(item, "creationDate") << ' ' << number(item, "changeDate") << ' ' << number(item, "lastUsed")
      << ' ' << number(item, "useCount");
  return out.str();
}

std::string in_lines(const std::multiset<std::string>& items) {
  std::string lines;
  for (const std::string& item : items) lines += "\n    " + item;
  return lines;
}

Deed reading(Episode& episode, const std::string& method, std::size_t user, ipc::Dict arguments = {}) {
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  return {.words = method + "(" + name_of(whom) + ")",
          .method = method,
          .call = call_about(whom, caller, std::move(arguments))};
}

void list(Episode& episode) {
  const std::size_t user = any_user(episode);
  const auto state = episode.dice().one_of<std::string>({"any", "any", "ready", "not-ready"});
  Deed deed = reading(episode, "ListAuthenticationFactors", user, {{"states", ipc::Texts{state}}});
  deed.done = [user, state](World& world, const ipc::Values& values) {
    std::multiset<std::string> foretold, said;
    for (const Factor& factor : world.user(user).factors)
      if (!factor.over(world.now) && (state == "any" || daemon::name(factor.shown_state()) == state))
        foretold.insert(item_of(factor));
    for (const ipc::Dict& item : items(values)) said.insert(item_of(item));
    expect_same("the list", in_lines(foretold), in_lines(said));
    expect_same("totalResult", std::to_string(foretold.size()), std::to_string(number(dict(values, 1), "totalResult")));
    expect_details(world.user(user), dict(values, 1), world.user(user).created);
  };
  episode.carry_out(std::move(deed));
}

void list_kinds(Episode& episode) {
  const std::size_t user = any_user(episode);
  Deed deed = reading(episode, "ListAuthenticationMethodTypes", user);
  deed.done = [user](World& world, const ipc::Values& values) {
    std::set<std::string> foretold;
    for (const Factor& factor : world.user(user).factors)
      if (factor.shown_state() == State::ready) foretold.emplace(daemon::name(factor.kind));
    const auto& said = std::get<ipc::Texts>(values.at(0));
    if (!std::ranges::equal(foretold, said)) throw Departure("the kinds that are ready are others");
  };
  episode.carry_out(std::move(deed));
}

void show(Episode& episode) {
  const std::size_t user = any_user(episode);
  Deed deed = reading(episode, "GetUser", user);
  deed.judged = [user](World& world) { return world.user(user).exists() ? "" : "COMMAND-M9dsd"; };
  deed.done = [user](World& world, const ipc::Values& values) {
    const User& whom = world.user(user);
    expect_same("userId", whom.owner.user_id(), text(dict(values, 0), "userId"));
    expect_details(whom, std::get<ipc::Dict>(dict(values, 0).at("details")), whom.created);
  };
  episode.carry_out(std::move(deed));
}

}  // namespace

std::vector<Action> list_actions() { return {{5, list}, {2, list_kinds}, {2, show}}; }

}  // namespace factord::tests::model
