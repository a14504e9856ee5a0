// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);

std::vector<std::string> generate(Room& room, std::uint32_t count = 5, const core::Owner& owner = alice) {
  const auto values = room.call("GenerateRecoveryCodes", owner, {{"count", count}});
  std::array<char, 4096> buffer{};
  const auto size = pread(std::get<ipc::SharedFd>(values.at(0))->get(), buffer.data(), buffer.size(), 0);
  REQUIRE(size == 20 * static_cast<ssize_t>(count));
  std::istringstream lines(std::string(buffer.data(), static_cast<std::size_t>(size)));
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) codes.push_back(line);
  return codes;
}

ipc::Call checking(const std::string& code, uid_t caller = 1000, ipc::Dict options = {},
                   const core::Owner& owner = alice) {
  return CallMint::with_secret(CallMint::about(owner, std::move(options), caller), "code",
                               core::Secret::copy_of(core::bytes_of(code)));
}

std::string check(Room& room, const std::string& code, uid_t caller = 1000, ipc::Dict options = {},
                  const core::Owner& owner = alice) {
  return failure_of([&] { room.call("CheckRecoveryCode", checking(code, caller, std::move(options), owner)); });
}

const char wrong[] = "aaaa-aaaa-aaaa-aaaa";

ipc::Dicts listed(Room& room, ipc::Texts states = {}) {
  ipc::Dict options;
  if (!states.empty()) options["states"] = std::move(states);
  return items(room.call("ListAuthenticationFactors", alice, std::move(options)));
}

std::vector<storage::EventType> events(Room& room, std::size_t after = 0) {
  std::vector<storage::EventType> types;
  for (const auto& event : room.place.store->events(after, 1000)) types.push_back(event.type);
  return types;
}

}  // namespace

TEST_CASE("each recovery code is accepted once, in any order, and the answer says what it proves") {
  Room room;
  const auto codes = generate(room);
  const auto values = room.call("CheckRecoveryCode", checking(codes[3]));
  const auto& result = dict(values, 0);
  CHECK(text(result, "userId") == "alice");
  CHECK(text(result, "org") == "local");
  CHECK(text(result, "factorId") == text(listed(room).at(0), "id"));
  CHECK(text(result, "kind") == "recovery-codes");
  CHECK(std::get<ipc::Texts>(result.at("factors")) == ipc::Texts{"knowledge"});
  CHECK_FALSE(std::get<bool>(result.at("userVerified")));
  CHECK(number(std::get<ipc::Dict>(result.at("details")), "sequence") == 2);
  CHECK(check(room, codes[3]) == "EVENT-8isk2");
  for (const int i : {0, 4, 1, 2}) CHECK(check(room, codes[i]).empty());
}

TEST_CASE("a code that was used stays used over a new opening of the store and after a fold") {
  Room room;
  const auto codes = generate(room);
  CHECK(check(room, codes[0]).empty());
  room.place.store->reopen();
  CHECK(check(room, codes[0]) == "EVENT-8isk2");
  CHECK(check(room, codes[1]).empty());
  room.place.store->fold(10);
  room.place.store->reopen();
  for (const int i : {0, 1}) CHECK(check(room, codes[i]) == "EVENT-8isk2");
  const auto set = listed(room).at(0);
  CHECK(number(set, "useCount") == 2);
  CHECK(std::get<std::uint32_t>(set.at("codesLeft")) == 3);
  CHECK(check(room, codes[2]).empty());
}

TEST_CASE("a code is read in any case, with and without dashes and blanks, as one line") {
  Room room;
  const auto codes = generate(room);
  std::string shouted = codes[0];
  for (char& c : shouted) c = static_cast<char>(c == '-' ? ' ' : toupper(c));
  CHECK(check(room, shouted + "\n").empty());
  std::string bare = codes[1];
  std::erase(bare, '-');
  CHECK(check(room, bare).empty());
}

TEST_CASE("what is no code at all is a wrong code, and counts as one") {
  Room room;
  generate(room);
  for (const char* text : {"", "x", "aaaa-aaaa-aaaa-aaa1", "aaaa-aaaa-aaaa-aaaaa", "\xff\xff"})
    CHECK(check(room, text) == "EVENT-8isk2");
  CHECK(check(room, wrong) == "FACTORD-Thr1");
}

