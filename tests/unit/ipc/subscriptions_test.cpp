// SPDX-License-Identifier: Apache-2.0
#include "ipc/subscriptions.hpp"

#include "core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/ipc/post_office.hpp"

using namespace factord;
using namespace factord::ipc;
using tests::Mint;
using tests::PostOffice;

namespace {

struct NameService final : Accounts {
  std::map<uid_t, std::string> names{{1000, "alice"}, {1001, "bob"}};
  void by_name(const std::string&, Answer) override { throw std::logic_error("nobody asks by name"); }
  void by_uid(uid_t uid, Answer answer) override {
    const auto found = names.find(uid);
    answer(found == names.end() ? Account{Outcome::none, {}, uid} : Account{Outcome::found, found->second, uid});
  }
};

// Answers when the test says so.
struct Authority final : Authorizer {
  std::vector<std::pair<Question, std::function<void(bool)>>> asked;
  void decide(const Question& question, std::function<void(bool)> answer) override {
    asked.emplace_back(question, std::move(answer));
  }
  void explain(const Question&, std::function<void(const Explanation&)>) override { FAIL("nobody asked why"); }
  void answer(bool allowed) {
    for (const auto& [question, tell] : std::exchange(asked, {})) tell(allowed);
  }
};

const auto alice = Mint::account("alice", 1000);
const auto eve = Mint::registered("acme", "eve");

std::shared_ptr<const Caller> connection(const std::string& name, uid_t uid) {
  return std::make_shared<const Caller>(Caller{name, {uid, {}}});
}

struct Bench {
  PostOffice post;
  NameService accounts;
  Authority authority;
  Limits limits;
  Subscriptions subscriptions{post, accounts, authority, limits};

  void begin(const std::string& name, const core::Owner& user, uid_t uid = 1000) {
    subscriptions.begin(connection(name, uid), user, subscriptions.epoch());
  }
  void tell(const core::Owner& user, const std::string& factor = "f") {
    subscriptions.tell({user.organization().id(), user.user_id(), "totp", factor, "added"});
  }
  // The factors of which that connection was told.
  std::vector<std::string> told(const std::string& name) {
    std::vector<std::string> factors;
    for (const auto& [to, values] : post.sent)
      if (to == name) factors.push_back(std::get<std::string>(values.at(3)));
    return factors;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a change is told to those who are subscribed to that user of that organization") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.begin(":1.2", eve);
  bench.begin(":1.3", alice);
  bench.begin(":1.3", eve);
  bench.tell(alice, "a");
  bench.tell(eve, "e");
  bench.tell(Mint::registered("other", "eve"), "n");
  CHECK(bench.told(":1.1") == Texts{"a"});
  CHECK(bench.told(":1.2") == Texts{"e"});
  CHECK(bench.told(":1.3") == Texts{"a", "e"});
  const Values expected = {"alice", "local", "totp", "a", "added"};
  CHECK(bench.post.sent.front().second.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(std::get<std::string>(bench.post.sent.front().second[i]) == std::get<std::string>(expected[i]));
}

TEST_CASE("a connection is subscribed to a user once, and ends it once") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.begin(":1.1", alice);
  bench.tell(alice);
  CHECK(bench.told(":1.1").size() == 1);
  for (int i = 0; i < 2; ++i) bench.subscriptions.end(*connection(":1.1", 1000), alice);
  bench.tell(alice);
  CHECK(bench.told(":1.1").size() == 1);
}

TEST_CASE("a connection has so many subscriptions, and what it has already is none more") {
  Bench bench;
  bench.limits.subscriptions_per_connection = 1;
  bench.begin(":1.1", alice);
  CHECK_NOTHROW(bench.begin(":1.1", alice));
  try {
    bench.begin(":1.1", eve);
    FAIL("not refused");
  } catch (const core::Error& error) {
    CHECK(std::string(error.what()) == "Limit SubscriptionsPerConnection=1 is reached (FACTORD-Quo1)");
  }
  CHECK_NOTHROW(bench.begin(":1.2", eve));
  bench.subscriptions.end(*connection(":1.1", 1000), alice);
  CHECK_NOTHROW(bench.begin(":1.1", eve));
}

TEST_CASE("a connection that leaves takes its subscriptions along") {
  Bench bench;
  bench.limits.subscriptions_per_connection = 2;
  bench.begin(":1.1", alice);
  bench.begin(":1.1", eve);
  bench.begin(":1.2", alice);
  bench.post.leave(":1.1");
  bench.tell(alice);
  bench.tell(eve);
  CHECK(bench.told(":1.1").empty());
  CHECK(bench.told(":1.2").size() == 1);
}

TEST_CASE("the end of a user ends the subscriptions to that user alone") {
  Bench bench;
  bench.begin(":1.1", eve);
  bench.begin(":1.1", alice);
  bench.begin(":1.2", eve);
  bench.subscriptions.end_all("acme", "eve");
  bench.tell(eve);
  bench.tell(alice);
  CHECK(bench.told(":1.1").size() == 1);
  CHECK(bench.told(":1.2").empty());
}

TEST_CASE("a right in question is judged as it was for the call, and nobody is asked for a password") {
  Bench bench;
  bench.begin(":1.1", alice, 1000);
  bench.begin(":1.2", alice, 1001);
  bench.begin(":1.3", eve, 1000);
  bench.subscriptions.recheck();
  REQUIRE(bench.authority.asked.size() == 3);
  for (const auto& [question, answer] : bench.authority.asked) {
    CHECK(question.permission == Permission::user_read);
    CHECK(question.self == Self::always);
    CHECK(question.interaction == Interaction::forbidden);
    CHECK(question.unique_name.starts_with(":1."));
    CHECK(question.user_id == (question.organization == "acme" ? "eve" : "alice"));
    const bool about_eve = question.organization == "acme";
    CHECK(question.default_organization == !about_eve);
    CHECK(question.about_self == (!about_eve && question.caller.uid == 1000));
  }
}

TEST_CASE("while a right is in question nothing is told, and all of it in order once it is confirmed") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.tell(alice, "before");
  bench.subscriptions.recheck();
  bench.tell(alice, "first");
  bench.tell(alice, "second");
  CHECK(bench.told(":1.1") == Texts{"before"});
  bench.authority.answer(true);
  bench.tell(alice, "after");
  CHECK(bench.told(":1.1") == Texts{"before", "first", "second", "after"});
}

TEST_CASE("who has lost the right is never told what happened meanwhile") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.subscriptions.recheck();
  bench.tell(alice, "meanwhile");
  bench.authority.answer(false);
  bench.tell(alice, "after");
  CHECK(bench.told(":1.1").empty());
  bench.subscriptions.recheck();
  CHECK(bench.authority.asked.empty());
}

