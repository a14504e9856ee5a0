// SPDX-License-Identifier: Apache-2.0
#include "daemon/announcements.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/mint.hpp"
#include "tests/unit/ipc/post_office.hpp"

using namespace factord;
using namespace factord::tests;
using storage::EventType;

namespace {

const auto alice = Mint::account("alice", 1000);

struct NoAccounts final : ipc::Accounts {
  void by_name(const std::string&, Answer answer) override { answer({Outcome::none, {}, 0}); }
  void by_uid(uid_t, Answer answer) override { answer({Outcome::none, {}, 0}); }
};

struct Denying final : ipc::Authorizer {
  int asked = 0;
  void decide(const ipc::Question&, std::function<void(bool)> answer) override {
    ++asked;
    answer(false);
  }
  void explain(const ipc::Question&, std::function<void(const ipc::Explanation&)>) override {
    FAIL("nobody asked why");
  }
};

struct Bench {
  PostOffice post;
  NoAccounts accounts;
  Denying authorizer;
  ipc::Limits limits;
  ipc::Subscriptions subscriptions{post, accounts, authorizer, limits};

  Bench() {
    subscriptions.begin(std::make_shared<const ipc::Caller>(ipc::Caller{":1.1", {1000, {}}}), alice,
                        subscriptions.epoch());
  }
  void announce(EventType type) {
    storage::Event event{.type = type, .at = {}, .organization = "local", .user_id = "alice", .factor_id = "f"};
    const bool of_the_user = type == EventType::user_locked || type == EventType::user_added;
    if (!of_the_user) event.kind = storage::Kind::u2f;
    if (of_the_user) event.factor_id.clear();
    daemon::announce({event}, subscriptions);
  }
};

}  // namespace

TEST_CASE("each event of a factor has the word of the contract, and those of users have none") {
  CHECK(daemon::change_of(EventType::factor_added) == "added");
  CHECK(daemon::change_of(EventType::factor_verified) == "verified");
  CHECK(daemon::change_of(EventType::factor_removed) == "removed");
  CHECK(daemon::change_of(EventType::factor_renamed) == "renamed");
  CHECK(daemon::change_of(EventType::factor_suspended) == "suspended");
  CHECK(daemon::change_of(EventType::factor_resumed) == "resumed");
  CHECK(daemon::change_of(EventType::user_locked) == "locked");
  CHECK(daemon::change_of(EventType::user_unlocked) == "unlocked");
  CHECK(daemon::change_of(EventType::recovery_low) == "low");
  for (const auto type :
       {EventType::registration_code_added, EventType::user_added, EventType::user_removed, EventType::user_rebound})
    CHECK(daemon::change_of(type).empty());
}

TEST_CASE("that a user is locked is told without a kind and a factor") {
  Bench bench;
  bench.announce(EventType::user_locked);
  REQUIRE(bench.post.sent.size() == 1);
  const auto& values = bench.post.sent.front().second;
  CHECK(values == ipc::Values{"alice", "local", "", "", "locked"});
}

TEST_CASE("a factor's event is told with its kind, that there is a user is not told") {
  Bench bench;
  bench.announce(EventType::factor_verified);
  bench.announce(EventType::user_added);
  REQUIRE(bench.post.sent.size() == 1);
  const auto& values = bench.post.sent.front().second;
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(std::get<std::string>(value));
  CHECK(texts == std::vector<std::string>{"alice", "local", "u2f", "f", "verified"});
}

TEST_CASE("the removal of a user ends the subscriptions, without asking whether they are allowed") {
  Bench bench;
  bench.announce(EventType::user_removed);
  bench.announce(EventType::factor_added);
  CHECK(bench.post.sent.empty());
  CHECK(bench.authorizer.asked == 0);
}

TEST_CASE("a rebinding puts the subscriptions in question") {
  Bench bench;
  bench.announce(EventType::user_rebound);
  bench.announce(EventType::factor_added);
  CHECK(bench.post.sent.empty());
  CHECK(bench.authorizer.asked == 1);
}
