// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "core/base64url.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/login.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

TEST_CASE("a passkey answers its challenge, and the result says what that proves") {
  Login room;
  const std::string id = enrol_passkey(room, alice, first);
  const auto begun = room.start(alice);
  const auto result = room.result(begun, answer_to(begun));
  CHECK(text(result, "userId") == "alice");
  CHECK(text(result, "org") == "local");
  CHECK(text(result, "factorId") == id);
  CHECK(text(result, "kind") == "passkey");
  CHECK(std::get<ipc::Texts>(result.at("factors")) == ipc::Texts{"possession", "user-verification"});
  CHECK(std::get<bool>(result.at("userVerified")));
  CHECK(number(std::get<ipc::Dict>(result.at("details")), "sequence") == 3);
}

TEST_CASE("request options name the challenge, the domain and what can answer, with its transports") {
  Login room;
  enrol_passkey(room, alice, first);
  enrol_passkey(room, alice, second, {{"domain", "other.example"}});
  enrol_token(room, alice);
  const auto begun = room.start(alice);
  CHECK(begun.options.at("rpId") == "example.org");
  CHECK(begun.options.at("timeout") == 300'000);
  CHECK(begun.options.at("userVerification") == "preferred");
  CHECK(begun.options.at("challenge").get<std::string>().size() == 43);
  CHECK(allowed(begun) == std::set<std::string>{core::to_base64url(first), core::to_base64url(token)});
  CHECK(begun.options.at("allowCredentials").at(0).at("transports") == Json::array({"usb"}));
  CHECK_FALSE(begun.options.contains("extensions"));
  CHECK(allowed(room.start(alice, {{"domain", "other.example"}})) == std::set<std::string>{core::to_base64url(second)});
}

TEST_CASE("no two challenges are the same") {
  Login room;
  enrol_passkey(room, alice, first);
  std::set<std::string> challenges;
  for (int i = 0; i < 50; ++i) challenges.insert(room.start(alice).options.at("challenge").get<std::string>());
  CHECK(challenges.size() == 50);
}

TEST_CASE("an answer leaves counter, backup state, time and number of its use") {
  Login room;
  const std::string id = enrol_passkey(room, alice, first);
  room.pass(60s);
  const auto before = room.events();
  const auto begun = room.start(alice);
  CHECK(room.events() == before);
  CHECK(room.check(begun, answer_to(begun, first, 7)).empty());
  CHECK(room.events() == before + 1);
  const auto events = room.place.store->events(before, 10);
  CHECK(events[0].type == storage::EventType::factor_used);
  CHECK(events[0].factor_id == id);
  const auto factor = room.factor(id);
  CHECK(factor.webauthn.sign_count == 7);
  CHECK(factor.use_count == 1);
  CHECK(factor.last_used == room.clock.at);
  const auto listed = items(room.call("ListPasskeys", alice, {{"state", "any"}}));
  CHECK(std::get<std::uint32_t>(listed.at(0).at("signCount")) == 7);
  CHECK(number(listed.at(0), "useCount") == 1);
}

TEST_CASE("a challenge is used up by a wrong answer, too") {
  Login room;
  enrol_passkey(room, alice, first);
  const auto begun = room.start(alice);
  Assertion wrong = answer_to(begun);
  wrong.origin = "https://evil.example";
  CHECK(room.check(begun, wrong) == failed);
  CHECK(room.check(begun, answer_to(begun)) == failed);
  const auto next = room.start(alice);
  CHECK(failure_of([&] { room.answer(next.id, "{}", alice); }) == failed);
  CHECK(room.check(next, answer_to(next)) == failed);
}

TEST_CASE("each way to fail is told with one text, and changes nothing") {
  Login room;
  enrol_passkey(room, alice, first);
  const auto before = room.events();
  using Spoil = std::function<void(Assertion&)>;
  for (const Spoil& spoil : std::vector<Spoil>{
           [](Assertion& a) { a.challenge = core::to_base64url(core::Bytes(32, 1)); },
           [](Assertion& a) { a.origin = "https://evil.example"; },
           [](Assertion& a) { a.rp_id = "evil.example"; },
           [](Assertion& a) { a.credential_id = second; },
           [](Assertion& a) { a.user_handle = core::Bytes(32, 9); },
           [](Assertion& a) { a.flags.user_present = false; },
           [](Assertion& a) { a.flags.backup_eligible = true; },
           [](Assertion& a) { a.flags.backed_up = true; },
           [](Assertion& a) { a.appid = "https://example.org/appid"; },
           [](Assertion& a) { a.edit_signature = [](core::Bytes& bytes) { bytes.back() ^= 1; }; },
           [](Assertion& a) { a.edit_client_data = [](Json& data) { data["type"] = "webauthn.create"; }; },
       }) {
    const auto begun = room.start(alice);
    Assertion assertion = answer_to(begun, first, 5);
    spoil(assertion);
    CHECK(room.check(begun, assertion) == failed);
  }
  CHECK(room.events() == before);
  const auto begun = room.start(alice);
  CHECK(room.check(begun, answer_to(begun)).empty());
}

TEST_CASE("where user verification is required an answer without it fails") {
  Login room;
  enrol_passkey(room, alice, first);
  for (const char* asked : {"required", "preferred", "discouraged"}) {
    const auto begun = room.start(alice, {{"user_verification", asked}});
    CHECK(begun.options.at("userVerification") == asked);
    Assertion assertion = answer_to(begun);
    assertion.flags.user_verified = false;
    if (asked == std::string("required")) {
      CHECK(room.check(begun, assertion) == failed);
      continue;
    }
    const auto result = room.result(begun, assertion);
    CHECK(std::get<ipc::Texts>(result.at("factors")) == ipc::Texts{"possession"});
    CHECK_FALSE(std::get<bool>(result.at("userVerified")));
  }
}

TEST_CASE("the configuration says what is asked of a check that does not") {
  Login room;
  enrol_passkey(room, alice, first);
  room.policy.check_user_verification = webauthn::UserVerification::required;
  CHECK(room.start(alice).options.at("userVerification") == "required");
}

TEST_CASE("a U2F token proves possession, and cannot answer where user verification is required") {
  Login room;
  const std::string id = enrol_token(room, alice);
  CHECK(failure_of([&] { room.start(alice, {{"user_verification", "required"}}); }) == nothing);
  const auto begun = room.start(alice);
  const auto result = room.result(begun, answer_to(begun, token));  // says that it has verified the user
  CHECK(text(result, "factorId") == id);
  CHECK(text(result, "kind") == "u2f");
  CHECK(std::get<ipc::Texts>(result.at("factors")) == ipc::Texts{"possession"});
  CHECK_FALSE(std::get<bool>(result.at("userVerified")));
}

TEST_CASE("a token may answer for the appid that it was registered with, and no passkey may") {
  Login room;
  constexpr auto appid = "https://example.org/appid";
  enrol_token(room, alice, appid);
  enrol_passkey(room, alice, first);
  for (const bool by_token : {true, false}) {
    const auto begun = room.start(alice);
    CHECK(begun.options.at("extensions").at("appid") == appid);
    Assertion assertion = answer_to(begun, by_token ? token : first);
    assertion.appid = appid;
    CHECK(room.check(begun, assertion) == (by_token ? "" : failed));
  }
}

TEST_CASE("who has nothing that is ready for that domain cannot begin") {
  Login room;
  CHECK(failure_of([&] { room.start(alice); }) == nothing);
  room.call("RegisterPasskey", alice);
  CHECK(failure_of([&] { room.start(alice); }) == nothing);
  enrol_passkey(room, alice, second, {{"domain", "other.example"}});
  CHECK(failure_of([&] { room.start(alice); }) == nothing);
  CHECK(failure_of([&] { room.start(alice, {{"domain", "third.example"}}); }) == "FACTORD-Arg1");
  CHECK(failure_of([&] { room.start(Mint::registered("acme", "nobody")); }) == "COMMAND-M9dsd");
  CHECK(failure_of([&] { room.start(Mint::missing_account("gone")); }) == "COMMAND-M9dsd");
  CHECK(room.use_cases.challenges.size() == 0);
}
