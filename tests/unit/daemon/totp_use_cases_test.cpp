// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "daemon/otp/otpauth.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);

constexpr char imported[] =
    "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60";

struct Enrolled {
  std::string id;
  otp::Enrolment enrolment;
};

core::Secret content_of(const ipc::SharedFd& fd) {
  core::Secret secret(8192);
  const auto got = pread(fd->get(), secret.bytes().data(), secret.size(), 0);
  REQUIRE(got >= 0);
  secret.shrink(static_cast<std::size_t>(got));
  return secret;
}

Enrolled begin(Room& room, ipc::Dict options = {}) {
  const auto values = room.call("RegisterTOTP", alice, std::move(options));
  auto enrolment = otp::from_uri(content_of(std::get<ipc::SharedFd>(values.at(1))).text());
  REQUIRE(enrolment);
  return {text(values), *std::move(enrolment)};
}

std::uint64_t step_now(const Room& room, unsigned period = 30) {
  return daemon::microseconds(room.clock.at) / 1'000'000 / period;
}

ipc::Dict with_code(const Enrolled& enrolled, std::uint64_t step) {
  return {{"totp_id", enrolled.id},
          {"code", otp::code_at(enrolled.enrolment.seed.view(), step, enrolled.enrolment.parameters)}};
}

storage::Factor stored(Room& room, const std::string& id) {
  const auto factor = room.place.store->of(alice).factor(id);
  REQUIRE(factor);
  return *factor;
}

ipc::Call import_of(const std::string& uri, ipc::Dict options = {}) {
  return CallMint::with_secret(CallMint::about(alice, std::move(options)), "uri",
                               core::Secret::copy_of(core::bytes_of(uri)));
}

}  // namespace

TEST_CASE("a TOTP secret is handed out by a sealed memfd, for an app to read") {
  Room room;
  const auto values = room.call("RegisterTOTP", alice, {{"issuer", "Example"}, {"account", "alice@example"}});
  const auto& fd = std::get<ipc::SharedFd>(values.at(1));
  CHECK(core::is_sealed_memfd(fd->get()));
  const auto enrolment = otp::from_uri(content_of(fd).text());
  REQUIRE(enrolment);
  CHECK(enrolment->issuer == "Example");
  CHECK(enrolment->account == "alice@example");
  CHECK(enrolment->seed.size() == 20);
}

TEST_CASE("without options a TOTP secret is SHA1, 6 digits, 30 seconds, issued by the domain for the user") {
  Room room;
  const Enrolled enrolled = begin(room);
  CHECK(enrolled.enrolment.issuer == "example.org");
  CHECK(enrolled.enrolment.account == "alice");
  const auto totp = stored(room, enrolled.id).totp;
  CHECK(totp.algorithm == "SHA1");
  CHECK(totp.digits == 6);
  CHECK(totp.period == 30);
}

TEST_CASE("a seed is as long as its hash") {
  Room room;
  CHECK(begin(room, {{"algorithm", "SHA256"}}).enrolment.seed.size() == 32);
  CHECK(begin(room, {{"algorithm", "SHA512"}}).enrolment.seed.size() == 64);
}

TEST_CASE("a right code makes the secret ready, and is used up by it") {
  Room room;
  const Enrolled enrolled = begin(room);
  const auto details = room.call("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room)));
  CHECK(number(dict(details, 0), "sequence") == 2);
  CHECK(dict(details, 0).count("creationDate") == 0);
  const auto factor = stored(room, enrolled.id);
  CHECK(factor.state == storage::State::ready);
  CHECK(factor.totp.last_step == step_now(room));
  CHECK_FALSE(factor.expires);
}

TEST_CASE("a code of the step before counts, and is remembered as that step") {
  Room room;
  const Enrolled enrolled = begin(room);
  room.call("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) - 1));
  CHECK(stored(room, enrolled.id).totp.last_step == step_now(room) - 1);
}

TEST_CASE("a code beyond the skew is wrong, and the registration stays pending") {
  Room room;
  const Enrolled enrolled = begin(room);
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) - 2)) == "EVENT-8isk2");
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) + 2)) == "EVENT-8isk2");
  CHECK(stored(room, enrolled.id).state == storage::State::not_ready);
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room))).empty());
}

TEST_CASE("the skew is the configured one") {
  Room room;
  room.policy.totp_skew = 0;
  const Enrolled enrolled = begin(room);
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) - 1)) == "EVENT-8isk2");
  room.policy.totp_skew = 2;
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) - 2)).empty());
}

TEST_CASE("digits and period of the registration count when its code is checked") {
  Room room;
  const Enrolled enrolled = begin(room, {{"digits", std::uint32_t{8}}, {"period", std::uint32_t{60}}});
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room))) == "EVENT-8isk2");
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room, 60))).empty());
}

TEST_CASE("a secret that is ready cannot be verified again") {
  Room room;
  const Enrolled enrolled = begin(room);
  room.call("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room)));
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room) + 1)) == "COMMAND-qx4ls");
}

