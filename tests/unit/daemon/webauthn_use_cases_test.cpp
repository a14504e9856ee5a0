// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
const core::Bytes first(32, 0x11), second(32, 0x22);

constexpr auto not_pending = "WEBAU-5M9so";
constexpr auto not_found = "COMMAND-DAfb2";

ipc::Dict verification(const Begun& registration, core::ByteView credential_id) {
  return {{"passkey_id", registration.id},
          {"public_key_credential", registration_for(registration, credential_id)},
          {"passkey_name", "fob"}};
}

std::size_t events(Room& room) { return room.place.store->events(0, 1000).size(); }

ipc::Dicts listed(Room& room, const core::Owner& owner, const std::string& state = "any") {
  return items(room.call("ListPasskeys", owner, {{"state", state}}));
}

}  // namespace

TEST_CASE("a passkey is registered, verified, listed, removed, and each step is one event") {
  Room room;
  const auto registered = room.call("RegisterPasskey", alice);
  CHECK(number(dict(registered, 2), "sequence") == 1);
  const Begun registration = begun(registered);

  const auto verified = room.call("VerifyPasskeyRegistration", alice, verification(registration, first));
  CHECK(number(dict(verified, 0), "sequence") == 2);
  const auto passkeys = listed(room, alice, "ready");
  REQUIRE(passkeys.size() == 1);
  CHECK(text(passkeys[0], "id") == registration.id);
  CHECK(text(passkeys[0], "name") == "fob");
  CHECK(text(passkeys[0], "domain") == "example.org");

  const auto removed = room.call("RemovePasskey", alice, {{"passkey_id", registration.id}});
  CHECK(number(dict(removed, 0), "sequence") == 3);
  CHECK(listed(room, alice).empty());
}

TEST_CASE("details carry the clock's times: of this event, and of the factor's first") {
  Room room;
  const auto start = daemon::microseconds(room.clock.at);
  const auto registered = room.call("RegisterPasskey", alice);
  CHECK(number(dict(registered, 2), "changeDate") == start);
  CHECK(number(dict(registered, 2), "creationDate") == start);
  room.pass(90s);
  const auto verified = room.call("VerifyPasskeyRegistration", alice, verification(begun(registered), first));
  CHECK(number(dict(verified, 0), "changeDate") == start + 90'000'000);
  CHECK(number(dict(verified, 0), "creationDate") == start);
  CHECK(text(dict(verified, 0), "resourceOwner") == "local");
  const auto passkeys = listed(room, alice);
  CHECK(number(passkeys.at(0), "changeDate") == start + 90'000'000);
  CHECK(number(passkeys.at(0), "creationDate") == start);
}

TEST_CASE("a pending registration can be verified for 10 minutes, to the last microsecond") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  room.clock.at += 10min - 1us;
  CHECK(listed(room, alice).size() == 1);
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)).empty());
}

TEST_CASE("an expired registration is not found, not listed, and adds no event") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  const auto before = events(room);
  room.clock.at += 10min;
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)) == not_pending);
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", registration.id}}) == not_found);
  CHECK(room.failure("RenameFactor", alice, {{"factor_id", registration.id}, {"name", "fob"}}) == not_found);
  CHECK(listed(room, alice).empty());
  CHECK(items(room.call("ListAuthenticationFactors", alice, {{"states", ipc::Texts{"any"}}})).empty());
  CHECK(events(room) == before);
}

TEST_CASE("a registration that expires while its signature is verified is not found either") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  const auto flight = room.take_off("VerifyPasskeyRegistration", alice, verification(registration, first));
  room.clock.at += 10min;
  CHECK(failure_of([&] { room.land(*flight); }) == not_pending);
}

TEST_CASE("a new registration replaces the pending one of its kind without an event of its own") {
  Room room;
  const Begun old = begun(room.call("RegisterPasskey", alice));
  const Begun other_kind = begun(room.call("RegisterU2F", alice));
  const auto before = events(room);
  const Begun replacement = begun(room.call("RegisterPasskey", alice));
  CHECK(events(room) == before + 1);
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(old, first)) == not_pending);
  const auto passkeys = listed(room, alice);
  REQUIRE(passkeys.size() == 1);
  CHECK(text(passkeys[0], "id") == replacement.id);
  CHECK(items(room.call("ListU2F", alice, {{"state", "not-ready"}})).size() == 1);
}

TEST_CASE("the answer to a replaced challenge does not fit the new registration") {
  Room room;
  const Begun old = begun(room.call("RegisterPasskey", alice));
  const Begun replacement = begun(room.call("RegisterPasskey", alice));
  CHECK(room.failure("VerifyPasskeyRegistration", alice,
                     {{"passkey_id", replacement.id},
                      {"public_key_credential", registration_for(old, first)},
                      {"passkey_name", "fob"}}) == "WEBAU-3Vb9s");
}

