// SPDX-License-Identifier: Apache-2.0
#include "daemon/registration_codes.hpp"

#include <unistd.h>

#include <array>

#include "daemon/otp/otpauth.hpp"
#include "daemon/totp_secret.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
constexpr uid_t installer = 990;
const char wrong[] = "aaaa-aaaa-aaaa-aaaa";

std::string handed_out(const ipc::Values& values, std::size_t index) {
  std::array<char, 4096> buffer{};
  const auto size = pread(std::get<ipc::SharedFd>(values.at(index))->get(), buffer.data(), buffer.size(), 0);
  REQUIRE(size > 0);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

struct Code {
  std::string id, text;
};

Code create(Room& room, ipc::Dict options = {}, const core::Owner& owner = alice) {
  const auto values = room.call("CreateRegistrationCode", owner, std::move(options));
  return {text(values, 0), handed_out(values, 1)};
}

ipc::Call with(const Code& code, ipc::Dict arguments = {}, const core::Owner& owner = alice,
               CallMint::Issuer issuer = CallMint::Issuer::no) {
  arguments["code_id"] = code.id;
  ipc::Call call = CallMint::about(owner, std::move(arguments), installer);
  call = CallMint::with_secret(std::move(call), "code_fd", core::Secret::copy_of(core::bytes_of(code.text)));
  return CallMint::by_code(std::move(call), issuer);
}

std::string failure(Room& room, const char* method, const ipc::Call& call) {
  return failure_of([&] { room.call(method, call); });
}

std::string words(Room& room, const char* method, const ipc::Call& call) try {
  room.call(method, call);
  return {};
} catch (const core::Error& error) {
  return error.what();
}

ipc::Dict verification(const Begun& begun, const char* credential_id = "key") {
  return {{"passkey_id", begun.id},
          {"public_key_credential", registration_for(begun, core::bytes_of(credential_id))},
          {"passkey_name", "fob"}};
}

std::uint32_t failures(Room& room, const Code& code) {
  return room.place.store->of(alice).codes().find(code.id)->failures;
}

}  // namespace

TEST_CASE("who holds a valid code registers one passkey without a permission, and not a second one") {
  Room room;
  const Code code = create(room);
  CHECK(code.text.size() == 20);
  const Begun pending = begun(room.call("RegisterPasskey", with(code)));
  room.call("VerifyPasskeyRegistration", with(code, verification(pending)));
  CHECK(items(room.call("ListPasskeys", alice)).size() == 1);
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "VerifyPasskeyRegistration", with(code, verification(pending))) == "COMMAND-Eeb2a");
}

TEST_CASE("a TOTP secret likewise") {
  Room room;
  const Code code = create(room, {{"kind", "totp"}});
  const auto values = room.call("RegisterTOTP", with(code));
  const auto enrolment = otp::from_uri(handed_out(values, 1));
  REQUIRE(enrolment);
  const auto step = daemon::unix_seconds(room.clock.at) / 30;
  const std::string digits = otp::code_at(enrolment->seed.view(), step, enrolment->parameters);
  const ipc::Dict arguments{{"totp_id", text(values)}, {"code", digits}};
  CHECK(room.failure("VerifyTOTPRegistration", alice, arguments) == "COMMAND-Eeb2a");
  room.call("VerifyTOTPRegistration", with(code, arguments));
  CHECK(items(room.call("ListTOTP", alice)).size() == 1);
  CHECK(failure(room, "RegisterTOTP", with(code)) == "COMMAND-Eeb2a");
}

TEST_CASE("starting does not use a code up, nor does a ceremony that fails") {
  Room room;
  const Code code = create(room);
  for (int i = 0; i < 10; ++i) room.call("RegisterPasskey", with(code));
  const Begun pending = begun(room.call("RegisterPasskey", with(code)));
  Begun other = pending;
  other.options["challenge"] = "AAAA";
  for (int i = 0; i < 10; ++i)
    CHECK(failure(room, "VerifyPasskeyRegistration", with(code, verification(other))) == "WEBAU-3Vb9s");
  CHECK(failures(room, code) == 0);
  room.call("VerifyPasskeyRegistration", with(code, verification(pending)));
}