TEST_CASE("new codes replace the old ones, which are good for nothing any more") {
  Room room;
  const auto old = generate(room);
  const std::string old_id = text(listed(room).at(0), "id");
  const auto codes = generate(room, 3);
  REQUIRE(listed(room).size() == 1);
  CHECK(text(listed(room).at(0), "id") != old_id);
  CHECK(check(room, old[0]) == "EVENT-8isk2");
  CHECK(check(room, codes[0]).empty());
  using enum storage::EventType;
  CHECK(events(room) == std::vector{factor_added, factor_removed, factor_added, factor_used, recovery_low});
}

TEST_CASE("a code whose set is replaced or removed while its hash is derived is wrong") {
  Room room;
  const auto old = generate(room);
  const auto call = checking(old[0]);
  auto plan = room.row("CheckRecoveryCode").use_case(call);
  room.charge(plan);
  plan.verify();
  SECTION("replaced") { generate(room); }
  SECTION("removed") { room.call("RemoveRecoveryCodes", alice); }
  SECTION("and its user") { room.call("RemoveUser", alice); }
  room.place.store->begin();
  CHECK(failure_of([&] { room.place.store->savepoint(plan.apply); }) == "EVENT-8isk2");
  room.place.store->commit();
}

TEST_CASE("a lock by an administrator that comes while a hash is derived wins, and spends no code") {
  Room room;
  const auto codes = generate(room);
  const auto call = checking(codes[0]);
  auto plan = room.row("CheckRecoveryCode").use_case(call);
  room.charge(plan);
  plan.verify();
  room.call("LockUser", alice);
  room.place.store->begin();
  CHECK(failure_of([&] { room.place.store->savepoint(plan.apply); }) == "COMMAND-SF3fg");
  room.place.store->commit();
  CHECK(check(room, codes[0]) == "COMMAND-SF3fg");
  room.call("UnlockUser", alice);
  CHECK(check(room, codes[0]).empty());
}

TEST_CASE("of one code that was handed in many times at once, one is accepted; of several each") {
  Room room;
  const auto codes = generate(room);
  std::vector<std::unique_ptr<ipc::Call>> calls;
  std::vector<ipc::Plan> plans;
  for (const int i : {0, 0, 0, 1, 2}) {
    calls.push_back(std::make_unique<ipc::Call>(checking(codes[i])));
    plans.push_back(room.row("CheckRecoveryCode").use_case(*calls.back()));
    room.charge(plans.back());
    plans.back().verify();
  }
  std::vector<std::string> failures;
  for (auto& plan : plans)
    room.place.commit([&] { failures.push_back(failure_of([&] { room.place.store->savepoint(plan.apply); })); });
  CHECK(failures == std::vector<std::string>{"", "EVENT-8isk2", "EVENT-8isk2", "", ""});
}

TEST_CASE("an attempt is charged before its hash is derived, and without room for it none is") {
  Room room;
  const auto codes = generate(room);
  for (int i = 0; i < 5; ++i) {
    const auto call = checking(wrong);
    room.charge(room.row("CheckRecoveryCode").use_case(call));  // and then the machine stops
  }
  CHECK(check(room, codes[0]) == "FACTORD-Thr1");
  room.pass(30s);
  {
    std::vector<std::shared_ptr<const daemon::Derivations::Place>> places;
    for (std::uint32_t i = 0; i < daemon::Derivations::of_all; ++i) places.push_back(room.derivations.admit(0));
    for (int i = 0; i < 10; ++i) CHECK(check(room, wrong) == "FACTORD-Quo1");
    CHECK(room.failure("GenerateRecoveryCodes", alice, {{"count", 1u}}) == "FACTORD-Quo1");
  }
  CHECK(check(room, codes[0]).empty());
}

TEST_CASE("five wrong recovery codes lock recovery codes of that caller and source, and nothing else") {
  Room room;
  const auto codes = generate(room);
  for (int i = 0; i < 5; ++i) CHECK(check(room, wrong, 0, {{"source", "sshd"}}) == "EVENT-8isk2");
  CHECK(check(room, codes[0], 0, {{"source", "sshd"}}) == "FACTORD-Thr1");
  CHECK(check(room, codes[0], 0, {{"source", "login"}}).empty());
  CHECK(check(room, codes[1]).empty());
  const auto all = room.place.store->events(0, 100);
  const auto locks = std::ranges::count(all, storage::EventType::codes_locked, &storage::Event::type);
  CHECK(locks == 1);
  CHECK(room.failure("CheckTOTP", alice, {{"code", "123456"}}) == "COMMAND-3Mif9s");
}

