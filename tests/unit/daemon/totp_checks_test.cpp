// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "daemon/otp/otpauth.hpp"
#include "daemon/totp_secret.hpp"
#include "storage/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
constexpr char uri[] = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
constexpr char other_uri[] = "otpauth://totp/Example:alice?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U&digits=8";

std::string import(Room& room, const core::Owner& owner = alice, const char* from = uri) {
  const auto call =
      CallMint::with_secret(CallMint::about(owner, {}), "uri", core::Secret::copy_of(core::bytes_of(from)));
  return text(room.call("ImportTOTP", call));
}

std::string code(const Room& room, int steps = 0, const char* from = uri) {
  const auto enrolment = otp::from_uri(from);
  const auto step = daemon::unix_seconds(room.clock.at) / enrolment->parameters.period;
  return otp::code_at(enrolment->seed.view(), step + static_cast<std::uint64_t>(static_cast<std::int64_t>(steps)),
                      enrolment->parameters);
}

// Not a code of any step near.
std::string wrong(const Room& room) {
  std::string digits = code(room);
  do digits.back() = digits.back() == '9' ? '0' : static_cast<char>(digits.back() + 1);
  while (digits == code(room, -1) || digits == code(room, 1) || digits == code(room, 2));
  return digits;
}

std::string check(Room& room, const std::string& digits, uid_t caller = 1000, ipc::Dict options = {},
                  const core::Owner& owner = alice) {
  options["code"] = digits;
  return failure_of([&] { room.call("CheckTOTP", CallMint::about(owner, options, caller)); });
}

}  // namespace

TEST_CASE("a right code is accepted once, and the answer says what it proves") {
  Room room;
  const std::string id = import(room);
  const auto values = room.call("CheckTOTP", alice, {{"code", code(room)}});
  const auto& result = dict(values, 0);
  CHECK(text(result, "userId") == "alice");
  CHECK(text(result, "org") == "local");
  CHECK(text(result, "factorId") == id);
  CHECK(text(result, "kind") == "totp");
  CHECK(std::get<ipc::Texts>(result.at("factors")) == ipc::Texts{"possession"});
  CHECK_FALSE(std::get<bool>(result.at("userVerified")));
  CHECK(number(std::get<ipc::Dict>(result.at("details")), "sequence") == 3);
  CHECK(check(room, code(room)) == "EVENT-8isk2");
}

TEST_CASE("blanks in a code make no other code of it") {
  Room room;
  import(room);
  const std::string digits = code(room);
  CHECK(check(room, " " + digits.substr(0, 3) + " " + digits.substr(3) + "\t").empty());
  CHECK(check(room, digits) == "EVENT-8isk2");
  CHECK(check(room, digits + " ") == "EVENT-8isk2");
}

TEST_CASE("after a later code no earlier one is accepted, over a new opening of the store too") {
  Room room;
  import(room);
  CHECK(check(room, code(room, 1)).empty());
  CHECK(check(room, code(room, 0)) == "EVENT-8isk2");
  room.place.store->reopen();
  CHECK(check(room, code(room, 1)) == "EVENT-8isk2");
  CHECK(check(room, code(room, 0)) == "EVENT-8isk2");
  room.pass(30s);
  CHECK(check(room, code(room, 1)).empty());
}

TEST_CASE("the code of every secret that is ready is good, and each is used up by itself") {
  Room room;
  import(room);
  const std::string second = import(room, alice, other_uri);
  const auto values = room.call("CheckTOTP", alice, {{"code", code(room, 0, other_uri)}});
  CHECK(text(dict(values, 0), "factorId") == second);
  CHECK(check(room, code(room)).empty());
  CHECK(check(room, code(room, 0, other_uri)) == "EVENT-8isk2");
}

