// SPDX-License-Identifier: Apache-2.0
// TOTP secrets: begun and confirmed, imported, removed.
#include <unistd.h>

#include "daemon/otp/otpauth.hpp"
#include "tests/unit/model/actions.hpp"
#include "tests/unit/model/codes.hpp"
#include "tests/unit/model/presented_code.hpp"

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;

otp::Enrolment read_enrolment(const ipc::SharedFd& fd) {
  core::Secret uri(8192);
  const auto got = pread(fd->get(), uri.bytes().data(), uri.size(), 0);
  if (got < 0) throw Departure("RegisterTOTP hands out nothing that can be read");
  uri.shrink(static_cast<std::size_t>(got));
  auto enrolment = otp::from_uri(uri.text());
  if (!enrolment) throw Departure("RegisterTOTP hands out no otpauth URI");
  return *std::move(enrolment);
}

std::string id_of(const std::optional<PresentedCode>& presented) { return presented ? presented->id : ""; }

ipc::Dict with(const std::optional<PresentedCode>& presented, ipc::Dict arguments) {
  if (presented) arguments["code_id"] = presented->id;
  return arguments;
}

core::Bytes copy(core::ByteView view) { return {view.begin(), view.end()}; }

void begin(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const auto period = episode.dice().one_of<std::uint32_t>({30, 30, 60});
  const auto presented = any_presented_code(episode, user);
  Deed deed{.words = "RegisterTOTP(" + name_of(whom) + ") by " + caller.words(),
            .method = "RegisterTOTP",
            .call = call_about(whom, caller, with(presented, {{"period", period}}))};
  deed.judged = [user, caller, &policy = episode.policy()](World& world) -> std::string {
    if (!world.user(user).exists()) return "COMMAND-M9dsd";
    return begin_pending(world, user, Kind::totp, caller.uid, policy);
  };
  deed.done = [user, caller, code_id = id_of(presented)](World& world, const ipc::Values& values) {
    const auto enrolment = read_enrolment(std::get<ipc::SharedFd>(values.at(1)));
    Factor factor{.id = text(values), .kind = Kind::totp, .created = world.now};
    factor.ends = world.now + 10min;
    factor.begun_by = caller.uid;
    factor.code_id = code_id;
    factor.seed = copy(enrolment.seed.view());
    factor.parameters = enrolment.parameters;
    User& owner = world.user(user);
    world.note(owner, EventType::factor_added, owner.factors.emplace_back(std::move(factor)));
    expect_details(owner, dict(values, 2), world.now);
  };
  if (presented) present(deed, episode, user, *presented, Kind::totp, Step::begins);
  episode.carry_out(std::move(deed));
}

// A confirmation looks at the present time alone: there is no drift to be known yet.
void verify(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const std::string id = any_factor(episode, user, Kind::totp);
  const Code code = code_for(episode, user, id);
  const auto presented = any_presented_code(episode, user);
  Deed deed{
      .words = "VerifyTOTPRegistration(" + name_of(whom) + ", " + id + ", " + code.words + ") by " + caller.words(),
      .method = "VerifyTOTPRegistration",
      .call = call_about(whom, caller, with(presented, {{"totp_id", id}, {"code", code.typed}}))};
  const unsigned skew = episode.policy().totp_skew;
  deed.judged = [user, id, code, skew, code_id = id_of(presented)](World& world) -> std::string {
    const Factor* const factor = world.user(user).factor(id, world.now);
    if (factor == nullptr || factor->kind != Kind::totp) return "COMMAND-3Mif9s";
    if (!factor->pending()) return "COMMAND-qx4ls";
    if (factor->code_id != code_id) return "COMMAND-Eeb2a";
    return step_of(world.user(user), *factor, code, world.now, {skew, 0}) ? "" : "EVENT-8isk2";
  };
  deed.done = [user, id, code, skew](World& world, const ipc::Values& values) {
    Factor& factor = *world.user(user).factor(id, world.now);
    factor.last_step = step_of(world.user(user), factor, code, world.now, {skew, 0});
    factor.state = State::ready;
    factor.ends.reset();
    factor.code_id.clear();
    world.note(world.user(user), EventType::factor_verified, factor);
    expect_details(world.user(user), dict(values, 0), {});
  };
  if (presented) present(deed, episode, user, *presented, Kind::totp, Step::completes);
  episode.carry_out(std::move(deed));
}

void import(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  core::Bytes seed(20, static_cast<std::uint8_t>(episode.next_number()));
  seed[0] = static_cast<std::uint8_t>(episode.next_number() >> 8);
  for (const Factor& factor : whom.factors)
    if (factor.kind == Kind::totp && episode.dice().percent(10)) seed = factor.seed;
  otp::Enrolment enrolment{
      .issuer = "Example", .account = "somebody", .seed = core::Secret::copy_of(seed), .parameters = {}};
  if (episode.dice().percent(30)) enrolment.parameters = {otp::Algorithm::sha256, 8, 60};
  auto call = call_about(whom, caller);
  *call = CallMint::with_secret(std::move(*call), "uri", otp::to_uri(enrolment));
  Deed deed{.words = "ImportTOTP(" + name_of(whom) + ") by " + caller.words(), .method = "ImportTOTP", .call = call};
  deed.judged = [user, &policy = episode.policy()](World& world) -> std::string {
    return world.user(user).exists() ? make_room(world, user, policy) : "COMMAND-M9dsd";
  };
  deed.done = [user, seed, parameters = enrolment.parameters](World& world, const ipc::Values& values) {
    Factor factor{.id = text(values), .kind = Kind::totp, .state = State::ready, .created = world.now};
    factor.seed = seed;
    factor.parameters = parameters;
    User& owner = world.user(user);
    Factor& added = owner.factors.emplace_back(std::move(factor));
    world.note(owner, EventType::factor_added, added);
    world.note(owner, EventType::factor_verified, added);
    expect_details(owner, dict(values, 1), world.now);
  };
  episode.carry_out(std::move(deed));
}

void remove(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller = any_caller(episode, user);
  const std::string id = any_factor(episode, user, Kind::totp);
  const bool force = may_force(episode, caller);
  Deed deed{.words = "RemoveTOTP(" + name_of(whom) + ", " + id + (force ? ", force" : "") + ") by " + caller.words(),
            .method = "RemoveTOTP",
            .call = call_about(whom, caller, {{"totp_id", id}, {"force", force}})};
  deed.judged = [user, id, force, &policy = episode.policy()](World& world) -> std::string {
    const Factor* const factor = world.user(user).factor(id, world.now);
    if (factor == nullptr || factor->kind != Kind::totp) return "COMMAND-Hd9sd";
    return last_factor(world.user(user), *factor, policy, force);
  };
  deed.done = [user, id](World& world, const ipc::Values& values) {
    world.remove(world.user(user), id);
    expect_details(world.user(user), dict(values, 0), {});
  };
  episode.carry_out(std::move(deed));
}

}  // namespace

std::vector<Action> totp_actions() { return {{8, begin}, {12, verify}, {8, import}, {4, remove}}; }

}  // namespace factord::tests::model
