// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/room.hpp"

#include <algorithm>
#include <stdexcept>

namespace factord::tests {
namespace {

// Every credential of these tests has the same key: what tells them apart is their id.
const SoftKey& the_key() {
  static const SoftKey key = SoftKey::generate(es256);
  return key;
}

}  // namespace

const ipc::Method& Room::row(std::string_view method) const {
  const auto found = std::ranges::find(table, method, &ipc::Method::name);
  if (found == table.end()) throw std::logic_error("no method " + std::string(method));
  return *found;
}

ipc::Values Room::call(std::string_view method, const ipc::Call& call) {
  Flight flight{{}, row(method).use_case(call)};
  charge(flight.plan);
  if (flight.plan.verify) flight.plan.verify();
  return land(flight);
}

ipc::Values Room::call(std::string_view method, const core::Owner& owner, ipc::Dict arguments) {
  return call(method, CallMint::about(owner, std::move(arguments)));
}

ipc::Values Room::call(std::string_view method, const core::Organization& organization, ipc::Dict arguments) {
  return call(method, CallMint::within(organization, std::move(arguments)));
}

std::string Room::failure(std::string_view method, const core::Owner& owner, ipc::Dict arguments) {
  return failure_of([&] { call(method, owner, std::move(arguments)); });
}

std::unique_ptr<Room::Flight> Room::take_off(std::string_view method, const core::Owner& owner, ipc::Dict arguments) {
  auto flight = std::make_unique<Flight>(Flight{CallMint::about(owner, std::move(arguments)), {}});
  flight->plan = row(method).use_case(flight->call);
  charge(flight->plan);
  if (flight->plan.verify) flight->plan.verify();
  return flight;
}

void Room::charge(const ipc::Plan& plan) {
  if (!plan.charge) return;
  place.commit([&] {
    charges.opened();
    place.store->savepoint(plan.charge);
  });
  charges.ended(true);
}

ipc::Values Room::land(Flight& flight) {
  place.store->begin();
  try {
    auto values = place.store->savepoint(flight.plan.apply);
    place.store->commit();
    return values;
  } catch (...) {
    if (flight.plan.leave_behind) place.store->savepoint(flight.plan.leave_behind);
    place.store->commit();  // as a batch does: a failed operation alone is undone
    throw;
  }
}

Begun begun(const ipc::Values& values) { return {text(values, 0), Json::parse(text(values, 1))}; }

std::string registration_for(const Begun& begun, core::ByteView credential_id, bool user_verified) {
  Registration registration;
  registration.rp_id = begun.options.at("rp").at("id").get<std::string>();
  registration.origin = "https://" + registration.rp_id;
  registration.challenge = begun.options.at("challenge").get<std::string>();
  registration.credential_id.assign(credential_id.begin(), credential_id.end());
  registration.flags.user_verified = user_verified;
  return make_registration(the_key(), registration);
}

std::string signed_by_fob(const Assertion& assertion) { return make_assertion(the_key(), assertion); }

std::string enrol_passkey(Room& room, const core::Owner& owner, core::ByteView credential_id, ipc::Dict options) {
  const Begun registration = begun(room.call("RegisterPasskey", owner, std::move(options)));
  room.call("VerifyPasskeyRegistration", owner,
            {{"passkey_id", registration.id},
             {"public_key_credential", registration_for(registration, credential_id)},
             {"passkey_name", "fob"}});
  return registration.id;
}

std::string text(const ipc::Values& values, std::size_t index) { return std::get<std::string>(values.at(index)); }

const ipc::Dict& dict(const ipc::Values& values, std::size_t index) { return std::get<ipc::Dict>(values.at(index)); }

const ipc::Dicts& items(const ipc::Values& values) { return std::get<ipc::Dicts>(values.at(0)); }

std::uint64_t number(const ipc::Dict& dict, std::string_view key) {
  return std::get<std::uint64_t>(dict.find(key)->second);
}

std::string text(const ipc::Dict& dict, std::string_view key) { return std::get<std::string>(dict.find(key)->second); }

}  // namespace factord::tests
