// SPDX-License-Identifier: Apache-2.0
#include "daemon/requirement.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/codes.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const core::Bytes credential(32, 0x11);

struct Told {
  bool enrolled;
  ipc::Texts usable;
  friend bool operator==(const Told&, const Told&) = default;
};

Told required(Room& room, uid_t caller = 1000, ipc::Dict options = {}) {
  const auto values = room.call("GetRequirement", CallMint::about(alice, std::move(options), caller));
  const auto& told = dict(values, 0);
  REQUIRE(told.size() == 2);
  return {std::get<bool>(told.at("enrolled")), std::get<ipc::Texts>(told.at("usable"))};
}

void suspend(Room& room, const std::string& id) { room.call("SuspendFactor", alice, {{"factor_id", id}}); }

}  // namespace

TEST_CASE("whom nobody knows is not found, and an account without factors is not enrolled") {
  Room room;
  CHECK(room.failure("GetRequirement", Mint::registered("acme", "nobody")) == "COMMAND-M9dsd");
  CHECK(room.failure("GetRequirement", Mint::missing_account("ghost")) == "COMMAND-M9dsd");
  CHECK(required(room) == Told{false, {}});
  room.call("RegisterTOTP", alice);
  CHECK(required(room) == Told{false, {}});
}

TEST_CASE("an account whose uid has changed is no account without factors") {
  Room room;
  import_secret(room, alice);
  CHECK(room.failure("GetRequirement", Mint::account("alice", 1001)) == "FACTORD-Bind1");
}

TEST_CASE("what is ready is usable, each kind once and sorted") {
  Room room;
  import_secret(room, alice);
  import_secret(room, alice);
  CHECK(required(room) == Told{true, {"totp"}});
  enrol_passkey(room, alice, credential);
  CHECK(required(room) == Told{true, {"passkey", "totp"}});
}

TEST_CASE("what was put aside cannot be used, and its owner is one who has enrolled all the same") {
  Room room;
  const std::string id = enrol_passkey(room, alice, credential);
  suspend(room, id);
  CHECK(required(room) == Told{true, {}});
  room.place.commit([&] {
    auto view = room.place.store->of(alice);
    auto factor = *view.factor(id);
    factor.state = storage::State::quarantined;
    view.update(std::move(factor), storage::EventType::factor_renamed, {room.clock.at, 0});
  });
  CHECK(required(room) == Told{true, {}});
}

TEST_CASE("while an administrator has locked the user nothing can be used") {
  Room room;
  import_secret(room, alice);
  enrol_passkey(room, alice, credential);
  room.call("LockUser", alice);
  CHECK(required(room) == Told{true, {}});
  room.call("UnlockUser", alice);
  CHECK(required(room) == Told{true, {"passkey", "totp"}});
}

TEST_CASE("a kind of codes is not usable for who has to wait, and is for everybody else; keys always are") {
  Room room;
  import_secret(room, alice);
  enrol_passkey(room, alice, credential);
  lock_codes(room, alice, 0, {{"source", "sshd"}});
  CHECK(required(room, 0, {{"source", "sshd"}}) == Told{true, {"passkey"}});
  CHECK(required(room, 0, {{"source", "login"}}) == Told{true, {"passkey", "totp"}});
  CHECK(required(room, 0) == Told{true, {"passkey", "totp"}});
  CHECK(required(room, 1000) == Told{true, {"passkey", "totp"}});
  lock_codes(room, alice, 1000);
  CHECK(required(room, 1000) == Told{true, {"passkey"}});
  room.pass(30s);
  CHECK(required(room, 1000) == Told{true, {"passkey", "totp"}});
}

TEST_CASE("without a clock that can be trusted no totp is usable") {
  Room room;
  import_secret(room, alice);
  enrol_passkey(room, alice, credential);
  room.pass(-61s);
  CHECK(required(room) == Told{true, {"passkey"}});
}

TEST_CASE("asking costs no try and changes nothing") {
  Room room;
  import_secret(room, alice);
  const auto events = room.place.store->events(0, 100).size();
  for (int i = 0; i < 10; ++i) required(room);
  CHECK(room.place.store->events(0, 100).size() == events);
  CHECK(room.place.store->of(alice).budgets().empty());
  CHECK(room.row("GetRequirement").effect == ipc::Effect::reads);
}
