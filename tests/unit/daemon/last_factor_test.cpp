// SPDX-License-Identifier: Apache-2.0
#include "daemon/last_factor.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/codes.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);

struct Guarded : Room {
  Guarded() { policy.protect_last_factor = true; }

  std::string passkey(std::uint8_t which = 0x11) { return enrol_passkey(*this, alice, core::Bytes(32, which)); }
  std::string u2f() {
    const Begun registration = begun(call("RegisterU2F", alice));
    call("VerifyU2FRegistration", alice,
         {{"u2f_id", registration.id},
          {"public_key_credential", registration_for(registration, core::Bytes(32, 0x22), false)},
          {"u2f_name", "fob"}});
    return registration.id;
  }
  std::string enrol(const std::string& kind) {
    return kind == "passkey" ? passkey() : kind == "u2f" ? u2f() : import_secret(*this, alice);
  }
  std::string suspend(const std::string& id) { return failure("SuspendFactor", alice, {{"factor_id", id}}); }
};

struct Way {
  const char* kind;
  const char* method;
  const char* argument;
};

constexpr Way ways[] = {{"passkey", "RemovePasskey", "passkey_id"},
                        {"passkey", "RemoveMyPasskey", "passkey_id"},
                        {"u2f", "RemoveU2F", "u2f_id"},
                        {"totp", "RemoveTOTP", "totp_id"},
                        {"passkey", "SuspendFactor", "factor_id"},
                        {"u2f", "SuspendFactor", "factor_id"},
                        {"totp", "SuspendFactor", "factor_id"}};

}  // namespace

TEST_CASE("the last factor goes neither by removal nor by suspension, unless it is forced") {
  for (const Way& way : ways) {
    INFO(way.kind << " " << way.method);
    Guarded room;
    const std::string id = room.enrol(way.kind);
    CHECK(room.failure(way.method, alice, {{way.argument, id}}) == "FACTORD-Last1");
    CHECK(room.failure(way.method, alice, {{way.argument, id}, {"force", false}}) == "FACTORD-Last1");
    CHECK(room.place.store->events(0, 100).size() == 2);
    CHECK(room.failure(way.method, alice, {{way.argument, id}, {"force", true}}).empty());
  }
}

TEST_CASE("without the guard the last factor goes as any other") {
  for (const Way& way : ways) {
    INFO(way.kind << " " << way.method);
    Guarded room;
    room.policy.protect_last_factor = false;
    CHECK(room.failure(way.method, alice, {{way.argument, room.enrol(way.kind)}}).empty());
  }
}

TEST_CASE("any other factor that is ready lets one go, of whichever kind") {
  for (const char* other : {"passkey", "u2f", "totp"}) {
    INFO(other);
    Guarded room;
    const std::string id = room.passkey(0x33);
    room.enrol(other);
    CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}).empty());
  }
}

TEST_CASE("what is pending, suspended or somebody else's is no other factor") {
  Guarded room;
  const std::string id = room.passkey(), other = room.passkey(0x22);
  import_secret(room, Mint::account("bob", 1001));
  room.call("RegisterTOTP", alice);
  REQUIRE(room.suspend(other).empty());
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}) == "FACTORD-Last1");
  room.call("ResumeFactor", alice, {{"factor_id", other}});
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}).empty());
}

TEST_CASE("a quarantined factor is no other one, and what cannot be used itself is never held back") {
  Guarded room;
  const std::string ready = room.passkey(), suspended = room.passkey(0x22), quarantined = room.passkey(0x33);
  const std::string pending = begun(room.call("RegisterPasskey", alice)).id;
  REQUIRE(room.suspend(suspended).empty());
  room.place.commit([&] {
    auto view = room.place.store->of(alice);
    auto factor = *view.factor(quarantined);
    factor.state = storage::State::quarantined;
    view.update(std::move(factor), storage::EventType::factor_renamed, {room.clock.at, 0});
  });
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", ready}}) == "FACTORD-Last1");
  CHECK(room.suspend(quarantined).empty());
  for (const std::string& id : {suspended, quarantined, pending})
    CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}).empty());
}

TEST_CASE("of two removals that are under way at once, one finds that the other was there before") {
  Guarded room;
  const std::string first = room.passkey(), second = room.passkey(0x22);
  const auto one = room.take_off("RemovePasskey", alice, {{"passkey_id", first}});
  const auto other = room.take_off("SuspendFactor", alice, {{"factor_id", second}});
  room.land(*one);
  CHECK(failure_of([&] { room.land(*other); }) == "FACTORD-Last1");
}

TEST_CASE("removing the user is nobody's last factor") {
  Guarded room;
  room.passkey();
  CHECK(room.failure("RemoveUser", alice).empty());
}

TEST_CASE("force takes the permission itself, wherever it is an option") {
  Guarded room;
  std::size_t found = 0;
  for (const ipc::Method& method : room.table)
    for (const ipc::Option& option : method.options)
      if (option.name == "force") {
        ++found;
        CHECK(option.takes_permission);
        CHECK(option.type == ipc::Type::boolean);
        CHECK(method.permission == ipc::Permission::user_write);
      }
  CHECK(found == 5);
}
