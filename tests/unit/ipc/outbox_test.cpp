// SPDX-License-Identifier: Apache-2.0
#include "ipc/outbox.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/ipc/post_office.hpp"

using namespace factord;
using namespace factord::ipc;
using tests::PostOffice;
using Outcome = PostOffice::Outcome;

namespace {

// 1,000 bytes as the outbox counts.
const Values letter = {std::string(736, 'x')};
constexpr Outbox::Bounds bounds{
    .of_uid = 10'000, .left_by_uid = 15'000, .of_all = 40'000, .noticed = 2'000, .spared = 3'000};

struct Bench {
  PostOffice post;
  std::vector<std::string> lost;
  Outbox outbox{post, {}, [this](const std::string& name) { lost.push_back(name); }, bounds};

  void open(const std::string& name, uid_t uid = 1000) {
    outbox.open({name, {uid, {}}});
    post.answer();
  }
  void send(const std::string& name, int count = 1) {
    for (int i = 0; i < count; ++i) outbox.send(name, letter);
    outbox.settle();
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what is sent goes to that reader, and to nobody who was not opened") {
  Bench bench;
  bench.open(":1.1");
  bench.send(":1.1", 2);
  bench.send(":1.2");
  CHECK(bench.post.count(":1.1") == 2);
  CHECK(bench.post.sent.size() == 2);
}

TEST_CASE("a reader that reads is sent any number of signals, and the bus is asked now and then") {
  Bench bench;
  bench.open(":1.1");
  for (int i = 0; i < 100; ++i) {
    bench.send(":1.1");
    CHECK(bench.post.questions.empty());
    bench.send(":1.1", 5);
    CHECK(bench.post.answer() == 1);
    CHECK(bench.post.answer() == 1);  // for the four that came while the first question was open
  }
  CHECK(bench.lost.empty());
  CHECK(bench.post.sent.size() == 600);
}

TEST_CASE("an answer says nothing of what was sent after the question") {
  Bench bench;
  bench.open(":1.1");
  bench.send(":1.1", 10);  // asked after two
  CHECK(bench.post.answer() == 1);
  bench.send(":1.1", 2);  // ten are left
  CHECK(bench.lost.empty());
  bench.send(":1.1");
  CHECK(bench.lost == Names{":1.1"});
}

TEST_CASE("what others have sent to a reader does not count") {
  Bench bench;
  bench.open(":1.1");
  bench.send(":1.1", 3);
  bench.post.answer(5'000'000);
  bench.send(":1.1", 7);
  CHECK(bench.lost.empty());
}

TEST_CASE("a reader that stands still is given up when too much is unread, and sent nothing more") {
  Bench bench;
  bench.open(":1.1");
  for (int i = 1; i <= 10; ++i) {
    bench.send(":1.1");
    bench.post.answer(1'000u * static_cast<unsigned>(i));
  }
  CHECK(bench.lost.empty());
  bench.send(":1.1");
  CHECK(bench.lost == Names{":1.1"});
  bench.send(":1.1", 5);
  CHECK(bench.post.count(":1.1") == 11);
  CHECK(bench.lost.size() == 1);
}

TEST_CASE("a reader that was given up has not read by beginning anew, but where the bus says so") {
  Bench bench;
  const Caller reader{":1.1", {1000, {}}};
  bench.open(":1.1");
  bench.send(":1.1", 11);
  bench.post.answer(11'000);
  bench.post.answer(11'000);
  bench.outbox.open(reader);
  bench.post.answer(11'000);
  bench.send(":1.1");
  CHECK(bench.lost == Names{":1.1", ":1.1"});
  bench.outbox.open(reader);
  bench.post.answer(0);
  bench.send(":1.1", 5);
  CHECK(bench.lost.size() == 2);
}

TEST_CASE("on a bus that does not tell nobody is given up who does not have it all since the last question") {
  Bench bench;
  bench.open(":1.1");
  for (int i = 0; i < 100; ++i) {
    bench.send(":1.1", 2);
    bench.post.answer(0, Outcome::unknown);
  }
  CHECK(bench.lost.empty());
}

TEST_CASE("of the connections of a uid the one that is furthest behind goes first, and other uids are left alone") {
  Bench bench;
  for (const char* name : {":1.1", ":1.2", ":1.3"}) bench.open(name);
  bench.open(":1.9", 1001);
  bench.send(":1.9", 10);
  bench.send(":1.1", 4);
  bench.send(":1.2", 5);
  bench.send(":1.3");
  CHECK(bench.lost.empty());
  bench.send(":1.3");
  CHECK(bench.lost == Names{":1.2"});
  bench.send(":1.3", 4);
  CHECK(bench.lost.size() == 1);
}

TEST_CASE("when a uid's connections have left too much behind, all of them that are behind go, and no others") {
  Bench bench;
  for (const char* name : {":1.1", ":1.2", ":1.3", ":1.4"}) bench.open(name);
  bench.send(":1.1", 11);
  bench.send(":1.2", 11);
  CHECK(bench.lost == Names{":1.1", ":1.2"});
  bench.send(":1.3", 2);
  bench.send(":1.4", 3);
  CHECK(bench.lost == Names{":1.1", ":1.2", ":1.4"});
  bench.post.leave(":1.1");
  bench.send(":1.3", 5);
  CHECK(bench.lost.size() == 4);  // the one that has left was told of again
}

TEST_CASE("all uids share a bound, beyond which all who are behind go") {
  Bench bench;
  for (uid_t uid : {1, 2, 3, 4, 5}) bench.open(":1." + std::to_string(uid), uid);
  for (const char* name : {":1.1", ":1.2", ":1.3", ":1.4"}) bench.send(name, 9);
  bench.send(":1.5", 2);
  bench.send(":1.1");
  bench.send(":1.2");
  CHECK(bench.lost.empty());
  bench.send(":1.3");
  CHECK(bench.lost.size() == 4);
  CHECK(std::ranges::find(bench.lost, ":1.5") == bench.lost.end());
}

TEST_CASE("a reader that leaves is told of once, and what it left unread counts no more") {
  Bench bench;
  bench.open(":1.1");
  bench.open(":1.2");
  bench.send(":1.1", 9);
  bench.post.leave(":1.7");
  bench.post.leave(":1.1");
  bench.post.leave(":1.1");
  CHECK(bench.lost == Names{":1.1"});
  bench.post.answer();  // too late
  bench.send(":1.2", 9);
  CHECK(bench.lost.size() == 1);
}

TEST_CASE("a reader is gone also where it had left before anybody watched") {
  Bench bench;
  bench.outbox.open({":1.1", {1000, {}}});
  bench.post.answer(0, Outcome::gone);
  CHECK(bench.lost == Names{":1.1"});
  bench.send(":1.1");
  CHECK(bench.post.sent.empty());
}

TEST_CASE("goings are watched while there is a reader") {
  Bench bench;
  CHECK_FALSE(bench.post.gone);
  bench.open(":1.1");
  bench.open(":1.2");
  bench.post.leave(":1.1");
  CHECK(bench.post.gone);
  bench.post.leave(":1.2");
  CHECK_FALSE(bench.post.gone);
  bench.open(":1.3");
  CHECK(bench.post.gone);
}
