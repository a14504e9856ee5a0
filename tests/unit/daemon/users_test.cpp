// SPDX-License-Identifier: Apache-2.0
// Users, and the lists of all their factors.
#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto acme = Mint::organization("acme", false);
const auto local = Mint::organization("local", true);
const auto alice = Mint::account("alice", 1000);
const auto worker = Mint::registered("acme", "worker");
const core::Bytes credential(32, 0x11);

void add(Room& room, const std::string& user, const std::string& organization = "acme") {
  room.call("AddUser", Mint::registered(organization, user), {{"org", organization}});
}

std::vector<std::string> ids(const ipc::Values& values) {
  std::vector<std::string> ids;
  for (const auto& item : items(values)) ids.push_back(text(item, "userId"));
  return ids;
}

}  // namespace

TEST_CASE("a user is added with an event, and found with it") {
  Room room;
  const auto details = room.call("AddUser", worker, {{"org", "acme"}, {"display_name", "A Worker"}});
  CHECK(number(dict(details, 0), "sequence") == 1);
  CHECK(text(dict(details, 0), "resourceOwner") == "acme");
  const auto user = dict(room.call("GetUser", worker), 0);
  CHECK(text(user, "displayName") == "A Worker");
  CHECK(number(user, "creationDate") == daemon::microseconds(room.clock.at));
  CHECK(number(std::get<ipc::Dict>(user.at("details")), "sequence") == 1);
}

TEST_CASE("a user exists once per organization") {
  Room room;
  add(room, "worker");
  CHECK(room.failure("AddUser", worker, {{"org", "acme"}}) == "FACTORD-User1");
  CHECK(room.failure("AddUser", Mint::registered("other", "worker"), {{"org", "other"}}).empty());
}

TEST_CASE("no user is added to the default organization, neither by name nor by omission") {
  Room room;
  CHECK(room.failure("AddUser", alice, {{"org", "local"}}) == "FACTORD-Arg1");
  CHECK(room.failure("AddUser", alice) == "FACTORD-Arg1");
}

TEST_CASE("no organization is named *, which means all of them in the configuration") {
  Room room;
  CHECK(room.failure("AddUser", Mint::registered("*", "worker"), {{"org", "*"}}) == "FACTORD-Arg1");
}

TEST_CASE("users of one id in two organizations share nothing") {
  Room room;
  add(room, "worker", "acme");
  add(room, "worker", "other");
  const std::string id = enrol_passkey(room, worker, credential);
  const auto other = Mint::registered("other", "worker");
  CHECK(items(room.call("ListPasskeys", other, {{"state", "any"}})).empty());
  CHECK(room.failure("RemovePasskey", other, {{"passkey_id", id}}) == "COMMAND-DAfb2");
  room.call("RemoveUser", other);
  CHECK(items(room.call("ListPasskeys", worker)).size() == 1);
}

TEST_CASE("a removed user is gone with all factors, and one added again begins anew") {
  Room room;
  add(room, "worker");
  const std::string id = enrol_passkey(room, worker, credential);
  CHECK(number(dict(room.call("RemoveUser", worker), 0), "sequence") == 4);
  CHECK(room.failure("GetUser", worker) == "COMMAND-M9dsd");
  CHECK(room.failure("RemoveUser", worker) == "COMMAND-M9dsd");
  CHECK(number(dict(room.call("AddUser", worker, {{"org", "acme"}}), 0), "sequence") == 1);
  CHECK(room.failure("RemovePasskey", worker, {{"passkey_id", id}}) == "COMMAND-DAfb2");
  CHECK(items(room.call("ListPasskeys", worker, {{"state", "any"}})).empty());
}

TEST_CASE("a Unix user is known before first use, without dates and events") {
  Room room;
  const auto user = dict(room.call("GetUser", alice), 0);
  CHECK(text(user, "userId") == "alice");
  CHECK(std::get<std::uint32_t>(user.at("uid")) == 1000);
  CHECK(number(user, "creationDate") == 0);
  CHECK(number(std::get<ipc::Dict>(user.at("details")), "sequence") == 0);
  CHECK(ids(room.call("ListUsers", local)).empty());
}

TEST_CASE("an unknown user is not found") {
  Room room;
  CHECK(room.failure("GetUser", worker) == "COMMAND-M9dsd");
  CHECK(room.failure("GetUser", Mint::missing_account("gone")) == "COMMAND-M9dsd");
}

TEST_CASE("a name whose uid has changed is refused until it is bound again") {
  Room room;
  const std::string id = enrol_passkey(room, alice, credential);
  const auto changed = Mint::account("alice", 1234);
  for (const char* method : {"RegisterPasskey", "ListPasskeys", "GetUser"})
    CHECK(room.failure(method, changed) == "FACTORD-Bind1");
  CHECK(room.failure("RemovePasskey", changed, {{"passkey_id", id}}) == "FACTORD-Bind1");
  CHECK(number(dict(room.call("RebindUser", changed), 0), "sequence") == 3);
  CHECK(items(room.call("ListPasskeys", changed)).size() == 1);
  CHECK(room.failure("ListPasskeys", alice) == "FACTORD-Bind1");
}

