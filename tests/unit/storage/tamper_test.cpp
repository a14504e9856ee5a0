// SPDX-License-Identifier: Apache-2.0
// Rows that somebody edited, swapped, copied, removed or put back behind the daemon's back are found when read.
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
constexpr auto damaged = "FACTORD-Data1";

// alice: rows 1 and 2 (TOTP), bob: row 3 (TOTP).
void fill(Place& place) {
  place.commit([&] {
    place.store->of(alice).add(totp("a1"), seed(), change());
    place.store->of(alice).add(totp("a2"), core::Bytes(20, 2), change());
    place.store->of(bob).add(totp("b1"), core::Bytes(20, 3), change());
  });
}

// Not in one statement: SQLite would read the second value after it changed the first.
std::string swap(const std::string& table, const std::string& column, const std::string& key, int left, int right) {
  const std::string one = std::to_string(left), two = std::to_string(right);
  const auto put = [&](const std::string& from, const std::string& to) {
    return "UPDATE " + table + " SET " + column + " = (SELECT value FROM kept WHERE row = " + from + ") WHERE " + key +
           " = " + to + ";";
  };
  return "CREATE TEMP TABLE kept AS SELECT " + key + " AS row, " + column + " AS value FROM " + table + ";" +
         put(one, two) + put(two, one);
}

}  // namespace

TEST_CASE("factor records swapped between rows, of one user or of two, do not open") {
  Place place;
  fill(place);
  const int other = GENERATE(2, 3);
  place.tamper(swap("factor", "sealed", "id", 1, other));
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
  CHECK(failure_of([&] { place.store->of(alice).factors(); }) == damaged);
}

TEST_CASE("seeds swapped between rows do not open") {
  Place place;
  fill(place);
  const int other = GENERATE(2, 3);
  place.tamper(swap("factor", "seed", "id", 1, other));
  CHECK(failure_of([&] { seed_of(place.store->of(alice), "a1"); }) == damaged);
}

TEST_CASE("a record does not pass for a seed, nor a seed for a record") {
  Place place;
  fill(place);
  place.tamper("UPDATE factor SET seed = sealed, sealed = seed WHERE id = 1");
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
}

TEST_CASE("a factor row given to another user is refused there and missed here") {
  Place place;
  fill(place);
  place.tamper("UPDATE factor SET owner = 2 WHERE id = 1");
  CHECK(failure_of([&] { place.store->of(bob).factors(); }) == damaged);
  CHECK(failure_of([&] { place.store->of(alice).factors(); }) == damaged);
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
}

TEST_CASE("user records swapped between rows do not open") {
  Place place;
  fill(place);
  place.tamper(swap("owner", "sealed", "id", 1, 2));
  CHECK(failure_of([&] { place.store->of(alice).user(); }) == damaged);
}

TEST_CASE("a user's row under another user's hash is not that user") {
  Place place;
  fill(place);
  place.tamper(swap("owner", "owner_hash", "id", 1, 2));
  CHECK_FALSE(place.store->of(alice).user());
}

TEST_CASE("every bit of a sealed record counts") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("a1"), seed(), change()); });
  storage::Database raw(place.directory.file().string(), storage::Database::Access::read_write);
  raw.execute("PRAGMA synchronous = OFF");
  const std::int64_t size = raw.integer("SELECT length(sealed) FROM factor");
  const std::string sealed = raw.text("SELECT sealed FROM factor");
  // All of format, generation and nonce, then samples of body and tag.
  for (std::int64_t at = 0; at < size; at += at < 32 ? 1 : 41) {
    std::string flipped = sealed;
    flipped[static_cast<std::size_t>(at)] = static_cast<char>(flipped[static_cast<std::size_t>(at)] ^ (1 << (at % 8)));
    storage::Statement(raw, "UPDATE factor SET sealed = ?").execute(core::bytes_of(flipped));
    INFO("byte " << at);
    CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
  }
}

