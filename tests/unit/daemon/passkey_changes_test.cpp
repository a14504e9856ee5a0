// SPDX-License-Identifier: Apache-2.0
#include "core/base64url.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/login.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

TEST_CASE("a factor that is suspended or quarantined is not asked for, and does not answer") {
  for (const auto state : {storage::State::suspended, storage::State::quarantined}) {
    Login room;
    const std::string id = enrol_passkey(room, alice, first);
    const auto before = room.start(alice), during = room.start(alice), any = room.start_any();
    const auto flight = room.answer(during.id, signed_by_fob(answer_to(during)), alice);
    room.place.commit([&] {
      auto factor = room.factor(id);
      factor.state = state;
      room.place.store->of(alice).update(factor, storage::EventType::factor_quarantined,
                                         room.vault.change(flight->call));
    });
    CHECK(room.landing(*flight) == failed);
    CHECK(room.check(before, answer_to(before)) == failed);
    Assertion assertion = answer_to(any);
    assertion.user_handle = room.handle(alice);
    CHECK(room.check(any, assertion) == failed);
    CHECK(failure_of([&] { room.start(alice); }) == nothing);
    enrol_passkey(room, alice, second);
    CHECK(allowed(room.start(alice)) == std::set<std::string>{core::to_base64url(second)});
  }
}

TEST_CASE("a factor that was removed while its signature was verified has failed, and one registered anew since") {
  Login room;
  const std::string id = enrol_passkey(room, alice, first);
  const auto before = room.start(alice), during = room.start(alice);
  const auto flight = room.answer(during.id, signed_by_fob(answer_to(during)), alice);
  room.call("RemovePasskey", alice, {{"passkey_id", id}});
  CHECK(room.landing(*flight) == failed);
  enrol_passkey(room, alice, first);
  CHECK(room.check(before, answer_to(before)) == failed);
}

TEST_CASE("a user who is locked cannot begin, nor end what has begun") {
  Login room;
  enrol_passkey(room, alice, first);
  const auto before = room.start(alice), during = room.start(alice);
  const auto flight = room.answer(during.id, signed_by_fob(answer_to(during)), alice);
  room.call("LockUser", alice);
  CHECK(failure_of([&] { room.start(alice); }) == "COMMAND-SF3fg");
  CHECK(room.landing(*flight) == "COMMAND-SF3fg");
  CHECK(room.check(before, answer_to(before)) == "COMMAND-SF3fg");
}

TEST_CASE("a user who was removed cannot end what has begun") {
  Login room;
  const auto carol = Mint::registered("acme", "carol");
  room.call("AddUser", carol, {{"org", "acme"}});
  enrol_passkey(room, carol, first);
  const auto before = room.start(carol), during = room.start(carol);
  const auto flight = room.answer(during.id, signed_by_fob(answer_to(during)), carol);
  room.call("RemoveUser", carol);
  CHECK(room.landing(*flight) == "COMMAND-M9dsd");
  room.call("AddUser", carol, {{"org", "acme"}});
  CHECK(room.check(before, answer_to(before), carol) == failed);
}

TEST_CASE("another user's passkey does not answer") {
  Login room;
  enrol_passkey(room, alice, first);
  enrol_passkey(room, bob, second);
  const auto begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun, second)) == failed);
}

TEST_CASE("a passkey that was registered after the challenge was made does not answer it") {
  Login room;
  enrol_passkey(room, alice, first);
  const auto begun = room.start(alice);
  enrol_passkey(room, alice, second);
  CHECK(room.check(begun, answer_to(begun, second)) == failed);
}

TEST_CASE("a domain that was taken from the configuration is not answered for any more") {
  Login room;
  enrol_passkey(room, alice, first, {{"domain", "other.example"}});
  const auto begun = room.start(alice, {{"domain", "other.example"}});
  room.policy.allowed_domains.clear();
  CHECK(room.check(begun, answer_to(begun)) == failed);
}

TEST_CASE("a counter that does not go up quarantines the factor, after a right signature only") {
  Login room;
  const std::string id = enrol_passkey(room, alice, first);
  auto begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun, first, 9)).empty());
  begun = room.start(alice);
  Assertion forged = answer_to(begun, first, 3);
  forged.edit_signature = [](core::Bytes& bytes) { bytes.back() ^= 1; };
  CHECK(room.check(begun, forged) == failed);
  CHECK(room.factor(id).state == storage::State::ready);

  const auto before = room.events();
  begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun, first, 9)) == cloned);
  const auto events = room.place.store->events(before, 10);
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == storage::EventType::factor_quarantined);
  CHECK(events[0].factor_id == id);
  CHECK(events[0].kind == storage::Kind::passkey);
  const auto factor = room.factor(id);
  CHECK(factor.state == storage::State::quarantined);
  CHECK(factor.webauthn.sign_count == 9);
  CHECK(factor.use_count == 1);
  CHECK(failure_of([&] { room.start(alice); }) == nothing);
}

TEST_CASE("a counter that stays at zero is that of an authenticator that does not count") {
  Login room;
  enrol_passkey(room, alice, first);
  for (int i = 0; i < 3; ++i) {
    const auto begun = room.start(alice);
    CHECK(room.check(begun, answer_to(begun)).empty());
  }
  auto begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun, first, 0xffff'fffe)).empty());
  begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun, first, 0)) == cloned);
}

TEST_CASE("of two answers with the same counter at the same time one succeeds, and the other is a clone's") {
  Login room;
  const std::string id = enrol_passkey(room, alice, first);
  const auto one = room.start(alice), other = room.start(alice), third = room.start(alice);
  const auto flight = room.answer(one.id, signed_by_fob(answer_to(one, first, 4)), alice);
  const auto second_flight = room.answer(other.id, signed_by_fob(answer_to(other, first, 4)), alice);
  const auto third_flight = room.answer(third.id, signed_by_fob(answer_to(third, first, 5)), alice);
  CHECK(room.landing(*flight).empty());
  CHECK(room.landing(*second_flight) == cloned);
  CHECK(room.landing(*third_flight) == failed);  // which came while it was ready
  CHECK(room.factor(id).state == storage::State::quarantined);
}

TEST_CASE("backup state follows the answers, and whoever was not eligible never is") {
  Login room;
  const Begun pending = begun(room.call("RegisterPasskey", alice));
  Registration registration;
  registration.challenge = pending.options.at("challenge");
  registration.credential_id = first;
  registration.flags.backup_eligible = true;
  const SoftKey key = SoftKey::generate(es256);
  room.call("VerifyPasskeyRegistration", alice,
            {{"passkey_id", pending.id},
             {"public_key_credential", make_registration(key, registration)},
             {"passkey_name", "synced"}});
  for (const bool backed_up : {true, false, true}) {
    const auto started = room.start(alice);
    Assertion assertion = answer_to(started);
    assertion.flags.backup_eligible = true;
    assertion.flags.backed_up = backed_up;
    room.land(*room.answer(started.id, make_assertion(key, assertion), alice));
    CHECK(room.factor(pending.id).webauthn.backed_up == backed_up);
  }
  const auto started = room.start(alice);
  const auto flight = room.answer(started.id, make_assertion(key, answer_to(started)), alice);
  CHECK(room.landing(*flight) == failed);
}
