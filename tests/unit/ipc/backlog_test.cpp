// SPDX-License-Identifier: Apache-2.0
#include "ipc/backlog.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/ipc/post_office.hpp"

using namespace factord;
using namespace factord::ipc;
using tests::PostOffice;
using Outcome = PostOffice::Outcome;
using Verdict = Backlog::Verdict;

namespace {

struct Bench {
  PostOffice post;
  std::uint64_t late = 2'000;
  Backlog backlog{post, {.of_all = 90'000, .noticed = 2'000, .noticed_late = late, .questions = 3, .remembered = 5}};

  // So many calls of 1,000 bytes each; how many of them are to be answered.
  int answered(const std::string& name, int count) {
    int answers = 0;
    for (int i = 0; i < count; ++i) answers += backlog.on_call(name, 1'000) == Verdict::answer ? 1 : 0;
    return answers;
  }
};

}  // namespace

TEST_CASE("who reads is answered without end, and the bus is asked now and then") {
  Bench bench;
  for (int i = 0; i < 200; ++i) {
    CHECK(bench.backlog.on_call(":1.1", 1'000) == Verdict::answer);
    CHECK(bench.post.questions.empty());
    CHECK(bench.backlog.on_call(":1.1", 1'000) == Verdict::answer);
    CHECK(bench.post.answer(0) == 1);
  }
}

TEST_CASE("while little lies about the bus is asked more seldom") {
  Bench bench{.late = 4'000};
  bench.answered(":1.1", 3);
  CHECK(bench.post.questions.empty());
  bench.answered(":1.1", 1);
  CHECK(bench.post.answer(4'000) == 1);
  bench.answered(":1.2", 2);
  CHECK(bench.post.answer(0) == 1);
}

TEST_CASE("who does not read is answered up to a third, then told so, and then nothing") {
  Bench bench;
  CHECK(bench.answered(":1.1", 100) == 31);
  Verdict verdict = Verdict::refuse;
  for (int i = 0; i < 100; ++i) verdict = bench.backlog.on_call(":1.1", 1'000);
  CHECK(verdict == Verdict::ignore);
  SECTION("while whoever comes is answered") { CHECK(bench.backlog.on_call(":1.2", 1'000) == Verdict::answer); }
  SECTION("until it has read") {
    for (int i = 0; i < 3; ++i) bench.post.answer(0);
    CHECK(bench.backlog.on_call(":1.1", 1'000) == Verdict::answer);
  }
  SECTION("and an answer that is about time before its calls does not help it") {
    for (int i = 0; i < 5; ++i) bench.post.answer(60'000);
    CHECK(bench.backlog.on_call(":1.1", 1'000) != Verdict::answer);
  }
}

TEST_CASE("many who do not read never leave more than all may") {
  Bench bench;
  int answers = 0;
  for (int name = 0; name < 20; ++name) answers += bench.answered(":1." + std::to_string(name), 200);
  CHECK(answers <= 110);
  CHECK(bench.backlog.on_call(":1.99", 1'000) == Verdict::answer);
}

TEST_CASE("answers that are larger than was expected count, too") {
  Bench bench;
  bench.backlog.add(":1.1", 50'000);
  CHECK(bench.backlog.on_call(":1.1", 1'000) != Verdict::answer);
}

TEST_CASE("what others have sent to a caller does not count") {
  Bench bench;
  bench.answered(":1.1", 2);
  bench.post.answer(UINT32_MAX);
  CHECK(bench.answered(":1.1", 20) == 20);
}

TEST_CASE("what has left leaves nothing, and on a bus that does not tell all is taken for read") {
  for (const Outcome outcome : {Outcome::gone, Outcome::unknown}) {
    Bench bench;
    bench.backlog.add(":1.1", 45'000);
    bench.post.answer(0, outcome);
    CHECK(bench.answered(":1.2", 100) == 31);
  }
}

TEST_CASE("whoever leaves takes along what it has not read, whether or not the bus is being asked about it") {
  for (const bool asking : {true, false}) {
    Bench bench;
    bench.backlog.add(":1.1", 45'000);
    if (!asking) bench.post.answer(45'000);
    bench.post.leave(":1.1");
    bench.post.leave(":1.7");
    CHECK(bench.answered(":1.2", 100) == 31);
    bench.post.answer(31'000);
    CHECK(bench.backlog.on_call(":1.2", 1'000) != Verdict::answer);
  }
}

TEST_CASE("goings are watched while much is unread") {
  Bench bench;
  bench.backlog.add(":1.1", 10'000);
  CHECK_FALSE(bench.post.gone);
  bench.backlog.add(":1.1", 10'000);
  CHECK(bench.post.gone);
  for (int i = 0; i < 2; ++i) bench.post.answer(100);
  CHECK_FALSE(bench.post.gone);
}

TEST_CASE("so many questions are open at a time and no more, and those that could not be put are put later") {
  Bench bench;
  for (const char* name : {":1.1", ":1.2", ":1.3", ":1.4"}) bench.backlog.add(name, 10'000);
  CHECK(bench.post.questions.size() == 3);
  bench.post.answer(10'000);
  bench.backlog.add(":1.4", 10);
  REQUIRE(bench.post.questions.size() == 1);
  CHECK(bench.post.questions[0].first == ":1.4");
}

TEST_CASE("connections that called once and left are forgotten as others come") {
  Bench bench;
  std::size_t questions = 0;
  for (int name = 0; name < 500; ++name) {
    bench.answered(":1." + std::to_string(name), 1);
    questions += bench.post.answer(0, Outcome::gone);
  }
  CHECK(questions == 495);  // one for each beyond those that are remembered
  CHECK(bench.answered(":2.1", 100) == 31 - 2);
}
