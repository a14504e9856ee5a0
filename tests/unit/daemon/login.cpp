// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/login.hpp"

#include "tests/support/catch.hpp"

namespace factord::tests {

Login::Begun Login::start(const core::Owner& owner, ipc::Dict options) {
  options["user_id"] = owner.user_id();
  const auto values = call("StartPasskeyCheck", CallMint::from(CallMint::about(owner, std::move(options)), ":1.1"));
  return {text(values, 0), Json::parse(text(values, 1))};
}

Login::Begun Login::start_any(const core::Organization& organization, ipc::Dict options) {
  options["user_id"] = "";
  options["discoverable"] = true;
  const auto values =
      call("StartPasskeyCheck", CallMint::from(CallMint::within(organization, std::move(options)), ":1.1"));
  return {text(values, 0), Json::parse(text(values, 1))};
}

std::unique_ptr<Room::Flight> Login::answer(const std::string& id, const std::string& credential,
                                            const core::Owner& owner) {
  auto asked =
      CallMint::from(CallMint::about(owner, {{"challenge_id", id}, {"public_key_credential", credential}}), ":1.1");
  auto challenge = use_cases.challenges.take(id, ":1.1");
  if (challenge != nullptr) asked = CallMint::in(std::move(asked), challenge->organization);
  auto flight = std::make_unique<Flight>(Flight{CallMint::answering(std::move(asked), std::move(challenge)), {}});
  flight->plan = row("CheckPasskey").use_case(flight->call);
  if (flight->plan.then) {
    CHECK(flight->plan.about == owner.user_id());
    flight->plan = flight->plan.then();
  }
  flight->plan.verify();
  return flight;
}

ipc::Dict Login::result(const Begun& begun, const Assertion& assertion, const core::Owner& owner) {
  const auto flight = answer(begun.id, signed_by_fob(assertion), owner);
  return dict(land(*flight), 0);
}

std::string Login::check(const Begun& begun, const Assertion& assertion, const core::Owner& owner) {
  return failure_of([&] { result(begun, assertion, owner); });
}

std::string Login::landing(Flight& flight) {
  return failure_of([&] { land(flight); });
}

core::Bytes Login::handle(const core::Owner& owner) { return place.store->of(owner).user()->handle; }

storage::Factor Login::factor(const std::string& id, const core::Owner& owner) {
  return *place.store->of(owner).factor(id);
}

Assertion answer_to(const Login::Begun& begun, const core::Bytes& credential_id, std::uint32_t counter) {
  Assertion assertion;
  assertion.rp_id = begun.options.at("rpId");
  assertion.origin = "https://" + assertion.rp_id;
  assertion.challenge = begun.options.at("challenge");
  assertion.credential_id = credential_id;
  assertion.sign_count = counter;
  return assertion;
}

std::string enrol_token(Login& room, const core::Owner& owner, const std::string& appid) {
  ipc::Dict options;
  if (!appid.empty()) options["appid"] = appid;
  const Begun pending = begun(room.call("RegisterU2F", owner, options));
  room.call("VerifyU2FRegistration", owner,
            {{"u2f_id", pending.id},
             {"public_key_credential", registration_for(pending, token, false)},
             {"u2f_name", "token"}});
  return pending.id;
}

std::set<std::string> allowed(const Login::Begun& begun) {
  std::set<std::string> ids;
  for (const auto& item : begun.options.at("allowCredentials")) ids.insert(item.at("id"));
  return ids;
}

}  // namespace factord::tests
