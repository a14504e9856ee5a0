// SPDX-License-Identifier: Apache-2.0
// Operations that fail half-way, disks that fill or break, daemons that are killed: before or after, never between.
#include "storage/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/faulty_vfs.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
constexpr auto unavailable = "FACTORD-Ava1";

struct Refused {};

// Large enough that the page cache does not hold them all.
storage::Factor large(const std::string& id) {
  auto factor = passkey(id, id);
  factor.webauthn.public_key.resize(100'000);
  return factor;
}

void expect_whole(Place& place, std::size_t factors) {
  CHECK(place.store->of(alice).factors().size() == factors);
  CHECK(place.store->of(alice).position().sequence == factors);
  const auto events = place.store->events(0, 1000);
  CHECK(events.size() == factors);
  for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].sequence == i + 1);
}

}  // namespace

TEST_CASE("an operation that throws is undone, its neighbours in the batch are kept, sequences have no gap") {
  Place place;
  place.store->begin();
  auto view = place.store->of(alice);
  place.store->savepoint([&] { view.add(totp("a"), seed(), change(1)); });
  CHECK_THROWS_AS(place.store->savepoint([&] {
    view.add(totp("lost"), seed(), change(2));
    view.remove("a", change(2));
    throw Refused();
  }),
                  Refused);
  CHECK(view.factor("a"));
  CHECK_FALSE(view.factor("lost"));
  const auto position = place.store->savepoint([&] { return view.add(totp("b"), seed(), change(3)); });
  CHECK(position.sequence == 2);
  place.store->commit();
  expect_whole(place, 2);
  place.open();
  expect_whole(place, 2);
}

TEST_CASE("a user who was claimed in an undone operation is unknown again") {
  Place place;
  place.store->begin();
  CHECK_THROWS_AS(place.store->savepoint([&] {
    place.store->of(alice).claim();
    throw Refused();
  }),
                  Refused);
  CHECK_FALSE(place.store->of(alice).user());
  place.store->commit();
  CHECK_FALSE(place.store->of(alice).user());
}

TEST_CASE("savepoints nest") {
  Place place;
  place.store->begin();
  place.store->savepoint([&] {
    place.store->of(alice).add(totp("a"), seed(), change());
    CHECK_THROWS_AS(place.store->savepoint([&] {
      place.store->of(alice).add(totp("b"), seed(), change());
      throw Refused();
    }),
                    Refused);
  });
  place.store->commit();
  expect_whole(place, 1);
}

TEST_CASE("a batch that is rolled back leaves nothing") {
  Place place;
  place.store->begin();
  place.store->of(alice).add(totp("a"), seed(), change());
  CHECK(place.store->in_transaction());
  place.store->rollback();
  CHECK_FALSE(place.store->in_transaction());
  place.store->rollback();
  CHECK_FALSE(place.store->of(alice).user());
  expect_whole(place, 0);
}

TEST_CASE("changes need a transaction: none commits by itself") {
  Place place;
  CHECK(failure_of([&] { place.store->of(alice).claim(); }) == unavailable);
  CHECK(failure_of([&] { place.store->of(alice).add(totp("a"), seed(), change()); }) == unavailable);
  CHECK(failure_of([&] { place.store->of(alice).discard("a"); }) == unavailable);
  CHECK(failure_of([&] { place.store->savepoint([] {}); }) == unavailable);
  CHECK(failure_of([&] { place.store->commit(); }) == unavailable);
  CHECK_FALSE(place.store->of(alice).user());
}

namespace {

// A store with one factor of alice's in its log, and a disk that fails in the midst of adding two more. Everything is
// the same in each round but the call that fails.
struct Round {
  FaultyDisk disk;
  Place place;
  std::string failure;
  bool failed;

  Round(int calls, int result) {
    place.commit([&] { place.store->of(alice).add(totp("first"), seed(), change()); });
    disk.fail_after(calls, result);
    failure = failure_of([&] {
      place.store->begin();
      for (const char* id : {"second", "third"}) {
        place.store->savepoint([&] { place.store->of(alice).add(totp(id), seed(), change()); });
      }
      place.store->commit();
    });
    failed = disk.failed();
  }
};

}  // namespace

TEST_CASE("a disk that fails at any write or sync of a batch fails the commit and undoes the batch") {
  const int result = GENERATE(SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC);
  int calls = 0;
  for (;; ++calls) {
    INFO("failing after " << calls << " calls");
    Round round(calls, result);
    CHECK(round.failure == (round.failed ? unavailable : ""));
    CHECK_FALSE(round.place.store->in_transaction());
    round.disk.heal();
    if (!round.failed) break;
    round.place.store->reopen();
    expect_whole(round.place, 1);
    round.place.commit([&] { round.place.store->of(alice).add(totp("again"), seed(), change()); });
    expect_whole(round.place, 2);
  }
  CHECK(calls > 5);
}

