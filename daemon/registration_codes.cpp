// SPDX-License-Identifier: Apache-2.0
#include "daemon/registration_codes.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "core/id.hpp"
#include "daemon/details.hpp"
#include "daemon/otp/written_code.hpp"
#include "storage/code_view.hpp"

namespace factord::daemon {
namespace {

using storage::Kind;

Kind kind_named(std::string_view word) {
  for (const Kind kind : {Kind::passkey, Kind::u2f, Kind::totp})
    if (name(kind) == word) return kind;
  throw std::logic_error("a kind that the table lets through");
}

bool good(const storage::RegistrationCode& code, core::Time now) {
  return code.failures < code_tries && now < code.expires;
}

// Told to those alone who could have made the code.
const char* told(bool expired) { return expired ? "Code has expired" : "Code was tried too often"; }

}  // namespace

ipc::Plan RegistrationCodes::create(const ipc::Call& call) const {
  return {.apply = [this, &call] { return made(call); }};
}

ipc::Values RegistrationCodes::made(const ipc::Call& call) const {
  auto view = vault_.store.of(call.owner());
  view.claim();
  make_room(view);
  const auto change = vault_.change(call);
  storage::RegistrationCode code{.id = core::mint_id(vault_.random),
                                 .kind = kind_named(call.option_text("kind", "passkey")),
                                 .created = change.at,
                                 .expires = change.at + std::chrono::seconds(call.option_wide("lifetime", 3600))};
  const core::Secret secret = core::Secret::random(otp::code_size, vault_.random);
  core::Secret written(otp::written_size + 1);
  otp::write_code(secret.view(), written.bytes());
  written.bytes().back() = '\n';
  auto handed_out = std::make_shared<const core::Fd>(core::sealed_memfd(written.text()));

  view.codes().add(code, secret.view());
  auto position = view.note(storage::EventType::registration_code_added, code.kind, change);
  position.created = change.at;
  return {std::move(code.id), std::move(handed_out), details(position, call.organization().id())};
}

void RegistrationCodes::make_room(storage::OwnerView& view) const {
  auto codes = view.codes();
  std::uint32_t kept = 0;
  for (const auto& code : codes.all()) {
    if (good(code, vault_.clock.now()))
      ++kept;
    else
      codes.forget(code.id);
  }
  if (kept >= codes_of_a_user) throw core::failure::limit_reached("RegistrationCodesPerUser", codes_of_a_user);
}

RegistrationCodes::Verdict RegistrationCodes::judge(const ipc::Call& call, Kind kind) const {
  auto codes = vault_.store.of(call.owner()).codes();
  const auto code = codes.find(call.text("code_id"));
  const auto secret = otp::read_code(call.secret("code_fd").text());
  if (!code) return Verdict::unknown;
  const bool right = secret && codes.opens(*code, secret->view());
  if (!good(*code, vault_.clock.now())) {
    if (!right) return Verdict::unknown;
    return code->failures < code_tries ? Verdict::expired : Verdict::dead;
  }
  if (!right) return Verdict::wrong;
  return code->kind == kind ? Verdict::valid : Verdict::unknown;
}

ipc::Plan RegistrationCodes::admit(const ipc::Call& call, Kind kind, Step step, const UseCase& use_case) const {
  if (call.has_secret("code_fd") != call.option_text("code_id").has_value())
    throw core::Error::because(core::failure::bad_argument, "Options code_id and code_fd must come together");
  if (!call.by_code()) return use_case(call);
  const auto require = [this, &call, kind] {
    const Verdict verdict = judge(call, kind);
    if (verdict == Verdict::valid) return;
    const bool known_end = verdict == Verdict::expired || verdict == Verdict::dead;
    if (!known_end || !call.may_issue_codes()) throw core::Error(core::failure::code_invalid);
    throw core::Error::because(core::failure::code_invalid, told(verdict == Verdict::expired));
  };
  if (judge(call, kind) == Verdict::wrong)
    return {.charge = [this, &call] { failures_.count(call.owner(), call.text("code_id")); },
            .apply = []() -> ipc::Values { throw core::Error(core::failure::code_invalid); }};
  require();
  ipc::Plan plan = use_case(call);
  // While a signature was verified, the code may have been used up, have expired or have died.
  plan.apply = [this, &call, step, require, apply = std::move(plan.apply)] {
    require();
    ipc::Values values = apply();
    if (step == Step::completes) vault_.store.of(call.owner()).codes().forget(call.text("code_id"));
    return values;
  };
  return plan;
}

}  // namespace factord::daemon
