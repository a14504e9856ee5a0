// SPDX-License-Identifier: Apache-2.0
// Logins with passkeys in the Room: what the door does around StartPasskeyCheck and CheckPasskey, in the plainest way.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "tests/unit/daemon/room.hpp"

namespace factord::tests {

inline const auto alice = Mint::account("alice", 1000);
inline const auto bob = Mint::account("bob", 1001);
inline const auto local = Mint::organization("local", true);
// Ids of credentials
inline const core::Bytes first(32, 0x11), second(32, 0x22), token(32, 0x33);
inline constexpr auto failed = "WEBAU-3M9si", nothing = "WEBAU-4G8sw", cloned = "WEBAU-4M90s";

struct Login : Room {
  struct Begun {
    std::string id;
    Json options;
  };
  Begun start(const core::Owner& owner, ipc::Dict options = {});
  Begun start_any(const core::Organization& organization = local, ipc::Dict options = {});

  // What the door does with an answer, up to where the worker hands it back.
  std::unique_ptr<Flight> answer(const std::string& id, const std::string& credential, const core::Owner& owner);
  ipc::Dict result(const Begun& begun, const Assertion& assertion, const core::Owner& owner = alice);
  // The id of the failure; "" where there was none.
  std::string check(const Begun& begun, const Assertion& assertion, const core::Owner& owner = alice);
  std::string landing(Flight& flight);

  core::Bytes handle(const core::Owner& owner);
  storage::Factor factor(const std::string& id, const core::Owner& owner = alice);
  std::size_t events() { return place.store->events(0, 10'000).size(); }
};

// A right answer, which tests then spoil.
Assertion answer_to(const Login::Begun& begun, const core::Bytes& credential_id = first, std::uint32_t counter = 0);

std::string enrol_token(Login& room, const core::Owner& owner, const std::string& appid = "");

// Ids of the credentials that may answer, as the browser gets them.
std::set<std::string> allowed(const Login::Begun& begun);

}  // namespace factord::tests