TEST_CASE("without a reopening, too, what a failed commit wrote is overwritten by the next one") {
  int calls = 0;
  for (;; ++calls) {
    Round round(calls, SQLITE_IOERR_FSYNC);
    round.disk.heal();
    if (!round.failed) break;
    round.place.commit([&] { round.place.store->of(alice).add(totp("again"), seed(), change()); });
    round.place.open();
    expect_whole(round.place, 2);
  }
  CHECK(calls > 5);
}

TEST_CASE("a disk that stays broken over a reopening leaves the whole batch or none of it once it is well") {
  int calls = 0;
  for (;; ++calls) {
    INFO("failing after " << calls << " calls");
    Round round(calls, SQLITE_IOERR_FSYNC);
    if (!round.failed) break;
    const std::string reopening = failure_of([&] { round.place.store->reopen(); });
    CHECK((reopening.empty() || reopening == unavailable));
    round.disk.heal();
    round.place.store->reopen();
    const auto present = round.place.store->of(alice).factors().size();
    CHECK((present == 1 || present == 3));
    expect_whole(round.place, present);
  }
  CHECK(calls > 5);
}

TEST_CASE("a full disk in the middle of a large batch: the truth is told, and nothing of the batch stays") {
  FaultyDisk disk;
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("first"), seed(), change()); });
  place.store->begin();
  disk.fail_after(0, SQLITE_FULL);
  int done = 0;
  std::string failure;
  // The page cache takes 2 MB before it writes: more than that, so that an operation fails, not the commit.
  for (; done < 100 && failure.empty(); ++done) {
    failure = failure_of([&] {
      place.store->savepoint([&] { place.store->of(bob).add(large("f" + std::to_string(done)), {}, change()); });
    });
  }
  CHECK(failure == unavailable);
  CHECK(disk.failed());
  if (place.store->in_transaction()) {
    CHECK(failure_of([&] { place.store->commit(); }) == unavailable);
  } else {
    CHECK(failure_of([&] { place.store->savepoint([] {}); }) == unavailable);
    CHECK(failure_of([&] { place.store->commit(); }) == unavailable);
  }
  CHECK_FALSE(place.store->in_transaction());
  disk.heal();
  place.store->rollback();
  CHECK_FALSE(place.store->of(bob).user());
  expect_whole(place, 1);
  place.commit([&] { place.store->of(alice).add(totp("second"), seed(), change()); });
  expect_whole(place, 2);
}

TEST_CASE("a transaction that SQLite gave up by itself is noticed, and later operations are refused") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("first"), seed(), change()); });
  FaultyDisk disk;
  place.open();
  place.store->begin();
  CHECK(failure_of([&] {
          place.store->savepoint([&] {
            for (int i = 0; i < 100; ++i) {
              if (i == 50) disk.fail_after(0, SQLITE_IOERR_WRITE);
              place.store->of(bob).add(large("f" + std::to_string(i)), {}, change());
            }
          });
        }) == unavailable);
  disk.heal();
  if (!place.store->in_transaction()) {
    CHECK(failure_of([&] { place.store->of(alice).add(totp("alone"), seed(), change()); }) == unavailable);
  }
  place.store->rollback();
  place.store->reopen();
  expect_whole(place, 1);
}

TEST_CASE("a daemon killed before the commit leaves the state before, after it the state after") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("first"), seed(), change()); });
  place.close();
  const bool committed = GENERATE(false, true);
  const int status = in_child([&] {
    place.open();
    place.store->begin();
    place.store->of(alice).add(totp("second"), seed(), change());
    if (committed) place.store->commit();
  });
  REQUIRE(status == 0);
  place.open();
  expect_whole(place, committed ? 2 : 1);
}

TEST_CASE("a daemon killed with half a large batch in the log leaves the state before") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("first"), seed(), change()); });
  place.close();
  const int status = in_child([&] {
    place.open();
    place.store->begin();
    for (int i = 0; i < 40; ++i) place.store->of(bob).add(large("f" + std::to_string(i)), {}, change());
  });
  REQUIRE(status == 0);
  REQUIRE(content(place.directory.path() / "factord.db-wal").size() > 100'000);
  place.open();
  CHECK_FALSE(place.store->of(bob).user());
  expect_whole(place, 1);
}
