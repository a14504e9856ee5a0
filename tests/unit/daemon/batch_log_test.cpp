// SPDX-License-Identifier: Apache-2.0
// What was removed leaves the store's log too, soon and without a further call.
#include <unistd.h>

#include "daemon/batch.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using daemon::Batch;

namespace {

const auto alice = Mint::account("alice", 1000);

std::string log_of(const Place& place) { return content(place.directory.file().string() + "-wal"); }

void add_and_remove(Place& place) {
  place.store->of(alice).add(totp("a"), seed(), change());
  place.store->of(alice).remove("a", change());
}

struct Bench {
  Loop loop;
  Place place;
  Batch batch{loop.get(), *place.store};

  void remove() {
    CHECK_FALSE(batch.attempt(ipc::Effect::writes, [&] { add_and_remove(place); }));
    batch.close();
    REQUIRE_FALSE(log_of(place).empty());
  }
};

}  // namespace

TEST_CASE("after a removal the store's log is emptied without a further call") {
  Bench bench;
  const auto begun = std::chrono::steady_clock::now();
  bench.remove();
  REQUIRE(bench.place.store->owes_truncation());
  bench.loop.until([&] { return log_of(bench.place).empty(); });
  CHECK(std::chrono::steady_clock::now() - begun > std::chrono::milliseconds(500));  // several removals share it
  CHECK_FALSE(bench.place.store->owes_truncation());
}

TEST_CASE("a log that a killed daemon has left behind is emptied without a call") {
  Place place;
  CHECK_FALSE(place.store->owes_truncation());
  place.close();
  REQUIRE(in_child([&] {
            place.open();
            place.commit([&] { add_and_remove(place); });
            _exit(0);
          }) == 0);
  REQUIRE_FALSE(log_of(place).empty());
  place.open();
  REQUIRE(place.store->owes_truncation());
  const Loop loop;
  const Batch batch(loop.get(), *place.store);
  loop.until([&] { return log_of(place).empty(); });
  CHECK_FALSE(place.store->owes_truncation());
}

TEST_CASE("a reader who holds the log back is waited for, and then it is emptied") {
  Bench bench;
  {
    bench.remove();
    storage::Database reader(bench.place.directory.file().string(), storage::Database::Access::read_only);
    storage::Statement statement(reader, "SELECT uuid FROM store");
    auto run = statement.with();
    REQUIRE(run.next());
    REQUIRE(sd_event_run(bench.loop.get(), UINT64_MAX) > 0);  // the first try
    CHECK_FALSE(log_of(bench.place).empty());
    CHECK(bench.place.store->owes_truncation());
  }
  bench.loop.until([&] { return log_of(bench.place).empty(); });
}
