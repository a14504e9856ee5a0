// SPDX-License-Identifier: Apache-2.0
// The layers under the store by themselves: seals, key slots, look-ups, migrations.
#include <set>

#include "storage/lookup.hpp"
#include "storage/migrations.hpp"
#include "storage/seal.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using namespace factord::storage;
using factord::storage::Table;

namespace {

constexpr auto damaged = "FACTORD-Data1";

struct Bench {
  CountingRandom random;
  core::Secret data_key = core::Secret::random(key_size, random);
  std::shared_ptr<const Keyring> keyring = std::make_shared<const Keyring>(data_key, 1);
  core::Bytes store_id = core::Bytes(store_id_size, 9);
  Sealer sealer{keyring, store_id, random};
};

const factord::storage::Place here{Table::factor, 5, 3, 2};

}  // namespace

TEST_CASE("what was sealed opens at its place and at no other") {
  Bench bench;
  const auto sealed = bench.sealer.seal(here, "record");
  CHECK(bench.sealer.open(here, sealed) == "record");
  for (const auto& other :
       {factord::storage::Place{Table::owner, 5, 3, 2}, factord::storage::Place{Table::factor, 6, 3, 2},
        factord::storage::Place{Table::factor, 5, 4, 2}, factord::storage::Place{Table::factor, 5, 3, 3}}) {
    CHECK(failure_of([&] { bench.sealer.open(other, sealed); }) == damaged);
  }
}

TEST_CASE("what was sealed opens in no other store and under no other key") {
  Bench bench;
  const auto sealed = bench.sealer.seal(here, "record");
  Sealer elsewhere(bench.keyring, core::Bytes(store_id_size, 8), bench.random);
  CHECK(failure_of([&] { elsewhere.open(here, sealed); }) == damaged);
  const auto other_key = core::Secret::random(key_size, bench.random);
  Sealer other(std::make_shared<const Keyring>(other_key, 1), bench.store_id, bench.random);
  CHECK(failure_of([&] { other.open(here, sealed); }) == damaged);
  Sealer later(std::make_shared<const Keyring>(bench.data_key, 2), bench.store_id, bench.random);
  CHECK(failure_of([&] { later.open(here, sealed); }) == damaged);
}

TEST_CASE("records of every length come back, padding or not") {
  Bench bench;
  for (std::size_t size = 0; size < 1100; ++size) {
    const std::string record(size, size % 2 == 0 ? '\0' : '\x80');
    REQUIRE(bench.sealer.open(here, bench.sealer.seal(here, record)) == record);
  }
}

TEST_CASE("a record and a key slot are not open to each other's keys") {
  Bench bench;
  std::set<std::string> keys;
  for (const auto use :
       {SubKey::store, SubKey::owner, SubKey::factor, SubKey::seed, SubKey::journal, SubKey::lookup, SubKey::chain}) {
    keys.insert(std::string(core::text_of(bench.keyring->key(use))));
  }
  CHECK(keys.size() == 7);
  CHECK_FALSE(keys.contains(std::string(bench.data_key.text())));
}

TEST_CASE("a key slot opens with its master key, in its place and store only") {
  Bench bench;
  const auto master = core::Secret::random(key_size, bench.random);
  KeySlot slot{1, SlotType::credential, 1, {}};
  wrap(slot, bench.store_id, bench.data_key, master, bench.random);
  REQUIRE(unwrap(slot, bench.store_id, master));
  CHECK(std::ranges::equal(unwrap(slot, bench.store_id, master)->view(), bench.data_key.view()));
  CHECK_FALSE(unwrap(slot, bench.store_id, bench.data_key));
  CHECK_FALSE(unwrap(slot, core::Bytes(store_id_size, 1), master));
  auto other = slot;
  other.row = 2;
  CHECK_FALSE(unwrap(other, bench.store_id, master));
  other = slot;
  other.generation = 2;
  CHECK_FALSE(unwrap(other, bench.store_id, master));
  other = slot;
  other.wrapped.back() ^= 1;
  CHECK_FALSE(unwrap(other, bench.store_id, master));
  other.wrapped.pop_back();
  CHECK_FALSE(unwrap(other, bench.store_id, master));
}

TEST_CASE("look-up hashes differ by key, by subject and by field") {
  Bench bench;
  const Lookup lookup(*bench.keyring);
  const auto other_key = core::Secret::random(key_size, bench.random);
  const Keyring other(other_key, 1);
  CHECK(lookup.owner("a", "bc") == lookup.owner("a", "bc"));
  CHECK(lookup.owner("a", "bc") != lookup.owner("ab", "c"));
  CHECK(lookup.owner("a", "bc") != Lookup(other).owner("a", "bc"));
  CHECK(lookup.factor(1, "id") != lookup.factor(2, "id"));
  CHECK(lookup.uid(std::nullopt, 1) != lookup.uid(std::nullopt, 2));
  CHECK(lookup.uid(7, 1) == lookup.uid(7, 2));
  CHECK(lookup.uid(1, 0) != lookup.uid(std::nullopt, 1));
  CHECK(lookup.credential({}, 1) != lookup.credential({}, 2));
  CHECK(lookup.beginner(7) != lookup.beginner(8));
  CHECK(lookup.beginner(7) != lookup.uid(7, 0));
}

TEST_CASE("migrations run each missing step once") {
  Directory directory;
  write(directory.file(), "");
  Database database(directory.file().string(), Database::Access::read_write);
  const char* const steps[] = {"CREATE TABLE one (n INTEGER)",
                               "INSERT INTO one VALUES (1); CREATE TABLE two (n INTEGER)"};
  migrate(database, std::span(steps).first(1));
  CHECK(database.integer("PRAGMA user_version") == 1);
  migrate(database, steps);
  migrate(database, steps);
  CHECK(database.integer("PRAGMA user_version") == 2);
  CHECK(database.integer("SELECT count(*) FROM one") == 1);
}

TEST_CASE("a migration that fails leaves the store at the version it had") {
  Directory directory;
  write(directory.file(), "");
  Database database(directory.file().string(), Database::Access::read_write);
  const char* const steps[] = {"CREATE TABLE one (n INTEGER)", "CREATE TABLE two (n INTEGER)",
                               "CREATE TABLE one (n INTEGER)"};
  migrate(database, std::span(steps).first(1));
  CHECK(failure_of([&] { migrate(database, steps); }) == "FACTORD-Ava1");
  CHECK_FALSE(database.in_transaction());
  CHECK(database.integer("PRAGMA user_version") == 1);
  CHECK(database.integer("SELECT count(*) FROM sqlite_master") == 1);
}