TEST_CASE("of two right codes for one registration in flight one succeeds") {
  Room room;
  const Enrolled enrolled = begin(room);
  const auto one = room.take_off("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room)));
  const auto two = room.take_off("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room)));
  room.land(*one);
  CHECK(failure_of([&] { room.land(*two); }) == "COMMAND-qx4ls");
}

TEST_CASE("an expired TOTP registration is not found") {
  Room room;
  const Enrolled enrolled = begin(room);
  room.pass(10min);
  CHECK(room.failure("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room))) == "COMMAND-3Mif9s");
  CHECK(room.failure("RemoveTOTP", alice, {{"totp_id", enrolled.id}}) == "COMMAND-Hd9sd");
  CHECK(items(room.call("ListTOTP", alice, {{"state", "any"}})).empty());
}

TEST_CASE("a user may have several TOTP secrets") {
  Room room;
  for (int i = 0; i < 3; ++i) {
    const Enrolled enrolled = begin(room, {{"name", "phone " + std::to_string(i)}});
    room.call("VerifyTOTPRegistration", alice, with_code(enrolled, step_now(room)));
  }
  CHECK(items(room.call("ListTOTP", alice)).size() == 3);
}

TEST_CASE("a removal takes the secret away, without creationDate in the details") {
  Room room;
  const Enrolled enrolled = begin(room);
  const auto details = room.call("RemoveTOTP", alice, {{"totp_id", enrolled.id}});
  CHECK(dict(details, 0).count("creationDate") == 0);
  CHECK(number(dict(details, 0), "sequence") == 2);
  CHECK(room.failure("RemoveTOTP", alice, {{"totp_id", enrolled.id}}) == "COMMAND-Hd9sd");
}

TEST_CASE("an imported secret is ready at once, with the parameters of its URI") {
  Room room;
  const auto values = room.call("ImportTOTP", import_of(imported, {{"name", "old phone"}}));
  const auto listed = items(room.call("ListTOTP", alice));
  REQUIRE(listed.size() == 1);
  CHECK(text(listed[0], "id") == text(values));
  CHECK(text(listed[0], "state") == "ready");
  CHECK(text(listed[0], "name") == "old phone");
  CHECK(text(listed[0], "algorithm") == "SHA256");
  CHECK(std::get<std::uint32_t>(listed[0].at("digits")) == 8);
  CHECK(std::get<std::uint32_t>(listed[0].at("period")) == 60);
  CHECK(core::text_of(seed_of(room.place.store->of(alice), text(values))) == "12345678901234567890");
}

TEST_CASE("an import has the events of an enrolment: added and verified") {
  Room room;
  const auto values = room.call("ImportTOTP", import_of(imported));
  CHECK(number(dict(values, 1), "sequence") == 2);
  CHECK(number(dict(values, 1), "creationDate") == daemon::microseconds(room.clock.at));
  const auto events = room.place.store->events(0, 10);
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == storage::EventType::factor_added);
  CHECK(events[1].type == storage::EventType::factor_verified);
}

TEST_CASE("an import leaves a pending registration alone, and counts against the quota") {
  Room room;
  room.policy.factors_per_user = 2;
  const Enrolled enrolled = begin(room);
  room.call("ImportTOTP", import_of(imported));
  CHECK(stored(room, enrolled.id).state == storage::State::not_ready);
  CHECK(failure_of([&] { room.call("ImportTOTP", import_of(imported)); }) == "FACTORD-Quo1");
}

TEST_CASE("a code that was accepted for an imported secret confirms no registration of the same one") {
  Room room;
  const Enrolled pending = begin(room);
  room.call("ImportTOTP", import_of(std::string(otp::to_uri(pending.enrolment).text())));
  const auto code = std::get<std::string>(with_code(pending, step_now(room)).at("code"));
  room.call("CheckTOTP", alice, {{"code", code}});
  const auto confirm = [&](std::uint64_t step) {
    return failure_of([&] { room.call("VerifyTOTPRegistration", alice, with_code(pending, step)); });
  };
  CHECK(confirm(step_now(room)) == "EVENT-8isk2");
  CHECK(confirm(step_now(room) + 1).empty());
}

TEST_CASE("an imported seed has 80 bits or more") {
  Room room;
  CHECK(failure_of([&] { room.call("ImportTOTP", import_of("otpauth://totp/a?secret=GEZDGNBVGY3TQOI")); }) ==
        "FACTORD-Arg1");
  CHECK(failure_of([&] { room.call("ImportTOTP", import_of("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ")); }).empty());
}

TEST_CASE("what is no otpauth URI is refused without an echo, and nothing is stored") {
  Room room;
  for (const char* uri : {"", "GEZDGNBVGY3TQOJQ", "otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ&counter=1"}) {
    try {
      room.call("ImportTOTP", import_of(uri));
      FAIL("was taken");
    } catch (const core::Error& error) {
      CHECK(std::string(error.what()) == "Argument uri is no otpauth URI that can be kept (FACTORD-Arg1)");
    }
  }
  CHECK(room.place.store->events(0, 10).empty());
}
