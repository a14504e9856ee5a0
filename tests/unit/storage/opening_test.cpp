// SPDX-License-Identifier: Apache-2.0
// What a store's file may be when it is opened, and what opening leaves untouched.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string cause_of_opening(Place& place) {
  return cause_of([&] { place.open(); });
}

void fill(Place& place) {
  place.commit([&] {
    for (int i = 0; i < 20; ++i) place.store->of(alice).add(passkey("id" + std::to_string(i), "c"), {}, change());
  });
}

// A store whose daemon died: its log is there, and says more than the file.
void leave_a_log(Place& place) {
  // Closed first: a child must not inherit a connection, nor the lock on the directory.
  place.close();
  const int status = in_child([&] {
    place.open();
    fill(place);
  });
  REQUIRE(status == 0);
}

}  // namespace

TEST_CASE("a new store is readable by its owner alone, and leaves no draft behind") {
  Place place;
  struct stat status;
  for (const char* name : {"factord.db", "factord.db-wal", "factord.db-shm"}) {
    REQUIRE(stat((place.directory.path() / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  place.close();
  CHECK(place.directory.files().size() == 1);
}

TEST_CASE("an unfinished draft is made anew") {
  Directory directory;
  CountingRandom random;
  const auto key = core::Secret::random(32, random);
  write(directory.path() / "factord.db.new", "half");
  write(directory.path() / "factord.db.new-wal", "half");
  CHECK_FALSE(storage::Store::open(directory.path(), &key, {"local", "h"}, random)->locked());
  CHECK(directory.files().size() == 1);
}

TEST_CASE("without a key no store is made") {
  Directory directory;
  CountingRandom random;
  CHECK(contains(cause_of([&] { storage::Store::open(directory.path(), nullptr, {"local", "h"}, random); }), "no key"));
  CHECK(directory.files().empty());
}

TEST_CASE("a master key that is not 32 bytes is refused") {
  Place place;
  const std::size_t size = GENERATE(0, 1, 31, 33, 64);
  const core::Secret odd(size);
  CHECK(contains(cause_of([&] { place.open(&odd); }), "must be 32 bytes"));
}

TEST_CASE("a missing directory is a clear error") {
  CountingRandom random;
  const auto key = core::Secret::random(32, random);
  CHECK(contains(cause_of([&] {
                   storage::Store::open("/nonexistent/state", &key, {"local", "h"}, random);
                 }),
                 "/nonexistent/state: cannot open the directory"));
}

TEST_CASE("a wrong key or none gives a locked store, and no byte changes") {
  Place place;
  fill(place);
  place.close();
  const auto before = place.directory.files();
  REQUIRE(before.size() == 1);
  const auto wrong = core::Secret::random(32, place.random);
  const bool with_key = GENERATE(true, false);
  auto store = storage::Store::open(place.directory.path(), with_key ? &wrong : nullptr, {"local", "h"}, place.random);
  CHECK(store->locked());
  CHECK_FALSE(store->in_transaction());
  CHECK(failure_of([&] { store->of(alice).factors(); }) == "FACTORD-Key1");
  CHECK(failure_of([&] { store->of(alice).require_user(); }) == "FACTORD-Key1");
  CHECK(failure_of([&] { store->begin(); }) == "FACTORD-Key1");
  CHECK(failure_of([&] { store->users(Mint::organization("local", true), "", 1); }) == "FACTORD-Key1");
  store->rollback();
  store->reopen();
  store.reset();
  CHECK(place.directory.files() == before);
  CHECK_FALSE(std::filesystem::exists(place.directory.path() / "factord.db-shm"));
  place.open();
  CHECK(place.store->of(alice).factors().size() == 20);
}

TEST_CASE("a wrong key leaves the log of a killed daemon as it is") {
  Place place;
  leave_a_log(place);
  const auto before = place.directory.files();
  REQUIRE(before.size() == 2);
  const auto wrong = core::Secret::random(32, place.random);
  CHECK(place.open(&wrong).locked());
  place.close();
  CHECK(place.directory.files() == before);
  place.open();
  CHECK(place.store->of(alice).factors().size() == 20);
}

TEST_CASE("a store of a newer version is refused untouched") {
  Place place;
  fill(place);
  place.close();
  storage::Database(place.directory.file().string(), storage::Database::Access::read_write)
      .execute("PRAGMA user_version = 1000");
  const auto before = place.directory.files();
  CHECK(contains(cause_of_opening(place), "newer version (1000)"));
  CHECK(place.directory.files() == before);
}

TEST_CASE("a newer version that only the log tells is refused untouched") {
  Place place;
  place.close();
  const int status = in_child([&] {
    storage::Database raw(place.directory.file().string(), storage::Database::Access::read_write);
    raw.execute("PRAGMA user_version = 1000");
    _exit(0);  // without closing
  });
  REQUIRE(status == 0);
  const auto before = place.directory.files();
  REQUIRE(before.size() == 2);
  CHECK(contains(cause_of_opening(place), "newer version (1000)"));
  CHECK(place.directory.files() == before);
}

TEST_CASE("a file that was cut short at any length is refused untouched") {
  Place place;
  fill(place);
  place.close();
  const std::string whole = content(place.directory.file());
  for (std::size_t size = 0; size < whole.size(); size += size < 200 ? 7 : 1021) {
    INFO("cut to " << size);
    write(place.directory.file(), whole.substr(0, size));
    const auto before = place.directory.files();
    REQUIRE(contains(cause_of_opening(place), "is damaged"));
    REQUIRE(place.directory.files() == before);
  }
}

TEST_CASE("what is no database, or another program's, is refused untouched") {
  Place place;
  place.close();
  SECTION("text") {
    write(place.directory.file(), std::string(5000, 'x'));
    CHECK(contains(cause_of_opening(place), "is no database"));
  }
  SECTION("another program's database") {
    storage::Database(place.directory.file().string(), storage::Database::Access::read_write)
        .execute("PRAGMA application_id = 7");
    CHECK(contains(cause_of_opening(place), "no store of factord"));
  }
  SECTION("a database without the tables") {
    storage::Database(place.directory.file().string(), storage::Database::Access::read_write)
        .execute("DROP TABLE key_slot");
    CHECK(contains(cause_of_opening(place), "no such table"));
  }
  SECTION("a directory") {
    std::filesystem::remove(place.directory.file());
    std::filesystem::create_directory(place.directory.file());
    CHECK(contains(cause_of_opening(place), "no regular file"));
    return;
  }
  SECTION("a FIFO") {
    std::filesystem::remove(place.directory.file());
    REQUIRE(mkfifo(place.directory.file().c_str(), 0600) == 0);
    CHECK(contains(cause_of_opening(place), "no regular file"));
    std::filesystem::remove(place.directory.file());
    return;
  }
  SECTION("a symbolic link to a good store") {
    std::filesystem::rename(place.directory.file(), place.directory.path() / "elsewhere.db");
    std::filesystem::create_symlink("elsewhere.db", place.directory.file());
    CHECK(contains(cause_of_opening(place), "cannot open"));
  }
  const auto before = place.directory.files();
  CHECK_FALSE(cause_of_opening(place).empty());
  CHECK(place.directory.files() == before);
}

TEST_CASE("garbage in the pages is an error, at opening or at use, and never a crash") {
  Place place;
  fill(place);
  place.close();
  const std::string whole = content(place.directory.file());
  for (std::size_t from = 100; from < whole.size(); from += 509) {
    std::string broken = whole;
    for (std::size_t i = from; i < std::min(from + 40, whole.size()); ++i) broken[i] = static_cast<char>(i * 31 + 7);
    write(place.directory.file(), broken);
    INFO("garbage at " << from);
    const std::string failure = failure_of([&] {
      place.open();
      const auto factors = place.store->of(alice).factors();
      // Not hit: then all of it is there.
      if (!factors.empty() || place.store->of(alice).user()) CHECK(factors.size() == 20);
    });
    CHECK((failure.empty() || failure == "FACTORD-Ava1" || failure == "FACTORD-Data1"));
  }
}

TEST_CASE("a log without its file is not played into a new store") {
  Place place;
  leave_a_log(place);
  std::filesystem::remove(place.directory.file());
  const auto before = place.directory.files();
  CHECK(contains(cause_of_opening(place), "its log is there"));
  CHECK(place.directory.files() == before);
}

TEST_CASE("a second daemon on one directory is refused, a plain reader is not") {
  Place place;
  place.commit([&] { place.store->of(alice).claim(); });
  CHECK(contains(cause_of([&] {
                   storage::Store::open(place.directory.path(), &place.key, {"local", "h"}, place.random);
                 }),
                 "another daemon"));
  storage::Database reader(place.directory.file().string(), storage::Database::Access::read_only);
  CHECK(reader.integer("SELECT count(*) FROM owner") == 1);
}

TEST_CASE("a directory that cannot be written is a clear error") {
  Place place;
  place.close();
  const bool with_store = GENERATE(true, false);
  if (!with_store) std::filesystem::remove(place.directory.file());
  // As nobody, since root may write anywhere; in a child, since that is for good.
  std::filesystem::permissions(place.directory.path(), std::filesystem::perms(0555));
  if (with_store) std::filesystem::permissions(place.directory.file(), std::filesystem::perms(0444));
  const int status = in_child([&] {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    const std::string cause = cause_of_opening(place);
    _exit(contains(cause, with_store ? "cannot be written" : "cannot be created") ? 0 : 3);
  });
  std::filesystem::permissions(place.directory.path(), std::filesystem::perms(0700));
  CHECK(status == 0);
}

TEST_CASE("names with characters that mean something in a URI are names") {
  Directory directory;
  CountingRandom random;
  const auto key = core::Secret::random(32, random);
  const auto odd = directory.path() / "a?b#c%20d e";
  std::filesystem::create_directory(odd);
  storage::Store::open(odd, &key, {"local", "h"}, random);
  CHECK(std::filesystem::exists(odd / "factord.db"));
  CHECK_FALSE(storage::Store::open(odd, &key, {"local", "h"}, random)->locked());
}

TEST_CASE("reopening keeps what was committed and drops what was not") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("a"), seed(), change()); });
  place.store->begin();
  place.store->of(alice).add(totp("b"), seed(), change());
  place.store->reopen();
  CHECK_FALSE(place.store->in_transaction());
  CHECK(place.store->of(alice).factors().size() == 1);
  place.commit([&] { place.store->of(alice).add(totp("c"), seed(), change()); });
  CHECK(place.store->of(alice).position().sequence == 2);
}

TEST_CASE("reopening does not take another store for its own") {
  Place place;
  Place other;
  other.close();
  std::filesystem::remove(place.directory.file());
  std::filesystem::remove(place.directory.path() / "factord.db-wal");
  std::filesystem::remove(place.directory.path() / "factord.db-shm");
  other.random.state = 99;
  std::filesystem::remove(other.directory.file());
  other.open();
  other.close();
  write(place.directory.file(), content(other.directory.file()));
  CHECK(contains(cause_of([&] { place.store->reopen(); }), "another store"));
  CHECK(failure_of([&] { place.store->begin(); }) == "FACTORD-Ava1");
  CHECK_FALSE(place.store->in_transaction());
}
