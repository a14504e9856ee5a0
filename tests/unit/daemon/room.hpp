// SPDX-License-Identifier: Apache-2.0
// The use cases over a real store, with a clock that the test moves: what the door and the batch do around them is done
// here in the plainest way.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/details.hpp"
#include "daemon/methods.hpp"
#include "tests/support/authenticator.hpp"
#include "tests/support/call_mint.hpp"
#include "tests/unit/storage/place.hpp"

namespace factord::tests {

struct Room {
  Place place;
  FixedClock clock;
  CountingRandom random;
  daemon::Policy policy{.domain = "example.org", .origins = {}, .allowed_domains = {"other.example"}};
  daemon::Vault vault{*place.store, clock, random, policy};
  daemon::Charges charges{*place.store, policy.lockout};
  daemon::ClockTrust clock_trust;
  daemon::Derivations derivations;
  daemon::CodeFailures code_failures{*place.store};
  daemon::UseCases use_cases{vault, charges, clock_trust, derivations, code_failures};
  std::vector<ipc::Method> table = daemon::methods(use_cases);

  void pass(std::chrono::seconds time) { clock.at += time; }

  // One call from prepare to commit. Throws what the use case throws, after its savepoint was undone.
  ipc::Values call(std::string_view method, const core::Owner& owner, ipc::Dict arguments = {});
  ipc::Values call(std::string_view method, const core::Organization& organization, ipc::Dict arguments = {});
  ipc::Values call(std::string_view method, const ipc::Call& call);
  // The id of the failure; "" where there was none.
  std::string failure(std::string_view method, const core::Owner& owner, ipc::Dict arguments = {});

  // A call that has been prepared and verified, and not yet applied: as when a worker has just handed it back.
  struct Flight {
    ipc::Call call;
    ipc::Plan plan;
  };
  std::unique_ptr<Flight> take_off(std::string_view method, const core::Owner& owner, ipc::Dict arguments);
  ipc::Values land(Flight& flight);

  // What is to be done before a call is verified.
  void charge(const ipc::Plan& plan);

  const ipc::Method& row(std::string_view method) const;
};

// What RegisterPasskey or RegisterU2F has answered.
struct Begun {
  std::string id;
  Json options;
};
Begun begun(const ipc::Values& values);

// The credential that a new authenticator makes for these options.
std::string registration_for(const Begun& begun, core::ByteView credential_id, bool user_verified = true);

// What the authenticator of all these credentials signs.
std::string signed_by_fob(const Assertion& assertion);

// Registers and verifies a passkey with this credential id; gives the factor's id.
std::string enrol_passkey(Room& room, const core::Owner& owner, core::ByteView credential_id, ipc::Dict options = {});

std::string text(const ipc::Values& values, std::size_t index = 0);
const ipc::Dict& dict(const ipc::Values& values, std::size_t index);  // details, as a rule
const ipc::Dicts& items(const ipc::Values& values);                   // of a list
std::uint64_t number(const ipc::Dict& dict, std::string_view key);
std::string text(const ipc::Dict& dict, std::string_view key);

}  // namespace factord::tests
