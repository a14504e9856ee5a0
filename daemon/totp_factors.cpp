// SPDX-License-Identifier: Apache-2.0
#include "daemon/totp_factors.hpp"

#include <memory>
#include <utility>

#include "core/id.hpp"
#include "daemon/details.hpp"
#include "daemon/last_factor.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/spent_steps.hpp"
#include "daemon/totp_secret.hpp"

namespace factord::daemon {
namespace {

// In bytes. RFC 4226 R6 asks for 128 bits; what issuers really hand out goes down to 80.
constexpr std::size_t shortest_seed = 10;

storage::Factor new_factor(const std::string& name, const otp::Parameters& parameters, core::Random& random) {
  storage::Factor factor;
  factor.id = core::mint_id(random);
  factor.kind = storage::Kind::totp;
  factor.name = name;
  factor.totp = {std::string(digest_of(parameters.algorithm).name), parameters.digits, parameters.period, {}};
  return factor;
}

}  // namespace

ipc::Plan TotpFactors::begin_registration(const ipc::Call& call) const {
  return {.apply = [this, &call] { return begin(call); }};
}

ipc::Values TotpFactors::begin(const ipc::Call& call) const {
  auto view = vault_.store.of(call.owner());
  view.claim();
  const Digest& digest = digest_named(call.option_text("algorithm", "SHA1"));
  otp::Enrolment enrolment{
      .issuer = call.option_text("issuer", vault_.policy.domain),
      .account = call.option_text("account", call.owner().user_id()),
      .seed = core::Secret::random(digest.seed_size, vault_.random),
      .parameters = {digest.algorithm, call.option_number("digits", 6), call.option_number("period", 30)}};
  storage::Factor factor = new_factor(call.option_text("name", ""), enrolment.parameters, vault_.random);
  vault_.begin_pending(call, view, factor);

  const core::Secret uri = otp::to_uri(enrolment);
  auto handed_out = std::make_shared<const core::Fd>(core::sealed_memfd(uri.text()));
  const std::string id = factor.id;
  const auto position = view.add(std::move(factor), enrolment.seed.view(), vault_.change(call));
  return {id, std::move(handed_out), details(position, call.organization().id())};
}

ipc::Plan TotpFactors::verify_registration(const ipc::Call& call) const {
  return {.apply = [this, &call] { return verify(call); }};
}

ipc::Values TotpFactors::verify(const ipc::Call& call) const {
  storage::Factor factor =
      vault_.factor(call, storage::Kind::totp, call.text("totp_id"), core::failure::totp_not_ready);
  if (factor.state != storage::State::not_ready) throw core::Error(core::failure::totp_already_ready);
  vault_.require_same_code(call, factor);

  auto view = vault_.store.of(call.owner());
  const unsigned skew = vault_.policy.totp_skew;
  const auto step = unspent_step(view, view.factors(), factor, call.text("code"), vault_.clock.now(), {skew, skew});
  if (!step) throw core::Error(core::failure::wrong_code);

  factor.state = storage::State::ready;
  factor.expires.reset();
  factor.begun_by.reset();
  factor.code_id.clear();
  factor.totp.last_step = step;  // the code that confirms the enrolment is used up (RFC 6238 section 5.2)
  const auto position = view.update(std::move(factor), storage::EventType::factor_verified, vault_.change(call));
  return {details_without_creation(position, call.organization().id())};
}

ipc::Plan TotpFactors::remove(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto factor = vault_.factor(call, storage::Kind::totp, call.text("totp_id"), core::failure::totp_not_found);
    protect_last(vault_, call, factor);
    const auto position = vault_.store.of(call.owner()).remove(factor.id, vault_.change(call));
    return {details_without_creation(position, call.organization().id())};
  }};
}

ipc::Plan TotpFactors::import(const ipc::Call& call) const {
  return {.apply = [this, &call] { return take_in(call); }};
}

ipc::Values TotpFactors::take_in(const ipc::Call& call) const {
  const auto enrolment = otp::from_uri(call.secret("uri").text());
  if (!enrolment || enrolment->seed.size() < shortest_seed)
    throw core::Error::because(core::failure::bad_argument, "Argument uri is no otpauth URI that can be kept");
  auto view = vault_.store.of(call.owner());
  view.claim();
  vault_.make_room(view, std::nullopt);

  storage::Factor factor = new_factor(call.option_text("name", ""), enrolment->parameters, vault_.random);
  const auto change = vault_.change(call);
  const std::string id = factor.id;
  view.add(factor, enrolment->seed.view(), change);
  factor.state = storage::State::ready;
  factor.created = change.at;
  const auto position = view.update(std::move(factor), storage::EventType::factor_verified, change);
  return {id, details(position, call.organization().id())};
}

}  // namespace factord::daemon
