// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "core/base64url.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
const auto local = Mint::organization("local", true);
const core::Bytes first(32, 0x11), second(32, 0x22), token(32, 0x33);
constexpr auto failed = "WEBAU-3M9si", nothing = "WEBAU-4G8sw", cloned = "WEBAU-4M90s";

struct Login : Room {
  struct Begun {
    std::string id;
    Json options;
  };

  Begun start(const core::Owner& owner, ipc::Dict options = {}) {
    options["user_id"] = owner.user_id();
    const auto values = call("StartPasskeyCheck", CallMint::from(CallMint::about(owner, std::move(options)), ":1.1"));
    return {text(values, 0), Json::parse(text(values, 1))};
  }
  Begun start_any(const core::Organization& organization = local, ipc::Dict options = {}) {
    options["user_id"] = "";
    options["discoverable"] = true;
    const auto values =
        call("StartPasskeyCheck", CallMint::from(CallMint::within(organization, std::move(options)), ":1.1"));
    return {text(values, 0), Json::parse(text(values, 1))};
  }

  // What the door does with an answer, up to where the worker hands it back.
  std::unique_ptr<Flight> answer(const std::string& id, const std::string& credential, const core::Owner& owner) {
    auto asked =
        CallMint::from(CallMint::about(owner, {{"challenge_id", id}, {"public_key_credential", credential}}), ":1.1");
    auto flight = std::make_unique<Flight>(
        Flight{CallMint::answering(std::move(asked), use_cases.challenges.take(id, ":1.1")), {}});
    flight->plan = row("CheckPasskey").use_case(flight->call);
    if (flight->plan.then) {
      CHECK(flight->plan.about == owner.user_id());
      flight->plan = flight->plan.then();
    }
    flight->plan.verify();
    return flight;
  }
  ipc::Dict result(const Begun& begun, const Assertion& assertion, const core::Owner& owner = alice) {
    const auto flight = answer(begun.id, signed_by_fob(assertion), owner);
    return dict(land(*flight), 0);
  }
  std::string check(const Begun& begun, const Assertion& assertion, const core::Owner& owner = alice) {
    return failure_of([&] { result(begun, assertion, owner); });
  }
  std::string landing(Flight& flight) {
    return failure_of([&] { land(flight); });
  }

  core::Bytes handle(const core::Owner& owner) { return place.store->of(owner).user()->handle; }
  storage::Factor factor(const std::string& id, const core::Owner& owner = alice) {
    return *place.store->of(owner).factor(id);
  }
  std::size_t events() { return place.store->events(0, 10'000).size(); }
};

// A right answer, which tests then spoil.
Assertion answer_to(const Login::Begun& begun, const core::Bytes& credential_id = first, std::uint32_t counter = 0) {
  Assertion assertion;
  assertion.rp_id = begun.options.at("rpId");
  assertion.origin = "https://" + assertion.rp_id;
  assertion.challenge = begun.options.at("challenge");
  assertion.credential_id = credential_id;
  assertion.sign_count = counter;
  return assertion;
}

std::string enrol_token(Login& room, const core::Owner& owner, const std::string& appid = "") {
  ipc::Dict options;
  if (!appid.empty()) options["appid"] = appid;
  const Begun pending = begun(room.call("RegisterU2F", owner, options));
  room.call("VerifyU2FRegistration", owner,
            {{"u2f_id", pending.id},
             {"public_key_credential", registration_for(pending, token, false)},
             {"u2f_name", "token"}});
  return pending.id;
}

std::set<std::string> allowed(const Login::Begun& begun) {
  std::set<std::string> ids;
  for (const auto& item : begun.options.at("allowCredentials")) ids.insert(item.at("id"));
  return ids;
}

}  // namespace

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
