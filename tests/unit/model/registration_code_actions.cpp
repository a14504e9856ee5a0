// SPDX-License-Identifier: Apache-2.0
// Registration codes: made, and presented at the registration of TOTP secrets.
#include <unistd.h>

#include <algorithm>

#include "tests/unit/model/actions.hpp"
#include "tests/unit/model/presented_code.hpp"

namespace factord::tests::model {
namespace {

constexpr char invalid[] = "COMMAND-Eeb2a";
constexpr char wrong_code[] = "aaaa-aaaa-aaaa-aaaa";
constexpr std::ptrdiff_t most = 8;  // that are good, of a user

enum class Verdict { good, wrong, refused };

Verdict verdict_on(const User& user, const PresentedCode& presented, Kind kind, Time now) {
  const auto code = std::ranges::find(user.codes, presented.id, &RegistrationCode::id);
  if (code == user.codes.end() || !code->good(now)) return Verdict::refused;
  if (code->written != presented.written) return Verdict::wrong;
  return code->kind == kind ? Verdict::good : Verdict::refused;
}

std::string read_line(const ipc::SharedFd& fd) {
  std::string text(64, '\0');
  const auto got = pread(fd->get(), text.data(), text.size(), 0);
  if (got < 1 || text.at(static_cast<std::size_t>(got) - 1) != '\n') throw Departure("no code is handed out");
  text.resize(static_cast<std::size_t>(got) - 1);
  return text;
}

void create(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  const Caller caller{episode.dice().one_of<uid_t>({0, 2000}), false};
  const bool totp = episode.dice().percent(80);
  const auto lifetime = static_cast<std::uint64_t>(episode.dice().between(60, 7200));
  Deed deed{.words = "CreateRegistrationCode(" + name_of(whom) + ", " + (totp ? "totp" : "passkey") + ", " +
                     std::to_string(lifetime) + " s) by " + caller.words(),
            .method = "CreateRegistrationCode",
            .call = call_about(whom, caller, {{"kind", totp ? "totp" : "passkey"}, {"lifetime", lifetime}})};
  deed.judged = [user](World& world) -> std::string {
    User& whose = world.user(user);
    if (!whose.exists()) return "COMMAND-M9dsd";
    const auto good = [&world](const RegistrationCode& code) { return code.good(world.now); };
    if (std::ranges::count_if(whose.codes, good) >= most) return "FACTORD-Quo1";
    std::erase_if(whose.codes, [&](const RegistrationCode& code) { return !good(code); });
    return "";
  };
  deed.done = [user, totp, lifetime](World& world, const ipc::Values& values) {
    User& whose = world.user(user);
    whose.codes.push_back({.id = text(values),
                           .kind = totp ? Kind::totp : Kind::passkey,
                           .written = read_line(std::get<ipc::SharedFd>(values.at(1))),
                           .expires = world.now + std::chrono::seconds(lifetime)});
    world.note(whose, EventType::registration_code_added, whose.codes.back().kind);
    expect_details(whose, dict(values, 2), world.now);
  };
  episode.carry_out(std::move(deed));
}

// Until the code is dead, or nearly.
void guess(Episode& episode) {
  const std::size_t user = any_user(episode);
  const User& whom = episode.world().user(user);
  if (whom.codes.empty()) return;
  const PresentedCode guessed{episode.dice().one_of(whom.codes).id, wrong_code};
  for (std::uint64_t left = 2 + episode.dice().below(4); left > 0; --left) {
    Deed deed{.words = "RegisterTOTP(" + name_of(whom) + ")",
              .method = "RegisterTOTP",
              .call = call_about(whom, {2000, false}, {{"code_id", guessed.id}})};
    present(deed, episode, user, guessed, Kind::totp, Step::begins);
    episode.carry_out(std::move(deed));
  }
}

}  // namespace

std::optional<PresentedCode> any_presented_code(Episode& episode, std::size_t user) {
  Dice& dice = episode.dice();
  if (!dice.percent(40)) return std::nullopt;
  const auto& codes = episode.world().user(dice.percent(95) ? user : any_user(episode)).codes;
  if (codes.empty()) return std::nullopt;
  const RegistrationCode& code = dice.one_of(codes);
  if (dice.percent(3)) return PresentedCode{"no-such-code", code.written};
  if (dice.percent(30)) return PresentedCode{code.id, wrong_code};
  return PresentedCode{code.id, code.written};
}

void present(Deed& deed, Episode& episode, std::size_t user, const PresentedCode& code, Kind kind, Step step) {
  const auto verdict = [=](const World& world) { return verdict_on(world.users.at(user), code, kind, world.now); };
  deed.words += " with code " + code.id + (code.written == wrong_code ? ", wrong" : "");
  *deed.call = CallMint::by_code(
      CallMint::with_secret(std::move(*deed.call), "code_fd", core::Secret::copy_of(core::bytes_of(code.written))));
  deed.prepared = [=](World& world) { return verdict(world) == Verdict::refused ? invalid : ""; };
  if (verdict(episode.world()) == Verdict::wrong)
    deed.charged = [=, &episode](World& world) {
      episode.charge_code(world, user, code.id);
      return "";
    };
  deed.judged = [=, judged = std::move(deed.judged)](World& world) -> std::string {
    return verdict(world) == Verdict::good ? judged(world) : invalid;
  };
  if (step == Step::begins) return;
  deed.done = [=, done = std::move(deed.done)](World& world, const ipc::Values& values) {
    done(world, values);
    std::erase_if(world.user(user).codes, [&](const RegistrationCode& any) { return any.id == code.id; });
  };
}

std::vector<Action> registration_code_actions() { return {{6, create}, {3, guess}}; }

}  // namespace factord::tests::model