TEST_CASE("of two verifications of one registration in flight one succeeds") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  const auto one = room.take_off("VerifyPasskeyRegistration", alice, verification(registration, first));
  const auto two = room.take_off("VerifyPasskeyRegistration", alice, verification(registration, second));
  room.land(*one);
  const auto before = events(room);
  CHECK(failure_of([&] { room.land(*two); }) == not_pending);
  CHECK(events(room) == before);
  CHECK(listed(room, alice).size() == 1);
}

TEST_CASE("a registration that is removed while its signature is verified stays removed") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  const auto flight = room.take_off("VerifyPasskeyRegistration", alice, verification(registration, first));
  room.call("RemovePasskey", alice, {{"passkey_id", registration.id}});
  CHECK(failure_of([&] { room.land(*flight); }) == not_pending);
  CHECK(listed(room, alice).empty());
}

TEST_CASE("of two users who verify one credential at once the second is refused without a reason") {
  Room room;
  const Begun of_alice = begun(room.call("RegisterPasskey", alice));
  const Begun of_bob = begun(room.call("RegisterPasskey", bob));
  const auto one = room.take_off("VerifyPasskeyRegistration", alice, verification(of_alice, first));
  const auto two = room.take_off("VerifyPasskeyRegistration", bob, verification(of_bob, first));
  room.land(*one);
  CHECK(failure_of([&] { room.land(*two); }) == "WEBAU-3Vb9s");
  CHECK(listed(room, bob, "ready").empty());
}

TEST_CASE("one's own credential is known when it comes again") {
  Room room;
  enrol_passkey(room, alice, first);
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)) == "FACTORD-Cred1");
}

TEST_CASE("a failed verification leaves the registration pending: the next answer may be right") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  auto wrong = verification(registration, first);
  wrong["public_key_credential"] = registration_for(registration, first, false);  // without user verification
  CHECK(room.failure("VerifyPasskeyRegistration", alice, wrong) == "WEBAU-3Vb9s");
  wrong["public_key_credential"] = std::string(60, '{');
  CHECK(room.failure("VerifyPasskeyRegistration", alice, wrong) == "WEBAU-sEr8c");
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)).empty());
}

TEST_CASE("the reason of a failed ceremony is for the system log, not for the wire") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  auto wrong = verification(registration, first);
  wrong["public_key_credential"] = registration_for(registration, first, false);
  try {
    room.call("VerifyPasskeyRegistration", alice, wrong);
    FAIL("was taken");
  } catch (const core::Error& error) {
    CHECK(std::string(error.what()) == "Error on create credentials (WEBAU-3Vb9s)");
    CHECK(error.cause().starts_with("WebAuthn step "));
  }
}

TEST_CASE("kinds do not mix") {
  Room room;
  const Begun u2f = begun(room.call("RegisterU2F", alice));
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(u2f, first)) == not_pending);
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", u2f.id}}) == not_found);
  CHECK(room.failure("RemoveU2F", alice, {{"u2f_id", enrol_passkey(room, alice, first)}}) == not_found);
}

TEST_CASE("nobody reaches another user's passkey by its id") {
  Room room;
  const std::string id = enrol_passkey(room, alice, first);
  enrol_passkey(room, bob, second);
  CHECK(room.failure("RemovePasskey", bob, {{"passkey_id", id}}) == not_found);
  CHECK(room.failure("RenameFactor", bob, {{"factor_id", id}, {"name", "mine"}}) == not_found);
  CHECK(room.failure("RemovePasskey", Mint::registered("acme", "alice"), {{"passkey_id", id}}) == not_found);
  CHECK(listed(room, alice).size() == 1);
}

TEST_CASE("a removed passkey is not found a second time, and its credential may come back") {
  Room room;
  const std::string id = enrol_passkey(room, alice, first);
  room.call("RemovePasskey", alice, {{"passkey_id", id}});
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}) == not_found);
  CHECK(enrol_passkey(room, alice, first) != id);
}

TEST_CASE("a domain that is not allowed is refused, and nothing is begun") {
  Room room;
  CHECK(room.failure("RegisterPasskey", alice, {{"domain", "evil.example"}}) == "FACTORD-Arg1");
  CHECK(room.failure("RegisterU2F", alice, {{"domain", "sub.example.org"}}) == "FACTORD-Arg1");
  CHECK(listed(room, alice).empty());
  CHECK(events(room) == 0);
}

TEST_CASE("an allowed domain is used instead of the default one") {
  Room room;
  enrol_passkey(room, alice, first, {{"domain", "other.example"}});
  CHECK(text(listed(room, alice).at(0), "domain") == "other.example");
}