TEST_CASE("a code is for one user, organization and kind") {
  Room room;
  const auto carol = Mint::registered("acme", "alice");
  room.call("AddUser", carol, {{"org", "acme"}});
  const Code code = create(room, {{"kind", "u2f"}});
  create(room, {}, bob);
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "RegisterTOTP", with(code)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "RegisterU2F", with(code, {}, bob)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "RegisterU2F", with(code, {}, carol)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "RegisterU2F", with(code, {}, Mint::missing_account("nobody"))) == "COMMAND-Eeb2a");
  CHECK(failures(room, code) == 0);  // nobody guessed
  CHECK(failure(room, "RegisterU2F", with(code)).empty());
}

TEST_CASE("five wrong codes kill one, whoever presents them, and the right one comes too late") {
  Room room;
  const Code code = create(room);
  for (std::uint32_t i = 1; i < daemon::code_tries; ++i) {
    CHECK(failure(room, "RegisterPasskey", with({code.id, wrong})) == "COMMAND-Eeb2a");
    CHECK(failures(room, code) == i);
    CHECK(failure(room, "RegisterPasskey", with(code)).empty());
  }
  CHECK(failure(room, "RegisterPasskey", with({code.id, "no code"})) == "COMMAND-Eeb2a");
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
  for (int i = 0; i < 5; ++i) failure(room, "RegisterPasskey", with({code.id, wrong}));
  CHECK(failures(room, code) == daemon::code_tries);  // a dead one is not written any more
  room.place.store->reopen();
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
}

TEST_CASE("a code that dies or is used up while a signature is verified lets nothing through") {
  Room room;
  const Code code = create(room);
  const Begun pending = begun(room.call("RegisterPasskey", with(code)));
  const auto first = with(code, verification(pending));
  auto plan = room.row("VerifyPasskeyRegistration").use_case(first);
  plan.verify();
  SECTION("dies") {
    for (std::uint32_t i = 0; i < daemon::code_tries; ++i) failure(room, "RegisterPasskey", with({code.id, wrong}));
  }
  SECTION("is used up") { room.call("VerifyPasskeyRegistration", with(code, verification(pending, "other"))); }
  SECTION("expires") { room.pass(3600s); }
  const std::size_t before = items(room.call("ListPasskeys", alice)).size();
  room.place.store->begin();
  CHECK(failure_of([&] { room.place.store->savepoint(plan.apply); }) == "COMMAND-Eeb2a");
  room.place.store->commit();
  CHECK(items(room.call("ListPasskeys", alice)).size() == before);
}

TEST_CASE("a code expires after its lifetime, and tries make it no longer") {
  Room room;
  const Code code = create(room, {{"lifetime", std::uint64_t{60}}});
  const Code usual = create(room);
  room.pass(59s);
  failure(room, "RegisterPasskey", with({code.id, wrong}));
  CHECK(failure(room, "RegisterPasskey", with(code)).empty());
  room.pass(1s);
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
  room.pass(3539s);
  CHECK(failure(room, "RegisterPasskey", with(usual)).empty());
  room.pass(1s);
  CHECK(failure(room, "RegisterPasskey", with(usual)) == "COMMAND-Eeb2a");
}

TEST_CASE("who may make codes is told that one has expired or was tried too often, and nobody else") {
  Room room;
  const auto yes = CallMint::Issuer::yes;
  const Code code = create(room);
  const Code tried = create(room);
  CHECK(words(room, "RegisterPasskey", with({code.id, wrong}, {}, alice, yes)) == "Code is invalid (COMMAND-Eeb2a)");
  for (int i = 0; i < 5; ++i) failure(room, "RegisterPasskey", with({tried.id, wrong}));
  CHECK(words(room, "RegisterPasskey", with(tried, {}, alice, yes)) == "Code was tried too often (COMMAND-Eeb2a)");
  CHECK(words(room, "RegisterPasskey", with(tried)) == "Code is invalid (COMMAND-Eeb2a)");
  room.pass(3600s);
  CHECK(words(room, "RegisterPasskey", with(code, {}, alice, yes)) == "Code has expired (COMMAND-Eeb2a)");
  CHECK(words(room, "RegisterPasskey", with({code.id, wrong}, {}, alice, yes)) == "Code is invalid (COMMAND-Eeb2a)");
  CHECK(words(room, "RegisterPasskey", with(code)) == "Code is invalid (COMMAND-Eeb2a)");
  CHECK(words(room, "RegisterPasskey", with({"unknown", wrong}, {}, alice, yes)) == "Code is invalid (COMMAND-Eeb2a)");
}

