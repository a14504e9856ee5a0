// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/login.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

TEST_CASE("in a discoverable login the answer says who it is, and must hold that user's handle") {
  Login room;
  enrol_passkey(room, alice, first);
  const std::string id = enrol_passkey(room, bob, second);
  auto begun = room.start_any();
  CHECK(begun.options.at("allowCredentials").empty());
  Assertion assertion = answer_to(begun, second);
  assertion.user_handle = room.handle(bob);
  const auto result = room.result(begun, assertion, bob);
  CHECK(text(result, "userId") == "bob");
  CHECK(text(result, "factorId") == id);

  begun = room.start_any();
  CHECK(room.check(begun, answer_to(begun, second), bob) == failed);  // no handle
  begun = room.start_any();
  assertion = answer_to(begun, second);
  assertion.user_handle = room.handle(alice);
  CHECK(room.check(begun, assertion, bob) == failed);
}

TEST_CASE("a discoverable login knows the credentials of its organization and domain alone") {
  Login room;
  const auto carol = Mint::registered("acme", "carol");
  room.call("AddUser", carol, {{"org", "acme"}});
  enrol_passkey(room, carol, first);
  enrol_passkey(room, carol, second, {{"domain", "other.example"}});
  const auto try_in = [&](const core::Organization& organization, const core::Bytes& credential) {
    const auto begun = room.start_any(organization);
    Assertion assertion = answer_to(begun, credential);
    assertion.user_handle = room.handle(carol);
    return room.check(begun, assertion, carol);
  };
  CHECK(try_in(local, first) == failed);
  CHECK(try_in(Mint::organization("globex", false), first) == failed);
  CHECK(try_in(carol.organization(), second) == failed);
  CHECK(try_in(carol.organization(), core::Bytes(32, 0x77)) == failed);
  CHECK(try_in(carol.organization(), first).empty());
}

TEST_CASE("a discoverable login does not take a U2F token where user verification is required") {
  Login room;
  enrol_token(room, alice);
  for (const char* asked : {"required", "discouraged"}) {
    const auto begun = room.start_any(local, {{"user_verification", asked}});
    Assertion assertion = answer_to(begun, token);
    assertion.user_handle = room.handle(alice);
    CHECK(room.check(begun, assertion) == (asked == std::string("required") ? failed : ""));
  }
}

TEST_CASE("either a user is named or whoever answers is looked for") {
  Login room;
  enrol_passkey(room, alice, first);
  CHECK(failure_of([&] { room.start(alice, {{"discoverable", true}}); }) == "FACTORD-Arg1");
  CHECK(failure_of([&] { room.start_any(local, {{"domain", "third.example"}}); }) == "FACTORD-Arg1");
  CHECK(failure_of([&] {
          room.call("StartPasskeyCheck", CallMint::within(local, {{"user_id", ""}}));
        }) == "FACTORD-Arg1");
}
