// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers.hpp"

#include <algorithm>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"

using factord::daemon::Workers;
using factord::tests::Loop;

TEST_CASE("a job runs on another thread, its result is handed back on the loop's") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::thread::id worked, answered;
  bool done = false;
  workers.run([&] { worked = std::this_thread::get_id(); },
              [&](std::exception_ptr error) {
                CHECK_FALSE(error);
                answered = std::this_thread::get_id();
                done = true;
              });
  loop.until([&] { return done; });
  CHECK(answered == std::this_thread::get_id());
  CHECK(worked != std::thread::id());
  CHECK(worked != answered);
}

TEST_CASE("nothing is handed back before the loop turns") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::latch worked(1);
  bool done = false;
  workers.run([&] { worked.count_down(); }, [&](std::exception_ptr) { done = true; });
  worked.wait();
  CHECK_FALSE(done);
  loop.until([&] { return done; });
}

TEST_CASE("what a job throws is handed back, whatever it is, and the thread lives on") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::vector<std::exception_ptr> errors;
  const auto keep = [&](std::exception_ptr error) { errors.push_back(error); };
  workers.run([] { throw std::runtime_error("broken"); }, keep);
  workers.run([] { throw 42; }, keep);
  workers.run([] {}, keep);
  loop.until([&] { return errors.size() == 3; });
  CHECK_THROWS_AS(std::rethrow_exception(errors[0]), std::runtime_error);
  CHECK_THROWS_AS(std::rethrow_exception(errors[1]), int);
  CHECK_FALSE(errors[2]);
}

TEST_CASE("one thread works in the order of the jobs, and hands back in it") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::vector<int> worked, answered;
  for (int i = 0; i < 100; ++i)
    workers.run([&worked, i] { worked.push_back(i); }, [&answered, i](std::exception_ptr) { answered.push_back(i); });
  loop.until([&] { return answered.size() == 100; });
  CHECK(worked == answered);
  CHECK(std::is_sorted(worked.begin(), worked.end()));
}

TEST_CASE("several threads work at the same time") {
  const Loop loop;
  Workers workers(loop.get(), 2);
  std::latch both(2);  // neither job ends before the other has begun
  int done = 0;
  for (int i = 0; i < 2; ++i) workers.run([&] { both.arrive_and_wait(); }, [&](std::exception_ptr) { ++done; });
  loop.until([&] { return done == 2; });
}

TEST_CASE("between two results the loop sees to what else is due") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::latch worked(2);
  std::vector<std::string> seen;
  for (int i = 0; i < 2; ++i)
    workers.run([&] { worked.count_down(); }, [&](std::exception_ptr) { seen.push_back("result"); });
  worked.wait();
  const auto turn = [](sd_event_source*, void* context) {
    static_cast<std::vector<std::string>*>(context)->push_back("turn");
    return 0;
  };
  sd_event_source* source = nullptr;
  REQUIRE(sd_event_add_post(loop.get(), &source, turn, &seen) >= 0);
  loop.until([&] { return std::ranges::count(seen, "result") == 2 && seen.back() == "turn"; });
  sd_event_source_unref(source);
  const auto first = std::ranges::find(seen, "result");
  CHECK(*std::next(first) == "turn");
  CHECK_FALSE(workers.busy());
}

TEST_CASE("who is handed a result may give the next job") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  bool done = false;
  workers.run([] {}, [&](std::exception_ptr) { workers.run([] {}, [&](std::exception_ptr) { done = true; }); });
  loop.until([&] { return done; });
}

TEST_CASE("the end waits for the job that runs; nobody is told, and nothing is held any more") {
  const Loop loop;
  std::optional<Workers> workers(std::in_place, loop.get(), 1u);
  std::latch begun(1), go_on(1);
  bool ended = false, told = false;
  const auto held = std::make_shared<int>();
  const auto tell = [&told, held](std::exception_ptr) { told = true; };
  workers->run(
      [&] {
        begun.count_down();
        go_on.wait();
        ended = true;
      },
      tell);
  workers->run([held] {}, tell);
  begun.wait();
  std::thread release([&] { go_on.count_down(); });
  workers.reset();
  CHECK(ended);
  release.join();
  while (loop.turn()) continue;
  CHECK_FALSE(told);
  CHECK(held.use_count() == 2);  // here, and in `tell`
}

TEST_CASE("a result that cannot be handed back does not keep the others from it, nor end the loop") {
  const Loop loop;
  Workers workers(loop.get(), 1);
  std::latch worked(1);
  bool last = false;
  workers.run([] {}, [](std::exception_ptr) { throw std::runtime_error("broken"); });
  workers.run([] {}, [](std::exception_ptr) { throw 42; });
  workers.run([&] { worked.count_down(); }, [&](std::exception_ptr) { last = true; });
  worked.wait();  // so that they are handed back together
  loop.until([&] { return last; });
  CHECK(last);
}