TEST_CASE("a secret that a user has twice has each code once, under whichever id") {
  Room room;
  import(room);
  const std::string eight = std::string(uri) + "&digits=8";
  import(room, alice, eight.c_str());
  const std::string shorter = code(room), longer = code(room, 0, eight.c_str());
  SECTION("in either order") {
    const bool short_first = GENERATE(true, false);
    CHECK(check(room, short_first ? shorter : longer).empty());
    CHECK(check(room, short_first ? longer : shorter) == "EVENT-8isk2");
    CHECK(check(room, code(room, 1)).empty());
    CHECK(check(room, code(room, 1, eight.c_str())) == "EVENT-8isk2");
  }
  SECTION("while the one it was used with is put aside, and until that is removed") {
    const auto first = text(dict(room.call("CheckTOTP", alice, {{"code", shorter}}), 0), "factorId");
    room.call("SuspendFactor", alice, {{"factor_id", first}});
    CHECK(check(room, longer) == "EVENT-8isk2");
    room.call("RemoveTOTP", alice, {{"totp_id", first}});
    CHECK(check(room, longer).empty());
  }
  SECTION("and of another user it is good") {
    import(room, bob);
    CHECK(check(room, shorter).empty());
    CHECK(check(room, shorter, 1001, {}, bob).empty());
  }
}

TEST_CASE("secrets that count other steps, or hash them otherwise, are others") {
  Room room;
  import(room);
  const std::string other = std::string(uri) + GENERATE("&period=60", "&algorithm=SHA256");
  import(room, alice, other.c_str());
  CHECK(check(room, code(room)).empty());
  CHECK(check(room, code(room, 0, other.c_str())).empty());
}

TEST_CASE("a code of another user's secret is wrong") {
  Room room;
  import(room);
  import(room, bob, other_uri);
  CHECK(check(room, code(room, 0, other_uri)) == "EVENT-8isk2");
  CHECK(check(room, code(room, 0, other_uri), 1001, {}, bob).empty());
}

TEST_CASE("who has no secret that is ready has none to check") {
  Room room;
  CHECK(check(room, "123456") == "COMMAND-3Mif9s");
  room.call("RegisterTOTP", alice);
  CHECK(check(room, "123456") == "COMMAND-3Mif9s");
  CHECK(check(room, "123456", 0, {}, Mint::registered("acme", "nobody")) == "COMMAND-M9dsd");
}

TEST_CASE("five wrong codes make the caller wait, a right one among them does not") {
  Room room;
  import(room);
  for (int i = 0; i < 4; ++i) CHECK(check(room, wrong(room)) == "EVENT-8isk2");
  CHECK(check(room, code(room)).empty());
  for (int i = 0; i < 5; ++i) CHECK(check(room, wrong(room)) == "EVENT-8isk2");
  CHECK(check(room, wrong(room)) == "FACTORD-Thr1");
  CHECK(check(room, code(room, 1)) == "FACTORD-Thr1");
  room.pass(29s);
  CHECK(check(room, code(room, 1)) == "FACTORD-Thr1");
  room.pass(1s);
  CHECK(check(room, code(room)).empty());
}

TEST_CASE("the wait is named, and outlives the daemon") {
  Room room;
  import(room);
  for (int i = 0; i < 5; ++i) check(room, wrong(room));
  room.place.store->reopen();
  try {
    room.call("CheckTOTP", alice, {{"code", code(room)}});
    FAIL("was let in");
  } catch (const core::Error& error) {
    CHECK(std::string(error.what()) == "Too many attempts: wait 30 seconds (FACTORD-Thr1)");
  }
}

TEST_CASE("a stranger's wrong codes make nobody wait but the stranger") {
  Room room;
  import(room);
  for (int i = 0; i < 5; ++i) check(room, wrong(room), 2000);
  CHECK(check(room, code(room), 2000) == "FACTORD-Thr1");
  for (int i = 0; i < 5; ++i) check(room, wrong(room), 0, {{"source", "sshd from elsewhere"}});
  CHECK(check(room, code(room), 0, {{"source", "sshd from elsewhere"}}) == "FACTORD-Thr1");
  CHECK(check(room, code(room), 0, {{"source", "login on tty1"}}).empty());
  CHECK(check(room, code(room, 1)).empty());
}

TEST_CASE("an administrator's lock refuses every code, and counts none") {
  Room room;
  import(room);
  room.call("LockUser", alice);
  for (int i = 0; i < 10; ++i) CHECK(check(room, wrong(room)) == "COMMAND-SF3fg");
  CHECK(check(room, code(room)) == "COMMAND-SF3fg");
  room.call("UnlockUser", alice);
  CHECK(check(room, code(room)).empty());
}

