// SPDX-License-Identifier: Apache-2.0
#include "daemon/batch.hpp"

#include "core/failure.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/batch_bench.hpp"
#include "tests/unit/storage/faulty_vfs.hpp"

using namespace factord;
using namespace factord::tests;
using daemon::Batch;
using ipc::Effect;
using Bench = BatchBench;

namespace {

using Ids = std::vector<std::string>;

// A bus that never falls silent: something is due on the loop at every turn, so that nothing idle ever is.
class Flood {
 public:
  Flood(const Loop& loop, std::function<void()> call) : call_(std::move(call)) {
    const auto next = [](sd_event_source*, void* self) {
      static_cast<Flood*>(self)->call_();
      return 0;
    };
    if (sd_event_add_defer(loop.get(), &source_, next, this) < 0 ||
        sd_event_source_set_enabled(source_, SD_EVENT_ON) < 0)
      throw std::runtime_error("no event source");
  }
  ~Flood() { sd_event_source_disable_unref(source_); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

 private:
  std::function<void()> call_;
  sd_event_source* source_ = nullptr;
};

}  // namespace

TEST_CASE("the answer to a write waits for the commit") {
  Bench bench;
  Told told;
  CHECK_FALSE(bench.add("a"));
  bench.tell(told);
  CHECK_FALSE(told);
  CHECK(bench.place.store->in_transaction());
  bench.settle(told);
  CHECK(told.news == "");
  CHECK_FALSE(bench.place.store->in_transaction());
  CHECK(bench.kept() == Ids{"a"});
}

TEST_CASE("a lone write is committed as soon as the loop has nothing else to do") {
  Bench bench;
  Told told;
  bench.add("a");
  bench.tell(told);
  CHECK(bench.loop.turn());
  CHECK(told);
}

TEST_CASE("what is due on the loop goes before the commit, so that it can join the batch") {
  Bench bench;
  Told told;
  bench.add("a");
  bench.tell(told);
  bool joined = false;
  const auto join = [](sd_event_source*, void* flag) {
    *static_cast<bool*>(flag) = true;
    return 0;
  };
  sd_event_add_defer(bench.loop.get(), nullptr, join, &joined);
  CHECK(bench.loop.turn());
  CHECK(joined);
  CHECK_FALSE(told);
  bench.settle(told);
}

TEST_CASE("without an open batch nobody waits, and a read opens none") {
  Bench bench;
  Told told;
  CHECK_FALSE(bench.look());
  bench.tell(told);
  CHECK(told.news == "");
  CHECK_FALSE(bench.place.store->in_transaction());
}

TEST_CASE("a read within an open batch waits for it: it may have seen what is not durable yet") {
  Bench bench;
  Told told;
  bench.add("a");
  CHECK_FALSE(bench.look());
  bench.tell(told);
  CHECK_FALSE(told);
  bench.settle(told);
  CHECK(told.news == "");
}

TEST_CASE("a failed operation is undone alone, and its failure waits for the commit too") {
  Bench bench;
  Told first, failed, last;
  bench.add("a");
  bench.tell(first);
  const auto error = bench.add_and_refuse("lost");
  REQUIRE(error);
  CHECK_THROWS_AS(std::rethrow_exception(error), Refused);
  bench.tell(failed);
  bench.add("b");
  bench.tell(last);
  CHECK_FALSE((first || failed || last));
  bench.settle(last);
  CHECK(first.news == "");
  CHECK(failed.news == "");
  CHECK(bench.kept() == Ids{"a", "b"});
}

TEST_CASE("a batch's events are announced after its commit, before those who wait are told") {
  Bench bench;
  Ids announced;
  std::size_t before_the_answer = 0;
  bench.batch->announce_by([&](const std::vector<storage::Event>& events) {
    CHECK_FALSE(bench.place.store->in_transaction());
    for (const auto& event : events) announced.push_back(event.factor_id);
  });
  bool told = false;
  bench.add("a");
  bench.add_and_refuse("lost");
  bench.add("b");
  bench.batch->when_durable([&](std::exception_ptr) {
    before_the_answer = announced.size();
    told = true;
  });
  CHECK(announced.empty());
  bench.loop.until([&] { return told; });
  CHECK(announced == Ids{"a", "b"});
  CHECK(before_the_answer == 2);
  bench.batch->close();
  CHECK(announced.size() == 2);
}

TEST_CASE("all of a batch are told by one commit, in the order they came") {
  Bench bench;
  std::string order;
  bool last = false;
  for (char name : {'a', 'b', 'c'}) {
    bench.add(std::string(1, name));
    bench.batch->when_durable([&order, &last, name](std::exception_ptr lost) {
      CHECK_FALSE(lost);
      order += name;
      last = name == 'c';
    });
  }
  bench.loop.until([&] { return last; });
  CHECK(order == "abc");
}

TEST_CASE("close commits without the loop") {
  Bench bench;
  Told told;
  bench.add("a");
  bench.tell(told);
  bench.batch->close();
  CHECK(told.news == "");
  CHECK(bench.kept() == Ids{"a"});
  CHECK_FALSE(bench.loop.turn());
}

TEST_CASE("who is told may write again: that is the next batch") {
  Bench bench;
  Told told;
  bench.add("a");
  bench.batch->when_durable([&](std::exception_ptr) {
    CHECK_FALSE(bench.add("b"));
    bench.tell(told);
    CHECK_FALSE(told);
  });
  bench.settle(told);
  CHECK(told.news == "");
  CHECK(bench.kept() == Ids{"a", "b"});
}

TEST_CASE("what is open when the batch goes is undone, and nobody is told") {
  Bench bench;
  Told told;
  bench.add("a");
  bench.tell(told);
  bench.batch.reset();
  CHECK_FALSE(told);
  CHECK(bench.kept().empty());
}

TEST_CASE("when the disk fails at the commit, everybody in the batch is told Unavailable") {
  const int fault = GENERATE(SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_FULL);
  FaultyDisk disk;
  Bench bench;
  Told done, failed, read;
  bench.add("a");
  bench.tell(done);
  bench.add_and_refuse("lost");
  bench.tell(failed);
  bench.look();
  bench.tell(read);
  disk.fail_after(0, fault);
  bench.batch->close();
  CHECK(disk.failed());
  CHECK(done.news == unavailable);
  CHECK(failed.news == unavailable);
  CHECK(read.news == unavailable);
}

TEST_CASE("after a failed commit the store is opened anew, and goes on without what was lost") {
  FaultyDisk disk;
  Bench bench;
  Told lost, told;
  bench.add("kept");
  bench.batch->close();
  bench.add("lost");
  bench.tell(lost);
  disk.fail_after(0, SQLITE_IOERR_FSYNC);
  bench.batch->close();
  CHECK(lost.news == unavailable);
  disk.heal();
  CHECK_FALSE(bench.add("next"));
  bench.tell(told);
  bench.settle(told);
  CHECK(told.news == "");
  CHECK(bench.kept() == Ids{"kept", "next"});
}

TEST_CASE("as long as the store cannot be opened anew nothing is tried, read or written") {
  FaultyDisk disk;
  Bench bench;
  bench.add("a");
  disk.fail_after(0, SQLITE_IOERR_FSYNC);
  bench.batch->close();
  disk.heal();
  const auto away = bench.place.directory.path() / "away";
  std::filesystem::rename(bench.place.directory.file(), away);
  for (int i = 0; i < 2; ++i) {
    CHECK(bench.look());
    CHECK(bench.add("b"));
  }
  std::filesystem::rename(away, bench.place.directory.file());
  CHECK_FALSE(bench.look());
  CHECK_FALSE(bench.add("b"));
}

TEST_CASE("when the transaction is given up under an operation, all who wait are told Unavailable") {
  Bench bench;
  Told earlier, told;
  bench.add("a");
  bench.tell(earlier);
  const auto error = bench.batch->attempt(Effect::writes, [&] {
    bench.place.store->rollback();  // as SQLite itself does on a full disk
    throw core::Error(core::failure::unavailable);
  });
  CHECK(error);
  CHECK(earlier.news == unavailable);
  bench.tell(told);  // the operation's own failure: nothing is open any more that it could wait for
  CHECK(told.news == "");
  CHECK(bench.kept().empty());
  CHECK_FALSE(bench.add("b"));
  bench.batch->close();
  CHECK(bench.kept() == Ids{"b"});
}

TEST_CASE("operations that never cease are answered all the same, after 512 at the latest") {
  Bench bench;
  Told told;
  int under_way = 0;
  bench.add("a");
  bench.tell(told);
  const Flood flood(bench.loop, [&] {
    CHECK_FALSE(bench.batch->attempt(Effect::writes, [] {}));
    bench.batch->when_durable([](std::exception_ptr) {});
    ++under_way;
  });
  bench.loop.until([&] { return told || under_way > 100'000; });
  CHECK(told.news == "");
  CHECK(under_way < 512);
  CHECK(bench.kept() == Ids{"a"});
}

TEST_CASE("a batch that stays small is closed by its age where the loop never comes to rest") {
  Bench bench;
  bench.batch.emplace(bench.loop.get(), *bench.place.store);
  Told told;
  bench.add("a");
  bench.tell(told);
  const auto begun = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::steady_clock::now() - begun; };
  const Flood flood(bench.loop, [&] {
    bench.look();
    bench.batch->when_durable([](std::exception_ptr) {});
  });
  bench.loop.until([&] { return told || passed() > std::chrono::seconds(5); });
  CHECK(told.news == "");
}