TEST_CASE("a sealed record of any shorter length is damage, not a crash") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("a1"), seed(), change()); });
  const int size = GENERATE(0, 1, 4, 5, 28, 29, 44, 45, 46, 100);
  place.tamper("UPDATE factor SET sealed = substr(sealed, 1, " + std::to_string(size) + "), seed = substr(seed, 1, " +
               std::to_string(size) + ")");
  CHECK(failure_of([&] { place.store->of(alice).factors(); }) == damaged);
}

TEST_CASE("a factor row that was taken away is missed") {
  Place place;
  fill(place);
  place.tamper("DELETE FROM factor WHERE id = 1");
  CHECK(failure_of([&] { place.store->of(alice).factors(); }) == damaged);
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
  CHECK(place.store->of(alice).factor("a2"));
}

TEST_CASE("a factor row whose look-up hash was edited is damage, not unknown") {
  Place place;
  fill(place);
  place.tamper("UPDATE factor SET id_hash = id_hash + 1 WHERE id = 1");
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
  CHECK_FALSE(place.store->of(bob).factor("a1"));
}

TEST_CASE("a removed factor that was put back is refused") {
  Place place;
  fill(place);
  place.close();
  {
    storage::Database raw(place.directory.file().string(), storage::Database::Access::read_write);
    raw.execute("CREATE TABLE kept AS SELECT * FROM factor WHERE id = 1");
  }
  place.open();
  place.commit([&] { place.store->of(alice).remove("a1", change()); });
  place.tamper("INSERT INTO factor SELECT * FROM kept");
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
}

TEST_CASE("a factor record set back to an older version is refused") {
  Place place;
  fill(place);
  place.close();
  {
    storage::Database raw(place.directory.file().string(), storage::Database::Access::read_write);
    raw.execute("CREATE TABLE kept AS SELECT * FROM factor WHERE id = 1");
  }
  place.open();
  auto factor = *place.store->of(alice).factor("a1");
  factor.totp.last_step = 7;
  place.commit([&] { place.store->of(alice).update(factor, storage::EventType::factor_verified, change()); });
  place.tamper("UPDATE factor SET sealed = (SELECT sealed FROM kept) WHERE id = 1");
  CHECK(failure_of([&] { place.store->of(alice).factor("a1"); }) == damaged);
}

TEST_CASE("a factor without its user is damage to whoever asks for its credential") {
  Place place;
  place.commit([&] { place.store->of(alice).add(passkey("a", "credential"), {}, change()); });
  place.tamper("PRAGMA foreign_keys = OFF; DELETE FROM owner");
  CHECK(failure_of([&] { place.store->of(bob).credential_holder(core::bytes_of("credential")); }) == damaged);
}

TEST_CASE("events that were edited, swapped, or taken from the middle break the journal's chain") {
  Place place;
  fill(place);
  const std::string sql = GENERATE_COPY(
      std::string("UPDATE journal SET sealed = zeroblob(length(sealed)) WHERE number = 2"),
      std::string("UPDATE journal SET owner = 9 WHERE number = 2"), std::string("DELETE FROM journal WHERE number = 2"),
      std::string("UPDATE journal SET chain = zeroblob(32) WHERE number = 2"),
      swap("journal", "sealed", "number", 1, 2));
  place.store->fold(1);  // what comes behind the last fold is read when the store is opened
  place.tamper(sql);
  CHECK(failure_of([&] { place.store->events(0, 10); }) == damaged);
  CHECK_FALSE(failure_of([&] { place.store->events(1, 10); }).empty());
}

TEST_CASE("a store is not opened with events that have no predecessor") {
  Place place;
  fill(place);
  place.store->fold(1);
  CHECK(failure_of([&] { place.tamper("UPDATE journal SET number = number + 10 WHERE number > 1"); }) == damaged);
}

TEST_CASE("a slot of another store does not open this one") {
  Place place;
  fill(place);
  place.close();
  storage::Database(place.directory.file().string(), storage::Database::Access::read_write)
      .execute("UPDATE store SET uuid = zeroblob(16)");
  CHECK(place.open().locked());
}
