// SPDX-License-Identifier: Apache-2.0
#include "daemon/suspension.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/codes.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;
using storage::EventType;
using storage::State;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
const core::Bytes credential(32, 0x11);

const ipc::Dict& suspend(ipc::Values& kept, Room& room, const std::string& id) {
  kept = room.call("SuspendFactor", alice, {{"factor_id", id}});
  return dict(kept, 0);
}

const ipc::Dict& resume(ipc::Values& kept, Room& room, const std::string& id) {
  kept = room.call("ResumeFactor", alice, {{"factor_id", id}});
  return dict(kept, 0);
}

std::string state(Room& room, const std::string& id) {
  const auto values = room.call("ListAuthenticationFactors", alice, {{"states", ipc::Texts{"any"}}});
  for (const auto& item : items(values))
    if (text(item, "id") == id) return text(item, "state");
  return {};
}

// As after an assertion whose counter went back.
void quarantine(Room& room, const std::string& id, std::uint32_t sign_count) {
  room.place.commit([&] {
    auto view = room.place.store->of(alice);
    auto factor = *view.factor(id);
    factor.state = State::quarantined;
    factor.webauthn.sign_count = sign_count;
    view.update(std::move(factor), EventType::factor_renamed, {room.clock.at, 0});
  });
}

}  // namespace

TEST_CASE("suspending and resuming are events, and change nothing but the state") {
  Room room;
  const std::string id = import_secret(room, alice);
  const auto created = daemon::microseconds(room.clock.at);
  room.pass(60s);
  ipc::Values kept;
  const auto& suspended = suspend(kept, room, id);
  CHECK(number(suspended, "sequence") == 3);
  CHECK(number(suspended, "changeDate") == created + 60'000'000);
  CHECK(number(suspended, "creationDate") == created);
  CHECK(state(room, id) == "suspended");
  room.pass(60s);
  CHECK(number(resume(kept, room, id), "sequence") == 4);
  CHECK(state(room, id) == "ready");
  const auto events = room.place.store->events(2, 100);
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == EventType::factor_suspended);
  CHECK(events[1].type == EventType::factor_resumed);
  for (const auto& event : events) {
    CHECK(event.factor_id == id);
    CHECK(event.kind == storage::Kind::totp);
  }
}

TEST_CASE("what is suspended verifies nothing, is no ready kind, and takes up again where it was left") {
  Room room;
  const std::string id = import_secret(room, alice);
  CHECK(check_code(room, alice, code_now(room), 1000).empty());
  ipc::Values kept;
  suspend(kept, room, id);
  CHECK(check_code(room, alice, code_now(room, 1), 1000) == "COMMAND-3Mif9s");
  CHECK(std::get<ipc::Texts>(room.call("ListAuthenticationMethodTypes", alice).at(0)).empty());
  resume(kept, room, id);
  CHECK(check_code(room, alice, code_now(room), 1000) == "EVENT-8isk2");  // spent before
  CHECK(check_code(room, alice, code_now(room, 1), 1000).empty());
}

TEST_CASE("a second time is no event, and no failure: it is as asked") {
  Room room;
  const std::string id = enrol_passkey(room, alice, credential);
  const auto created = daemon::microseconds(room.clock.at);
  room.pass(60s);
  const std::string other = import_secret(room, alice);  // events 3 and 4
  ipc::Values kept;
  for (int i = 0; i < 2; ++i) {
    const auto& details = resume(kept, room, id);
    CHECK(number(details, "sequence") == 4);
    CHECK(number(details, "creationDate") == created);
  }
  CHECK(number(suspend(kept, room, id), "sequence") == 5);
  const auto again = suspend(kept, room, id);
  CHECK(number(again, "sequence") == 5);
  CHECK(number(again, "creationDate") == created);
}

TEST_CASE("pending, unknown and other people's factors are not found") {
  Room room;
  const std::string pending = begun(room.call("RegisterPasskey", alice)).id;
  const std::string theirs = import_secret(room, bob);
  for (const char* method : {"SuspendFactor", "ResumeFactor"})
    for (const std::string& id : {pending, theirs, std::string("unknown")})
      CHECK(room.failure(method, alice, {{"factor_id", id}}) == "COMMAND-DAfb2");
  CHECK(room.failure("SuspendFactor", Mint::registered("acme", "nobody"), {{"factor_id", theirs}}) == "COMMAND-DAfb2");
}

TEST_CASE("suspending does not hide a quarantine, and resuming one leaves the counter where it stands") {
  Room room;
  const std::string id = enrol_passkey(room, alice, credential);
  quarantine(room, id, 41);
  ipc::Values kept;
  suspend(kept, room, id);
  CHECK(state(room, id) == "quarantined");
  resume(kept, room, id);
  CHECK(state(room, id) == "ready");
  CHECK(room.place.store->of(alice).factor(id)->webauthn.sign_count == 41);
}

TEST_CASE("whose factor it is may suspend it, and never resume it") {
  Room room;
  CHECK(room.row("SuspendFactor").self == ipc::Self::service);
  CHECK(room.row("ResumeFactor").self == ipc::Self::never);
  CHECK(room.row("SuspendFactor").permission == ipc::Permission::user_write);
  CHECK(room.row("ResumeFactor").permission == ipc::Permission::user_write);
}