TEST_CASE("unlocking takes back what wrong codes have locked") {
  Room room;
  import(room);
  for (int i = 0; i < 5; ++i) check(room, wrong(room));
  CHECK(check(room, code(room)) == "FACTORD-Thr1");
  room.call("UnlockUser", alice);
  CHECK(check(room, code(room)).empty());
}

TEST_CASE("a right code writes no row of guesses, but where it ends a row of failures") {
  Room room;
  import(room);
  const auto rows = [&room] {
    storage::Database database(room.place.directory.file().string(), storage::Database::Access::read_only);
    return database.text("SELECT ifnull(group_concat(version), '') FROM budget");
  };
  CHECK(check(room, code(room, -1)).empty());
  CHECK(rows().empty());
  check(room, wrong(room));
  CHECK(rows() == "1,1");
  CHECK(check(room, code(room)).empty());
  CHECK(rows() == "2,1");
  CHECK(check(room, code(room, 1)).empty());
  CHECK(rows() == "2,1");
}

TEST_CASE("a lock is an event, wrong codes are none") {
  Room room;
  import(room);
  const auto before = room.place.store->events(0, 100).size();
  for (int i = 0; i < 4; ++i) check(room, wrong(room));
  CHECK(room.place.store->events(0, 100).size() == before);
  check(room, wrong(room));
  const auto events = room.place.store->events(before, 100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == storage::EventType::codes_locked);
  CHECK(events[0].kind == storage::Kind::totp);
}

TEST_CASE("a clock that was set back is not trusted, nor one from before this software") {
  Room room;
  import(room);
  CHECK(check(room, code(room)).empty());
  room.pass(-60s);
  CHECK(check(room, wrong(room)) == "EVENT-8isk2");
  room.pass(-1s);
  CHECK(check(room, code(room)) == "FACTORD-Clk1");
  room.clock.at = core::Time(std::chrono::seconds(1'500'000'000));
  CHECK(check(room, code(room)) == "FACTORD-Clk1");
}

TEST_CASE("where the clock must be synchronized, one that is not is not trusted") {
  Room room;
  import(room);
  room.clock_trust.synchronized_required = true;
  room.clock_trust.synchronized = [] { return false; };
  CHECK(check(room, code(room)) == "FACTORD-Clk1");
  room.clock_trust.synchronized = [] { return true; };
  CHECK(check(room, code(room)).empty());
}

TEST_CASE("the window follows a token whose clock is slow, by no more steps than are accepted anyway") {
  Room room;
  import(room);
  CHECK(check(room, code(room, -1)).empty());
  room.pass(300s);
  CHECK(check(room, code(room, -2)).empty());  // one step more than a token that was right
  room.pass(300s);
  CHECK(check(room, code(room, -3)) == "EVENT-8isk2");
  CHECK(check(room, code(room, 1)) == "EVENT-8isk2");
  CHECK(check(room, code(room, 0)).empty());
}

TEST_CASE("a charge whose batch is lost is owed: it counts before anything else in the next one") {
  Room room;
  import(room);
  for (int i = 0; i < 4; ++i) check(room, wrong(room));
  const daemon::Guess guess{alice, {storage::Kind::totp, 1000, ""}, room.clock.at};
  room.place.store->begin();
  room.charges.opened();
  CHECK(room.charges.make(guess));
  room.place.store->rollback();
  room.charges.ended(false);
  CHECK_FALSE(failure_of([&] { room.charges.require_open(guess); }) == "FACTORD-Thr1");
  room.place.commit([&] { room.charges.opened(); });
  room.charges.ended(true);
  const auto events = room.place.store->events(0, 100);
  CHECK(events.back().type == storage::EventType::codes_locked);
  CHECK(events.back().actor == 1000);
  CHECK(check(room, code(room)) == "FACTORD-Thr1");
  room.place.commit([&] { room.charges.opened(); });  // paid once
  room.pass(30s);
  CHECK(check(room, code(room)).empty());
}