TEST_CASE("only the answer to the latest question counts") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.subscriptions.recheck();
  auto outdated = std::exchange(bench.authority.asked, {});
  bench.subscriptions.recheck();
  bench.tell(alice, "meanwhile");
  for (const auto& [question, tell] : outdated) tell(true);
  CHECK(bench.told(":1.1").empty());
  bench.authority.answer(false);
  for (const auto& [question, tell] : outdated) tell(true);
  bench.tell(alice, "after");
  CHECK(bench.told(":1.1").empty());
}

TEST_CASE("in doubt nothing is told and no earlier question is answered, and the next one decides") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.subscriptions.recheck();
  bench.subscriptions.doubt();
  bench.tell(alice, "meanwhile");
  bench.authority.answer(false);
  CHECK(bench.told(":1.1").empty());
  bench.subscriptions.recheck();
  bench.authority.answer(true);
  CHECK(bench.told(":1.1") == Texts{"meanwhile"});
}

TEST_CASE("an answer for a subscription that has ended meanwhile, and begun again, is for nobody") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.subscriptions.recheck();
  bench.subscriptions.end(*connection(":1.1", 1000), alice);
  bench.begin(":1.1", alice);
  bench.authority.answer(false);
  bench.tell(alice);
  CHECK(bench.told(":1.1").size() == 1);
}

TEST_CASE("a permission that was judged before rights came into question is judged again") {
  Bench bench;
  const auto epoch = bench.subscriptions.epoch();
  bench.subscriptions.recheck();
  bench.subscriptions.begin(connection(":1.1", 1000), alice, epoch);
  bench.tell(alice);
  CHECK(bench.told(":1.1").empty());
  bench.authority.answer(false);
  bench.tell(alice);
  CHECK(bench.told(":1.1").empty());
}

TEST_CASE("an account that is rebound puts its own subscribers in question and no others") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.begin(":1.2", eve);
  bench.accounts.names[1000] = "carol";
  bench.subscriptions.recheck("local", "alice");
  REQUIRE(bench.authority.asked.size() == 1);
  CHECK_FALSE(bench.authority.asked.front().first.about_self);
}

TEST_CASE("what waits for an authority that does not answer is bounded") {
  Bench bench;
  bench.begin(":1.1", alice);
  bench.subscriptions.recheck();
  for (int i = 0; i < 32769; ++i) bench.tell(alice);
  bench.authority.answer(true);
  CHECK(bench.told(":1.1").empty());
  bench.tell(alice);
  CHECK(bench.told(":1.1").empty());
}
