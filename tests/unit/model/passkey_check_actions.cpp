// SPDX-License-Identifier: Apache-2.0
// Logins with passkeys and U2F tokens: challenges that are answered rightly, late, twice, by another connection, with
// counters that go up or not.
#include <algorithm>

#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;

constexpr auto refused = "WEBAU-3M9si";

bool can_answer(const Factor& factor, bool verification_required) {
  const bool kind = factor.kind == Kind::passkey || (factor.kind == Kind::u2f && !verification_required);
  return kind && factor.state == State::ready;
}

bool over(const Challenge& challenge, Time now) { return std::chrono::abs(now - challenge.made) >= 5min; }

// Those whose time is over make room for the next one of that caller, the oldest first: they stay gone, should the
// clock be set back.
void sweep(std::vector<Challenge>& challenges, const Challenge& next) {
  for (Challenge& challenge : challenges) {
    if (challenge.caller != next.caller || challenge.self != next.self || challenge.taken) continue;
    if (!over(challenge, next.made)) return;
    challenge.taken = true;
  }
}

void start(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const auto wanted = episode.dice().one_of<std::string>({"required", "preferred", "discouraged"});
  Challenge challenge{
      .user = user, .caller = caller.uid, .self = caller.self, .verification_required = wanted == "required"};
  Deed deed{.words = "StartPasskeyCheck(" + name_of(whom) + ", " + wanted + ") by " + caller.words(),
            .method = "StartPasskeyCheck",
            .call = call_about(whom, caller, {{"user_id", whom.owner.user_id()}, {"user_verification", wanted}})};
  deed.judged = [user, required = challenge.verification_required](World& world) -> std::string {
    const User& whose = world.user(user);
    if (!whose.exists()) return "COMMAND-M9dsd";
    if (whose.locked) return "COMMAND-SF3fg";
    const auto may = [required](const Factor& factor) { return can_answer(factor, required); };
    return std::ranges::any_of(whose.factors, may) ? "" : "WEBAU-4G8sw";
  };
  deed.done = [user, challenge, &episode](World& world, const ipc::Values& values) mutable {
    const User& whose = world.user(user);
    challenge.id = text(values, 0);
    challenge.text = Json::parse(text(values, 1)).at("challenge").get<std::string>();
    challenge.made = world.now;
    for (const Factor& factor : whose.factors)
      if (can_answer(factor, challenge.verification_required)) challenge.factors.push_back(factor.id);
    sweep(episode.challenges(), challenge);
    episode.challenges().push_back(challenge);
    expect_details(whose, dict(values, 2), whose.created);
  };
  episode.carry_out(std::move(deed));
}

struct Answer {
  Challenge challenge{};
  bool is_open = false;  // the daemon still has the challenge, for this connection
  std::string factor_id{};
  bool sound = true;  // signature and challenge
  bool user_verified = true;
  std::uint32_t counter = 0;
  std::string json{};
  // Found while it is judged
  bool went_back = false, cloned = false;
};

Factor* answering(World& world, const Answer& answer) {
  Factor* const factor = world.user(answer.challenge.user).factor(answer.factor_id, world.now);
  return factor != nullptr && can_answer(*factor, answer.challenge.verification_required) ? factor : nullptr;
}

// A counter that is in use must go up.
bool goes_back(const Factor& factor, const Answer& answer) {
  return factor.sign_count != 0 && answer.counter <= factor.sign_count;
}

std::string of_user(const User& user) {
  if (!user.exists()) return "COMMAND-M9dsd";
  return user.locked ? "COMMAND-SF3fg" : "";
}

std::string prepared(World& world, Answer& answer) {
  if (!answer.is_open) return refused;
  const std::string failure = of_user(world.user(answer.challenge.user));
  if (!failure.empty()) return failure;
  const Factor* const factor = answering(world, answer);
  const auto& asked = answer.challenge.factors;
  if (factor == nullptr || std::ranges::find(asked, answer.factor_id) == asked.end()) return refused;
  answer.went_back = goes_back(*factor, answer);
  return "";
}

std::string judged(World& world, Answer& answer) {
  if (!answer.sound || (answer.challenge.verification_required && !answer.user_verified)) return refused;
  const std::string failure = of_user(world.user(answer.challenge.user));
  if (!failure.empty()) return failure;
  const Factor* const factor = answering(world, answer);
  if (factor == nullptr) return refused;
  answer.cloned = answer.went_back || goes_back(*factor, answer);
  return answer.cloned ? "WEBAU-4M90s" : "";
}

