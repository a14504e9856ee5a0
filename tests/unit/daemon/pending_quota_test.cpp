// SPDX-License-Identifier: Apache-2.0
// How many registrations one caller may have pending, over all users.
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);

}  // namespace

TEST_CASE("what one uid has pending over all users is limited, and the refusal names the limit") {
  Room room;
  room.policy.pending_per_uid = 2;
  const auto by = [&](uid_t caller, const char* method, const core::Owner& owner) {
    return failure_of([&] { room.call(method, CallMint::about(owner, {}, caller)); });
  };
  CHECK(by(7, "RegisterPasskey", alice).empty());
  CHECK(by(7, "RegisterTOTP", bob).empty());
  CHECK(by(7, "RegisterU2F", bob) == "FACTORD-Quo1");
  CHECK(by(7, "RegisterTOTP", alice) == "FACTORD-Quo1");
  try {
    room.call("RegisterTOTP", CallMint::about(alice, {}, 7));
    FAIL("was taken");
  } catch (const core::Error& error) {
    CHECK(error.text() == "Limit PendingPerUid=2 is reached");
  }
  // What replaces one's own is none more; what others begin, and what root begins, does not count.
  CHECK(by(7, "RegisterPasskey", alice).empty());
  CHECK(by(8, "RegisterU2F", bob).empty());
  for (const char* method : {"RegisterPasskey", "RegisterU2F", "RegisterTOTP"}) CHECK(by(0, method, alice).empty());
  room.pass(10min);
  CHECK(by(7, "RegisterU2F", bob).empty());
}

TEST_CASE("a pending registration that somebody else replaces is theirs from then on") {
  Room room;
  room.policy.pending_per_uid = 1;
  const auto by = [&](uid_t caller, const core::Owner& owner) {
    return failure_of([&] { room.call("RegisterPasskey", CallMint::about(owner, {}, caller)); });
  };
  CHECK(by(7, alice).empty());
  CHECK(by(8, alice).empty());
  CHECK(by(8, bob) == "FACTORD-Quo1");
  CHECK(by(7, bob).empty());
}

TEST_CASE("what is verified is pending no more") {
  Room room;
  room.policy.pending_per_uid = 1;
  enrol_passkey(room, alice, core::bytes_of("one"));
  enrol_passkey(room, alice, core::bytes_of("two"));
  CHECK(room.failure("RegisterTOTP", alice).empty());
  CHECK(room.failure("RegisterTOTP", bob) == "FACTORD-Quo1");
}
