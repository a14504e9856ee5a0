// SPDX-License-Identifier: Apache-2.0
// That locks and learned drift can be seen, and what ends them is an event.
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/codes.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;
using storage::EventType;

namespace {

const auto alice = Mint::account("alice", 1000);

ipc::Dict user(Room& room) { return dict(room.call("GetUser", alice), 0); }

ipc::Dicts locks(Room& room) { return std::get<ipc::Dicts>(user(room).at("locks")); }

ipc::Dict secret(Room& room) { return items(room.call("ListTOTP", alice)).at(0); }

std::vector<EventType> events(Room& room, std::uint64_t after) {
  std::vector<EventType> types;
  for (const auto& event : room.place.store->events(after, 100)) types.push_back(event.type);
  return types;
}

}  // namespace

TEST_CASE("a user shows whether an administrator has locked it") {
  Room room;
  import_secret(room, alice);
  CHECK_FALSE(std::get<bool>(user(room).at("locked")));
  room.call("LockUser", alice);
  CHECK(std::get<bool>(user(room).at("locked")));
  CHECK(locks(room).empty());
  room.call("UnlockUser", alice);
  CHECK_FALSE(std::get<bool>(user(room).at("locked")));
}

TEST_CASE("a user whom factord has not met is not locked") {
  Room room;
  CHECK_FALSE(std::get<bool>(user(room).at("locked")));
  CHECK(locks(room).empty());
}

TEST_CASE("a running lock shows kind, caller, source and end, and no other caller's") {
  Room room;
  import_secret(room, alice);
  check_code(room, alice, "wrong", 1000);
  CHECK(locks(room).empty());
  lock_codes(room, alice, 0, {{"source", "sshd"}});
  const auto until = daemon::microseconds(room.clock.at + 30s);
  REQUIRE(locks(room).size() == 1);
  const auto lock = locks(room).front();
  CHECK(text(lock, "kind") == "totp");
  CHECK(std::get<std::uint32_t>(lock.at("caller")) == 0);
  CHECK(text(lock, "source") == "sshd");
  CHECK(number(lock, "until") == until);
  CHECK(number(secret(room), "lockedUntil") == until);
  room.pass(30s);
  CHECK(locks(room).empty());
  CHECK(number(secret(room), "lockedUntil") == 0);
}

TEST_CASE("of several locks a list shows the end of the longest") {
  Room room;
  import_secret(room, alice);
  lock_codes(room, alice, 1000);
  room.pass(30s);
  lock_codes(room, alice, 1000);
  const auto longest = room.clock.at + 60s;
  room.pass(1s);
  lock_codes(room, alice, 2000);
  CHECK(locks(room).size() == 2);
  CHECK(number(secret(room), "lockedUntil") == daemon::microseconds(longest));
}

TEST_CASE("too many wrong codes of all callers within the hour show as a lock of nobody in particular") {
  Room room;
  import_secret(room, alice);
  const auto first = room.clock.at;
  for (uid_t caller = 2000; locks(room).size() < 21; ++caller) {
    lock_codes(room, alice, caller);
    REQUIRE(caller < 2020);
  }
  const auto all = locks(room);
  const auto general = std::ranges::find_if(all, [](const auto& lock) { return !lock.contains("caller"); });
  REQUIRE(general != all.end());
  CHECK_FALSE(general->contains("source"));
  CHECK(number(*general, "until") == daemon::microseconds(first + 1h));
}

TEST_CASE("a secret shows how far its app's clock was off, and keys have no such thing") {
  Room room;
  import_secret(room, alice);
  enrol_passkey(room, alice, core::Bytes(32, 0x11));
  const auto drift = [&] { return std::get<std::int32_t>(secret(room).at("drift")); };
  CHECK(drift() == 0);
  CHECK(check_code(room, alice, code_now(room, -1), 1000).empty());
  CHECK(drift() == -1);
  room.pass(300s);
  CHECK(check_code(room, alice, code_now(room, -2), 1000).empty());
  CHECK(drift() == -1);  // bounded
  room.policy.totp_skew = 2;
  CHECK(drift() == -2);
  const auto passkeys = room.call("ListPasskeys", alice);
  CHECK_FALSE(items(passkeys).at(0).contains("drift"));
  CHECK_FALSE(items(passkeys).at(0).contains("lockedUntil"));
}

TEST_CASE("unlocking is an event wherever it gives tries back, and none where there was nothing to unlock") {
  Room room;
  import_secret(room, alice);
  room.call("UnlockUser", alice);
  CHECK(events(room, 2).empty());
  check_code(room, alice, "wrong", 1000);
  room.call("UnlockUser", alice);
  CHECK(events(room, 2) == std::vector{EventType::user_unlocked});
  room.call("UnlockUser", alice);
  CHECK(events(room, 3).empty());
  lock_codes(room, alice, 1000);
  const auto details = dict(room.call("UnlockUser", alice), 0);
  CHECK(events(room, 3) == std::vector{EventType::codes_locked, EventType::user_unlocked});
  CHECK(number(details, "sequence") == 5);
  CHECK(locks(room).empty());
  CHECK(number(secret(room), "lockedUntil") == 0);
}

TEST_CASE("one event unlocks the user and the codes together") {
  Room room;
  import_secret(room, alice);
  lock_codes(room, alice, 1000);
  room.call("LockUser", alice);
  room.call("UnlockUser", alice);
  CHECK(events(room, 2) == std::vector{EventType::codes_locked, EventType::user_locked, EventType::user_unlocked});
  CHECK(check_code(room, alice, code_now(room), 1000).empty());
}