void accept(World& world, const Answer& answer, const ipc::Dict& result) {
  User& user = world.user(answer.challenge.user);
  Factor& factor = *answering(world, answer);
  factor.sign_count = answer.counter;
  factor.last_used = world.now;
  ++factor.uses;
  world.note(user, EventType::factor_used, factor);
  const bool both = factor.kind == Kind::passkey && answer.user_verified;
  expect_same("userId", user.owner.user_id(), text(result, "userId"));
  expect_same("factorId", factor.id, text(result, "factorId"));
  const auto proven = both ? ipc::Texts{"possession", "user-verification"} : ipc::Texts{"possession"};
  if (std::get<ipc::Texts>(result.at("factors")) != proven) throw Departure("something else is proven");
  expect_details(user, std::get<ipc::Dict>(result.at("details")), factor.created);
}

// Signed by the authenticator that all credentials of the tests are in.
std::string sign(const Answer& answer, const core::Bytes& credential_id, bool right_challenge) {
  Assertion assertion;
  assertion.credential_id = credential_id;
  assertion.sign_count = answer.counter;
  assertion.flags.user_verified = answer.user_verified;
  if (right_challenge) assertion.challenge = answer.challenge.text;
  if (right_challenge && !answer.sound)
    assertion.edit_signature = [](core::Bytes& signature) { signature.back() ^= 1; };
  return signed_by_fob(assertion);
}

Answer any_answer(Episode& episode, const Challenge& challenge) {
  Dice& dice = episode.dice();
  Answer answer{.challenge = challenge, .sound = dice.percent(88), .user_verified = dice.percent(75)};
  core::Bytes credential_id(32, 0x7a);
  std::vector<const Factor*> known;
  const std::size_t whose = dice.percent(94) ? challenge.user : any_user(episode);
  for (const Factor& factor : episode.world().user(whose).factors)
    if (!factor.credential.empty()) known.push_back(&factor);
  if (!known.empty()) {
    const Factor& factor = *dice.one_of(known);
    answer.factor_id = factor.id;
    credential_id = factor.credential;
    const std::uint32_t before = factor.sign_count;
    answer.counter = dice.percent(85) ? before + static_cast<std::uint32_t>(dice.below(3)) + (before != 0)
                                      : static_cast<std::uint32_t>(dice.below(before + 2));
  }
  answer.json = sign(answer, credential_id, answer.sound || dice.percent(50));
  return answer;
}

// The challenge is consumed by being answered, whatever comes of it; not by another connection.
Deed deed_of(Episode& episode) {
  auto& open = episode.challenges();
  const auto chosen = open.begin() + static_cast<std::ptrdiff_t>(episode.dice().below(open.size()));
  const auto answer = std::make_shared<Answer>(any_answer(episode, *chosen));
  const User& whom = episode.world().user(chosen->user);
  const bool foreign = episode.dice().percent(5);
  const bool again = episode.dice().percent(10);  // and once more, later
  const Caller caller{foreign ? 4000 : chosen->caller, false};
  answer->is_open = !foreign && !chosen->taken && !over(*chosen, episode.world().now);
  auto call = call_about(whom, caller, {{"challenge_id", chosen->id}, {"public_key_credential", answer->json}});
  *call = CallMint::answering(std::move(*call), episode.take_challenge(chosen->id, ":1." + std::to_string(caller.uid)));
  chosen->taken = chosen->taken || !foreign;
  Deed deed{.words = "CheckPasskey(" + name_of(whom) + ", " + answer->factor_id + ", counter " +
                     std::to_string(answer->counter) + (answer->sound ? "" : ", spoilt") +
                     (answer->is_open ? "" : ", no such challenge") + ") by " + caller.words(),
            .method = "CheckPasskey",
            .call = call};
  if (!foreign && !again) open.erase(chosen);
  deed.prepared = [answer](World& world) { return prepared(world, *answer); };
  deed.judged = [answer](World& world) { return judged(world, *answer); };
  deed.done = [answer](World& world, const ipc::Values& values) { accept(world, *answer, dict(values, 0)); };
  deed.left = [answer](World& world) {
    Factor* const factor = world.user(answer->challenge.user).factor(answer->factor_id, world.now);
    if (!answer->cloned || factor == nullptr || factor->state != State::ready) return;
    factor->state = State::quarantined;
    world.note(world.user(answer->challenge.user), EventType::factor_quarantined, *factor);
  };
  return deed;
}

}  // namespace

std::vector<Action> passkey_check_actions() {
  return {{16, start},
          {14,
           [](Episode& episode) {
             if (!episode.challenges().empty()) episode.carry_out(deed_of(episode));
           }},
          {5, [](Episode& episode) {
             if (!episode.challenges().empty()) episode.take_off(deed_of(episode));
           }}};
}

}  // namespace factord::tests::model
