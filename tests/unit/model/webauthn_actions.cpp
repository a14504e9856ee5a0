// SPDX-License-Identifier: Apache-2.0
// Passkeys and U2F tokens: registrations begun, confirmed and removed.
#include <algorithm>

#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;

struct Names {
  const char *begin, *verify, *remove, *id, *name;
};

Names names_of(Kind kind) {
  if (kind == Kind::passkey)
    return {"RegisterPasskey", "VerifyPasskeyRegistration", "RemovePasskey", "passkey_id", "passkey_name"};
  return {"RegisterU2F", "VerifyU2FRegistration", "RemoveU2F", "u2f_id", "u2f_name"};
}

Kind any_kind(Episode& episode) { return episode.dice().percent(65) ? Kind::passkey : Kind::u2f; }

void begin(Episode& episode) {
  const std::size_t user = any_user(episode);
  const Kind kind = any_kind(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  Deed deed{.words = std::string(names_of(kind).begin) + "(" + name_of(whom) + ") by " + caller.words(),
            .method = names_of(kind).begin,
            .call = call_about(whom, caller)};
  deed.judged = [user, kind, caller, &policy = episode.policy()](World& world) -> std::string {
    if (!world.user(user).exists()) return "COMMAND-M9dsd";
    return begin_pending(world, user, kind, caller.uid, policy);
  };
  deed.done = [user, kind, caller](World& world, const ipc::Values& values) {
    Factor factor{.id = text(values), .kind = kind, .created = world.now};
    factor.ends = world.now + 10min;
    factor.begun_by = caller.uid;
    factor.creation_options = text(values, 1);
    User& owner = world.user(user);
    world.note(owner, EventType::factor_added, owner.factors.emplace_back(std::move(factor)));
    expect_details(owner, dict(values, 2), world.now);
  };
  episode.carry_out(std::move(deed));
}

// What an authenticator answers: to the right challenge or to another, with or without a PIN, with a credential that
// may be somebody's already.
struct Answer {
  std::string factor_id;
  bool to_its_challenge = false, user_verified = true;
  core::Bytes credential_id{};
  std::string json{};
};

constexpr char other_options[] =
    R"({"rp":{"id":"example.org"},"challenge":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"})";

std::string options_of(const World& world, const std::string& factor_id) {
  for (const User& user : world.users)
    for (const Factor& factor : user.factors)
      if (factor.id == factor_id) return factor.creation_options;
  return "";
}

Answer any_answer(Episode& episode, std::size_t user, Kind kind) {
  Dice& dice = episode.dice();
  Answer answer{.factor_id = any_factor(episode, user, kind)};
  answer.user_verified = dice.percent(90);
  const bool fresh = dice.percent(80);
  answer.credential_id.assign(32, static_cast<std::uint8_t>(fresh ? 'a' : 'a' + dice.below(4)));
  if (fresh) {
    const std::string number = std::to_string(episode.next_number());
    std::ranges::copy(number, answer.credential_id.begin());
  }
  std::string options = options_of(episode.world(), answer.factor_id);
  answer.to_its_challenge = !options.empty() && dice.percent(90);
  if (!answer.to_its_challenge) options = other_options;
  answer.json = registration_for({answer.factor_id, Json::parse(options)}, answer.credential_id, answer.user_verified);
  return answer;
}

Factor* pending(World& world, std::size_t user, Kind kind, const std::string& id) {
  Factor* const factor = world.user(user).factor(id, world.now);
  return factor != nullptr && factor->kind == kind && factor->pending() ? factor : nullptr;
}

// A credential is registered once, over all users and both kinds.
std::string holder_says(const World& world, std::size_t user, const core::Bytes& credential_id) {
  for (std::size_t i = 0; i < world.users.size(); ++i)
    for (const Factor& factor : world.users[i].factors)
      if (factor.credential == credential_id) return i == user ? "FACTORD-Cred1" : "WEBAU-3Vb9s";
  return "";
}

Deed verification(Episode& episode) {
  const std::size_t user = any_user(episode);
  const Kind kind = any_kind(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const Answer answer = any_answer(episode, user, kind);
  const std::string name = "name " + std::to_string(episode.next_number());
  Deed deed{.words = std::string(names_of(kind).verify) + "(" + name_of(whom) + ", " + answer.factor_id +
                     (answer.to_its_challenge ? "" : ", another's challenge") +
                     (answer.user_verified ? "" : ", without user verification") + ") by " + caller.words(),
            .method = names_of(kind).verify,
            .call = call_about(whom, caller,
                               {{names_of(kind).id, answer.factor_id},
                                {"public_key_credential", answer.json},
                                {names_of(kind).name, name}})};
  deed.prepared = [user, kind, answer](World& world) -> std::string {
    if (!world.user(user).exists()) return "COMMAND-M9dsd";
    return pending(world, user, kind, answer.factor_id) == nullptr ? "WEBAU-5M9so" : "";
  };
  deed.judged = [user, kind, answer](World& world) -> std::string {
    if (pending(world, user, kind, answer.factor_id) == nullptr) return "WEBAU-5M9so";
    if (!answer.to_its_challenge || (kind == Kind::passkey && !answer.user_verified)) return "WEBAU-3Vb9s";
    return holder_says(world, user, answer.credential_id);
  };
  deed.done = [user, kind, answer, name](World& world, const ipc::Values& values) {
    Factor& factor = *pending(world, user, kind, answer.factor_id);
    factor.state = State::ready;
    factor.name = name;
    factor.ends.reset();
    factor.creation_options.clear();
    factor.credential = answer.credential_id;
    world.note(world.user(user), EventType::factor_verified, factor);
    expect_details(world.user(user), dict(values, 0), factor.created);
  };
  return deed;
}

void remove(Episode& episode) {
  const std::size_t user = any_user(episode);
  const Kind kind = any_kind(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const std::string id = any_factor(episode, user, kind);
  const bool force = may_force(episode, caller);
  Deed deed{.words = std::string(names_of(kind).remove) + "(" + name_of(whom) + ", " + id + (force ? ", force" : "") +
                     ") by " + caller.words(),
            .method = names_of(kind).remove,
            .call = call_about(whom, caller, {{names_of(kind).id, id}, {"force", force}})};
  deed.judged = [user, kind, id, force, &policy = episode.policy()](World& world) -> std::string {
    const Factor* const factor = world.user(user).factor(id, world.now);
    if (factor == nullptr || factor->kind != kind) return "COMMAND-DAfb2";
    return last_factor(world.user(user), *factor, policy, force);
  };
  deed.done = [user, id](World& world, const ipc::Values& values) {
    const Time created = world.user(user).factor(id, world.now)->created;
    world.remove(world.user(user), id);
    expect_details(world.user(user), dict(values, 0), created);
  };
  episode.carry_out(std::move(deed));
}

}  // namespace

std::vector<Action> webauthn_actions() {
  return {{8, begin},
          {10, [](Episode& episode) { episode.carry_out(verification(episode)); }},
          {4, [](Episode& episode) { episode.take_off(verification(episode)); }},
          {4, remove}};
}

}  // namespace factord::tests::model
