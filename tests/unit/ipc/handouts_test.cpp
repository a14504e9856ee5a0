// SPDX-License-Identifier: Apache-2.0
#include "ipc/handouts.hpp"

#include "core/failure.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/ipc/post_office.hpp"

using namespace factord;
using namespace factord::ipc;
using tests::PostOffice;
using Outcome = PostOffice::Outcome;

namespace {

using Places = std::vector<std::unique_ptr<Handouts::Place>>;

struct Bench {
  PostOffice post;
  Handouts handouts{post};

  // As many places as that caller gets, up to so many.
  Places take(uid_t uid, std::size_t most = 100, const std::string& connection = ":1.1") {
    Places places;
    try {
      while (places.size() < most) places.push_back(handouts.admit({connection, {uid, {}}}));
    } catch (const core::Error& error) {
      CHECK(std::string(error.what()) == "Limit DescriptorsPerUid=16 is reached (FACTORD-Quo1)");
    }
    return places;
  }
  // All of them go out to their callers, who do not read.
  void send(uid_t uid, std::size_t count, const std::string& connection = ":1.1") {
    for (const auto& place : take(uid, count, connection)) place->sent();
  }
  void answer(std::uint32_t unread, Outcome outcome = Outcome::told) {
    for (int i = 0; i < 2; ++i) post.answer(0, outcome, unread);  // the second for what came after the first question
  }
};

}  // namespace

TEST_CASE("a uid has sixteen places over all its connections, and gets them back when nothing is sent") {
  Bench bench;
  {
    const Places first = bench.take(1000, 10, ":1.1");
    CHECK(bench.take(1000, 100, ":1.2").size() == 6);
    CHECK(bench.take(1001).size() == 15);  // of what is left, half
  }
  CHECK(bench.take(1000).size() == 16);
  CHECK(bench.post.questions.empty());
}

TEST_CASE("what was sent keeps its place until its reader has read it") {
  Bench bench;
  bench.send(1000, 16);
  bench.answer(16);
  CHECK(bench.take(1000).empty());
  bench.answer(3);  // to the question that the attempt brought about
  CHECK(bench.take(1000).size() == 13);
  bench.answer(0);
  CHECK(bench.take(1000).size() == 16);
}

TEST_CASE("an answer says nothing of a descriptor that was sent after the question") {
  Bench bench;
  bench.send(1000, 4);
  CHECK(bench.post.answer(0) == 1);  // was asked after the first
  CHECK(bench.take(1000).size() == 13);
  CHECK(bench.post.answer(0) == 1);
  CHECK(bench.take(1000).size() == 16);
}

TEST_CASE("who has left, or is on a bus that does not tell, keeps nothing") {
  for (const Outcome outcome : {Outcome::gone, Outcome::unknown}) {
    Bench bench;
    bench.send(1000, 16);
    bench.answer(0, outcome);
    CHECK(bench.take(1000).size() == 16);
  }
}

TEST_CASE("many uids that read nothing leave room for one more, and never fill up what the bus bears") {
  Bench bench;
  std::size_t all = 0;
  for (uid_t uid = 1; uid <= 8; ++uid) {
    const std::string connection = ":1." + std::to_string(uid);
    Places places = bench.take(uid, 100, connection);
    CHECK_FALSE(places.empty());
    all += places.size();
    for (const auto& place : places) place->sent();
    bench.answer(16);
  }
  CHECK(all < 56);
  bench.take(9);
  bench.answer(0);
  CHECK(bench.take(9).size() == 16);
}

TEST_CASE("root is not limited and takes nobody's place") {
  Bench bench;
  CHECK(bench.take(0, 100).size() == 100);
  CHECK(bench.handouts.admit({":1.1", {0, {}}}) == nullptr);
  CHECK(bench.take(1000).size() == 16);
}