TEST_CASE("a registration that was begun with a code is completed with the same one, by whomever") {
  Room room;
  const Code code = create(room), other = create(room);
  const Begun pending = begun(room.call("RegisterPasskey", with(code)));
  CHECK(room.failure("VerifyPasskeyRegistration", alice, verification(pending)) == "COMMAND-Eeb2a");
  CHECK(failure(room, "VerifyPasskeyRegistration", with(other, verification(pending))) == "COMMAND-Eeb2a");
  CHECK(failures(room, other) == 0);
  room.call("VerifyPasskeyRegistration", with(code, verification(pending)));

  const Begun without = begun(room.call("RegisterPasskey", alice));
  CHECK(failure(room, "VerifyPasskeyRegistration", with(other, verification(without, "b"))) == "COMMAND-Eeb2a");
  room.call("VerifyPasskeyRegistration", alice, verification(without, "b"));
  CHECK(room.place.store->of(alice).codes().find(other.id));
}

TEST_CASE("neither half of a code is enough for a caller who holds the permission") {
  Room room;
  const Code code = create(room);
  auto call = CallMint::with_secret(CallMint::about(alice, {}), "code_fd", core::Secret::copy_of({}));
  CHECK(failure(room, "RegisterPasskey", call) == "FACTORD-Arg1");
  call = CallMint::about(alice, {{"code_id", code.id}});
  CHECK(failure(room, "RegisterPasskey", call) == "FACTORD-Arg1");
}

TEST_CASE("a user has eight codes that are good, and those that are not make room") {
  Room room;
  std::vector<Code> codes;
  for (std::uint32_t i = 0; i < daemon::codes_of_a_user; ++i) codes.push_back(create(room));
  CHECK(room.failure("CreateRegistrationCode", alice) == "FACTORD-Quo1");
  create(room, {}, bob);
  for (int i = 0; i < 5; ++i) failure(room, "RegisterPasskey", with({codes[3].id, wrong}));
  create(room);
  CHECK(room.failure("CreateRegistrationCode", alice) == "FACTORD-Quo1");
  room.pass(3600s);
  create(room);
  CHECK(room.place.store->of(alice).codes().all().size() == 1);
}

TEST_CASE("making a code is an event, using it is the registration's") {
  Room room;
  const auto values = room.call("CreateRegistrationCode", alice, {{"kind", "passkey"}});
  CHECK(number(dict(values, 2), "sequence") == 1);
  CHECK(number(dict(values, 2), "creationDate") == number(dict(values, 2), "changeDate"));
  const Code code{text(values, 0), handed_out(values, 1)};
  failure(room, "RegisterPasskey", with({code.id, wrong}));
  const Begun pending = begun(room.call("RegisterPasskey", with(code)));
  room.call("VerifyPasskeyRegistration", with(code, verification(pending)));
  std::vector<storage::EventType> types;
  for (const auto& event : room.place.store->events(0, 100)) types.push_back(event.type);
  using enum storage::EventType;
  CHECK(types == std::vector{registration_code_added, factor_added, factor_verified});
}

TEST_CASE("a user who is removed takes the codes along") {
  Room room;
  const Code code = create(room);
  CHECK(room.place.store->knows_code(code.id));
  room.call("RemoveUser", alice);
  CHECK_FALSE(room.place.store->knows_code(code.id));
  CHECK(failure(room, "RegisterPasskey", with(code)) == "COMMAND-Eeb2a");
}

TEST_CASE("a wrong code whose batch is lost counts before anything else in the next one") {
  Room room;
  const Code code = create(room);
  for (int i = 0; i < 4; ++i) failure(room, "RegisterPasskey", with({code.id, wrong}));
  room.place.store->begin();
  room.code_failures.opened();
  room.code_failures.count(alice, code.id);
  room.place.store->rollback();
  room.code_failures.ended(false);
  CHECK(failures(room, code) == 4);
  const auto call = with(code);
  auto plan = room.row("RegisterPasskey").use_case(call);  // read before the debt is paid
  room.place.store->begin();
  room.code_failures.opened();
  CHECK(failure_of([&] { room.place.store->savepoint(plan.apply); }) == "COMMAND-Eeb2a");
  room.place.store->commit();
  room.code_failures.ended(true);
  CHECK(failures(room, code) == 5);
  room.place.commit([&] { room.code_failures.opened(); });  // paid once
  CHECK(failures(room, code) == 5);
}