TEST_CASE("a domain that is no longer allowed when the answer comes is refused") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice, {{"domain", "other.example"}}));
  room.policy.allowed_domains.clear();
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)) == "FACTORD-Arg1");
}

TEST_CASE("excludeCredentials holds the user's credentials of the same domain, and no others") {
  Room room;
  enrol_passkey(room, alice, first);
  enrol_passkey(room, alice, second, {{"domain", "other.example"}});
  enrol_passkey(room, bob, core::Bytes(32, 0x33));
  for (const char* method : {"RegisterPasskey", "RegisterU2F"}) {
    const Json options = begun(room.call(method, alice)).options;
    const auto& excluded = options.at("excludeCredentials");
    REQUIRE(excluded.size() == 1);
    CHECK(excluded[0].at("id") == "ERERERERERERERERERERERERERERERERERERERERERE");
    CHECK(excluded[0].at("transports") == Json::array({"usb"}));
  }
}

TEST_CASE("a passkey asks for user verification as configured, a U2F token never") {
  Room room;
  room.policy.user_verification = webauthn::UserVerification::preferred;
  const Json passkey = begun(room.call("RegisterPasskey", alice)).options;
  CHECK(passkey.at("authenticatorSelection").at("userVerification") == "preferred");
  const Json u2f = begun(room.call("RegisterU2F", alice)).options;
  CHECK(u2f.at("authenticatorSelection").at("userVerification") == "discouraged");
}

TEST_CASE("a reload between the two steps does not change what was asked of the authenticator") {
  Room room;
  room.policy.user_verification = webauthn::UserVerification::discouraged;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  room.policy.user_verification = webauthn::UserVerification::required;
  auto answer = verification(registration, first);
  answer["public_key_credential"] = registration_for(registration, first, false);
  CHECK(room.failure("VerifyPasskeyRegistration", alice, answer).empty());
}

TEST_CASE("a user's handle is random, says nothing, and is the same in each registration") {
  Room room;
  const auto handle = [&](const core::Owner& owner) {
    return begun(room.call("RegisterPasskey", owner)).options.at("user").at("id").get<std::string>();
  };
  CHECK(handle(alice) == handle(alice));
  CHECK(handle(alice) != handle(bob));
  CHECK(handle(alice).size() == 43);  // 32 bytes
}

TEST_CASE("challenges are 32 fresh bytes each time") {
  Room room;
  const auto challenge = [&] {
    return begun(room.call("RegisterPasskey", alice)).options.at("challenge").get<std::string>();
  };
  const std::string one = challenge();
  CHECK(one.size() == 43);
  CHECK(one != challenge());
}

TEST_CASE("the quota counts all kinds and names the limit") {
  Room room;
  room.policy.factors_per_user = 2;
  enrol_passkey(room, alice, first);
  room.call("RegisterTOTP", alice);
  try {
    room.call("RegisterPasskey", alice);
    FAIL("was taken");
  } catch (const core::Error& error) {
    CHECK(error.id() == "FACTORD-Quo1");
    CHECK(error.text() == "Limit FactorsPerUser=2 is reached");
  }
  CHECK(room.failure("RegisterPasskey", bob).empty());
}

TEST_CASE("neither a replaced nor an expired registration counts against the quota") {
  Room room;
  room.policy.factors_per_user = 1;
  room.call("RegisterPasskey", alice);
  CHECK(room.failure("RegisterPasskey", alice).empty());
  CHECK(room.failure("RegisterU2F", alice) == "FACTORD-Quo1");
  room.pass(10min);
  CHECK(room.failure("RegisterU2F", alice).empty());
}

TEST_CASE("a registration that the quota refuses leaves the pending one alone") {
  Room room;
  const Begun registration = begun(room.call("RegisterPasskey", alice));
  room.call("RegisterU2F", alice);
  room.policy.factors_per_user = 1;
  CHECK(room.failure("RegisterPasskey", alice) == "FACTORD-Quo1");
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(registration, first)).empty());
}

TEST_CASE("an unknown user cannot begin, and is answered like an unknown factor where one is named") {
  Room room;
  const auto stranger = Mint::registered("acme", "stranger");
  CHECK(room.failure("RegisterPasskey", stranger) == "COMMAND-M9dsd");
  CHECK(room.failure("RegisterPasskey", Mint::missing_account("gone")) == "COMMAND-M9dsd");
  CHECK(room.failure("RemovePasskey", stranger, {{"passkey_id", "a"}}) == not_found);
  CHECK(room.failure("VerifyPasskeyRegistration", stranger,
                     {{"passkey_id", "a"}, {"public_key_credential", "{}"}, {"passkey_name", "fob"}}) ==
        "COMMAND-M9dsd");
}