TEST_CASE("who has no codes, or none left, has none to check") {
  Room room;
  CHECK(check(room, wrong) == "COMMAND-3Mif9s");
  CHECK(check(room, wrong, 0, {}, Mint::registered("acme", "nobody")) == "COMMAND-M9dsd");
  const auto codes = generate(room, 1);
  CHECK(check(room, codes[0]).empty());
  for (int i = 0; i < 10; ++i) CHECK(check(room, codes[0]) == "COMMAND-3Mif9s");
  room.call("RemoveRecoveryCodes", alice);
  CHECK(check(room, codes[0]) == "COMMAND-3Mif9s");
  CHECK(room.failure("RemoveRecoveryCodes", alice) == "COMMAND-3Mif9s");
}

TEST_CASE("a set that is used up is not ready any more, and new codes make it good") {
  Room room;
  const auto codes = generate(room, 1);
  const auto types = [&] { return std::get<ipc::Texts>(room.call("ListAuthenticationMethodTypes", alice).at(0)); };
  CHECK(types() == ipc::Texts{"recovery-codes"});
  CHECK(check(room, codes[0]).empty());
  CHECK(types().empty());
  CHECK(listed(room).empty());
  const auto all = listed(room, {"any"});
  REQUIRE(all.size() == 1);
  CHECK(text(all[0], "state") == "not-ready");
  CHECK(std::get<std::uint32_t>(all[0].at("codesLeft")) == 0);
  generate(room, 1);
  CHECK(types() == ipc::Texts{"recovery-codes"});
}

TEST_CASE("from three codes on, each success says that few are left") {
  Room room;
  const auto codes = generate(room, 5);
  using enum storage::EventType;
  CHECK(check(room, codes[0]).empty());
  CHECK(events(room) == std::vector{factor_added, factor_used});
  CHECK(check(room, codes[1]).empty());
  const auto all = room.place.store->events(2, 10);
  REQUIRE(all.size() == 2);
  CHECK(all[0].type == factor_used);
  CHECK(all[1].type == recovery_low);
  CHECK(all[1].factor_id == all[0].factor_id);
  CHECK(all[1].kind == storage::Kind::recovery_codes);
  for (const int i : {2, 3, 4}) CHECK(check(room, codes[i]).empty());
  CHECK(events(room, 4).size() == 6);
}

TEST_CASE("a user's codes are no other user's") {
  Room room;
  const auto codes = generate(room);
  generate(room, 5, bob);
  CHECK(check(room, codes[0], 1001, {}, bob) == "EVENT-8isk2");
  CHECK(check(room, codes[0]).empty());
}

TEST_CASE("a set has a name if one is given to it, and is no passkey and no TOTP secret") {
  Room room;
  generate(room);
  const std::string id = text(listed(room).at(0), "id");
  room.call("RenameFactor", alice, {{"factor_id", id}, {"name", "In the drawer"}});
  CHECK(text(listed(room).at(0), "name") == "In the drawer");
  CHECK(room.failure("RemovePasskey", alice, {{"passkey_id", id}}) == "COMMAND-DAfb2");
  CHECK(room.failure("RemoveTOTP", alice, {{"totp_id", id}}) == "COMMAND-Hd9sd");
  CHECK(items(room.call("ListTOTP", alice)).empty());
  CHECK(items(room.call("ListAuthenticationFactors", alice, {{"kinds", ipc::Texts{"recovery-codes"}}})).size() == 1);
  CHECK(items(room.call("ListAuthenticationFactors", alice, {{"kinds", ipc::Texts{"totp"}}})).empty());
}

TEST_CASE("a domain leaves recovery codes among the kinds by which a user can authenticate") {
  Room room;
  generate(room);
  CHECK(std::get<ipc::Texts>(room.call("ListAuthenticationMethodTypes", alice, {{"domain", "other.example"}}).at(0)) ==
        ipc::Texts{"recovery-codes"});
}

TEST_CASE("a set counts among the factors of a user once, also where it replaces another") {
  Room room;
  room.policy.factors_per_user = 1;
  generate(room);
  const auto codes = generate(room);
  room.call("RemoveRecoveryCodes", alice);
  enrol_passkey(room, alice, core::bytes_of("id"));
  CHECK(room.failure("GenerateRecoveryCodes", alice, {{"count", 1u}}) == "FACTORD-Quo1");
}

TEST_CASE("codes for nobody are not made") {
  Room room;
  CHECK(room.failure("GenerateRecoveryCodes", Mint::registered("acme", "nobody"), {{"count", 1u}}) == "COMMAND-M9dsd");
  CHECK(room.failure("GenerateRecoveryCodes", Mint::missing_account("gone"), {{"count", 1u}}) == "COMMAND-M9dsd");
}
