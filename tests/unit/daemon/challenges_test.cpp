// SPDX-License-Identifier: Apache-2.0
#include "daemon/challenges.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using namespace std::chrono_literals;

namespace {

const auto local = Mint::organization("local", true);

struct Asked {
  Room room;
  daemon::Challenges challenges{room.vault};

  std::string add(uid_t uid = 1000, bool by_self = true, const std::string& connection = ":1.1") {
    const auto call = CallMint::from(CallMint::within(local, {}, uid), connection, by_self);
    return challenges.add(std::make_shared<ipc::Challenge>(local, "alice"), call);
  }
  std::string refusal(uid_t uid = 1000, bool by_self = true) {
    try {
      add(uid, by_self);
    } catch (const core::Error& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("a challenge is given to its connection, once") {
  Asked asked;
  const std::string id = asked.add();
  CHECK(asked.challenges.take(id, ":1.2") == nullptr);
  CHECK(asked.challenges.take("", ":1.1") == nullptr);
  const auto challenge = asked.challenges.take(id, ":1.1");
  REQUIRE(challenge != nullptr);
  CHECK(challenge->user_id == "alice");
  CHECK(asked.challenges.take(id, ":1.1") == nullptr);
}

TEST_CASE("a challenge lasts for 5 minutes, to the last microsecond, and no longer where the clock is set back") {
  Asked asked;
  const std::string in_time = asked.add(), late = asked.add(), earlier = asked.add();
  asked.room.clock.at += 5min - 1us;
  CHECK(asked.challenges.take(in_time, ":1.1") != nullptr);
  asked.room.clock.at += 1us;
  CHECK(asked.challenges.take(late, ":1.1") == nullptr);
  asked.room.clock.at -= 10min;
  CHECK(asked.challenges.take(earlier, ":1.1") == nullptr);
}

TEST_CASE("ids of challenges are 26 characters of base32, and no two are the same") {
  Asked asked;
  std::set<std::string> ids;
  for (int i = 0; i < 64; ++i) ids.insert(asked.add());
  CHECK(ids.size() == 64);
  for (const auto& id : ids) CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
  for (const auto& id : ids) CHECK(id.size() == 26);
}

TEST_CASE("what a uid has open about itself is limited over all connections, and the refusal names the limit") {
  Asked asked;
  for (int i = 0; i < 64; ++i) asked.add(1000, true, ":1." + std::to_string(i));
  CHECK(asked.refusal() == "Limit ChallengesPerUid=64 is reached (FACTORD-Quo1)");
  CHECK(asked.refusal(1001).empty());
}

TEST_CASE("who holds the permission may have 16 times as many open about others, counted apart") {
  Asked asked;
  for (int i = 0; i < 1'024; ++i) asked.add(1000, false);
  CHECK(asked.refusal(1000, false) == "Limit ChallengesPerUid=1024 is reached (FACTORD-Quo1)");
  CHECK(asked.refusal(1000, true).empty());
}

TEST_CASE("each challenge that is answered, has left or is over makes room for another") {
  Asked asked;
  asked.room.policy.challenges_per_uid = 2;
  const std::string first = asked.add();
  asked.add(1000, true, ":1.2");
  CHECK_FALSE(asked.refusal().empty());
  asked.challenges.take(first, ":1.1");
  CHECK(asked.refusal().empty());
  CHECK_FALSE(asked.refusal().empty());
  asked.challenges.left(":1.2");
  CHECK(asked.refusal().empty());
  CHECK_FALSE(asked.refusal().empty());
  asked.room.pass(5min);
  CHECK(asked.refusal().empty());
  CHECK(asked.challenges.size() == 1);
}

TEST_CASE("whoever leaves takes the own challenges along, and nobody else's") {
  Asked asked;
  const std::string gone = asked.add(1000, true, ":1.1"), kept = asked.add(1000, true, ":1.10");
  asked.challenges.left(":1.1");
  CHECK(asked.challenges.take(gone, ":1.1") == nullptr);
  CHECK(asked.challenges.take(kept, ":1.10") != nullptr);
  asked.challenges.left(":1.10");
  CHECK(asked.challenges.size() == 0);
}

TEST_CASE("root is refused nothing, and loses the oldest beyond 65,536") {
  Asked asked;
  const std::string oldest = asked.add(0, false), second = asked.add(0, false);
  for (int i = 2; i < 65'536; ++i) asked.add(0, false);
  CHECK(asked.challenges.size() == 65'536);
  asked.add(0, false);
  CHECK(asked.challenges.size() == 65'536);
  CHECK(asked.challenges.take(oldest, ":1.1") == nullptr);
  CHECK(asked.challenges.take(second, ":1.1") != nullptr);
}