TEST_CASE("a uid that has a new name is refused until the old name is removed") {
  Room room;
  room.call("RegisterPasskey", alice);
  const auto renamed = Mint::account("alicia", 1000);
  CHECK(room.failure("RegisterPasskey", renamed) == "FACTORD-Bind1");
  room.call("RemoveUser", Mint::missing_account("alice"));
  CHECK(room.failure("RegisterPasskey", renamed).empty());
}

TEST_CASE("ListUsers gives every user once over its pages, and the total on each") {
  Room room;
  std::set<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    add(room, "worker" + std::to_string(i));
    expected.insert("worker" + std::to_string(i));
  }
  add(room, "stranger", "other");
  std::vector<std::string> seen;
  for (std::string after;;) {
    ipc::Dict options{{"limit", std::uint32_t{3}}};
    if (!after.empty()) options["after"] = after;
    const auto page = room.call("ListUsers", acme, options);
    CHECK(number(dict(page, 1), "totalResult") == 7);
    const auto users = ids(page);
    CHECK(users.size() <= 3);
    if (users.empty()) break;
    seen.insert(seen.end(), users.begin(), users.end());
    after = users.back();
  }
  CHECK(seen.size() == 7);
  CHECK(std::set<std::string>(seen.begin(), seen.end()) == expected);
}

TEST_CASE("a page goes on after a user who has been removed meanwhile") {
  Room room;
  for (int i = 0; i < 5; ++i) add(room, "worker" + std::to_string(i));
  const auto all = ids(room.call("ListUsers", acme));
  REQUIRE(all.size() == 5);
  room.call("RemoveUser", Mint::registered("acme", all[1]));
  CHECK(ids(room.call("ListUsers", acme, {{"after", all[1]}})) == std::vector<std::string>(all.begin() + 2, all.end()));
}

TEST_CASE("an organization that nobody is in has no users, and is no error") {
  Room room;
  const auto page = room.call("ListUsers", Mint::organization("empty", false));
  CHECK(items(page).empty());
  CHECK(number(dict(page, 1), "totalResult") == 0);
}

TEST_CASE("Unix users appear in the default organization once they were bound") {
  Room room;
  room.call("RegisterTOTP", alice);
  CHECK(ids(room.call("ListUsers", local)) == std::vector<std::string>{"alice"});
}

TEST_CASE("an unknown user has empty lists") {
  Room room;
  for (const char* method : {"ListPasskeys", "ListU2F", "ListTOTP", "ListAuthenticationFactors"}) {
    const auto list = room.call(method, worker);
    CHECK(items(list).empty());
    CHECK(number(dict(list, 1), "sequence") == 0);
    CHECK(number(dict(list, 1), "totalResult") == 0);
  }
}

TEST_CASE("lists hold ready factors unless another state is asked for") {
  Room room;
  enrol_passkey(room, alice, credential);
  room.call("RegisterPasskey", alice);
  CHECK(items(room.call("ListPasskeys", alice)).size() == 1);
  CHECK(items(room.call("ListPasskeys", alice, {{"state", "not-ready"}})).size() == 1);
  CHECK(items(room.call("ListPasskeys", alice, {{"state", "any"}})).size() == 2);
  CHECK(items(room.call("ListPasskeys", alice, {{"state", "suspended"}})).empty());
  CHECK(items(room.call("ListAuthenticationFactors", alice, {{"states", ipc::Texts{"ready", "not-ready"}}})).size() ==
        2);
}

TEST_CASE("the list of all factors is narrowed by kinds") {
  Room room;
  enrol_passkey(room, alice, credential);
  room.call("RegisterTOTP", alice);
  room.call("RegisterU2F", alice);
  const auto count = [&](ipc::Texts kinds) {
    return items(room.call("ListAuthenticationFactors", alice, {{"states", ipc::Texts{"any"}}, {"kinds", kinds}}))
        .size();
  };
  CHECK(count({}) == 3);
  CHECK(count({"totp"}) == 1);
  CHECK(count({"passkey", "u2f"}) == 2);
}

TEST_CASE("method types are the ready kinds, each once, of the domain where one is named") {
  Room room;
  enrol_passkey(room, alice, credential);
  enrol_passkey(room, alice, core::Bytes(32, 0x22));
  room.call("RegisterTOTP", alice);
  const auto types = [&](ipc::Dict options) {
    return std::get<ipc::Texts>(room.call("ListAuthenticationMethodTypes", alice, options).at(0));
  };
  CHECK(types({}) == ipc::Texts{"passkey"});
  CHECK(types({{"domain", "example.org"}}) == ipc::Texts{"passkey"});
  CHECK(types({{"domain", "other.example"}}).empty());
}

TEST_CASE("renaming is an event, and keeps all but the name") {
  Room room;
  const std::string id = enrol_passkey(room, alice, credential);
  room.pass(60s);
  const auto details = room.call("RenameFactor", alice, {{"factor_id", id}, {"name", "spare"}});
  CHECK(number(dict(details, 0), "sequence") == 3);
  const auto passkey = items(room.call("ListPasskeys", alice)).at(0);
  CHECK(text(passkey, "name") == "spare");
  CHECK(number(passkey, "creationDate") + 60'000'000 == number(passkey, "changeDate"));
  CHECK(room.failure("RenameFactor", alice, {{"factor_id", "unknown"}, {"name", "spare"}}) == "COMMAND-DAfb2");
}
