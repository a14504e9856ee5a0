// SPDX-License-Identifier: Apache-2.0
// Registration codes, and uses that change a factor's row.
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using storage::EventType;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
const core::Bytes secret(10, 7);

void add_code(Place& place, const core::Owner& owner, const std::string& id) {
  place.commit([&] {
    auto view = place.store->of(owner);
    view.claim();
    view.codes().add({.id = id, .kind = storage::Kind::u2f, .created = at(1), .expires = at(61)}, secret);
  });
}

}  // namespace

TEST_CASE("a registration code is its user's, opens with its secret alone, and is known over a new opening") {
  Place place;
  add_code(place, alice, "one");
  add_code(place, bob, "two");
  place.open();
  auto codes = place.store->of(alice).codes();
  const auto found = codes.find("one");
  REQUIRE(found);
  CHECK(found->kind == storage::Kind::u2f);
  CHECK(found->expires == at(61));
  CHECK(codes.opens(*found, secret));
  CHECK_FALSE(codes.opens(*found, core::Bytes(10, 8)));
  CHECK_FALSE(codes.opens(*found, core::Bytes()));
  CHECK_FALSE(codes.find("two"));
  CHECK_FALSE(codes.find("none"));
  CHECK(codes.all().size() == 1);
  CHECK(place.store->knows_code("two"));
  CHECK_FALSE(place.store->knows_code("none"));
  CHECK_FALSE(place.store->of(Mint::account("carol", 1002)).codes().find("one"));
}

TEST_CASE("one secret under two ids has two hashes") {
  Place place;
  add_code(place, alice, "one");
  add_code(place, alice, "two");
  const auto all = place.store->of(alice).codes().all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].hash != all[1].hash);
}

TEST_CASE("a registration code is kept, forgotten and taken along by nobody but its user") {
  Place place;
  add_code(place, alice, "one");
  auto code = *place.store->of(alice).codes().find("one");
  code.failures = 3;
  place.commit([&] {
    place.store->of(bob).claim();
    place.store->of(bob).codes().keep({.id = "one", .failures = 9});
    place.store->of(bob).codes().forget("one");
    place.store->of(alice).codes().keep(code);
  });
  place.open();
  CHECK(place.store->of(alice).codes().find("one")->failures == 3);
  place.commit([&] { place.store->of(bob).remove_user(change()); });
  CHECK(place.store->knows_code("one"));
  place.commit([&] { place.store->of(alice).remove_user(change()); });
  CHECK_FALSE(place.store->knows_code("one"));
}

TEST_CASE("a registration code's row opens in its own place alone") {
  Place place;
  add_code(place, alice, "one");
  add_code(place, bob, "two");
  place.tamper("UPDATE registration_code SET owner = (SELECT owner FROM registration_code WHERE id = 2) WHERE id = 1");
  CHECK(failure_of([&] { place.store->knows_code("one"); }) == "FACTORD-Data1");
  CHECK(failure_of([&] { place.store->of(bob).codes().all(); }) == "FACTORD-Data1");
}

TEST_CASE("a use that changes the row counts, has its event, and is not laid over the row again") {
  Place place;
  place.commit([&] { place.store->of(alice).add(recovery_codes("id"), {}, change(1)); });
  for (const std::int64_t second : {2, 3}) {
    place.commit([&] {
      auto set = *place.store->of(alice).factor("id");
      set.recovery.hashes.pop_back();
      place.store->of(alice).use_up(std::move(set), {}, change(second));
    });
    for (int opening = 0; opening < 2; ++opening, place.open()) {
      const auto set = *place.store->of(alice).factor("id");
      CHECK(set.use_count == static_cast<std::uint64_t>(second - 1));
      CHECK(set.last_used == at(second));
      CHECK(set.changed == at(second));
      CHECK(set.created == at(1));
      CHECK(set.recovery.hashes.size() == static_cast<std::size_t>(3 - second));
      CHECK(place.store->of(alice).position().sequence == static_cast<std::uint64_t>(second));
    }
    place.store->fold(10);
  }
  const auto events = place.store->events(1, 10);
  REQUIRE(events.size() == 2);
  CHECK(events[1].type == EventType::factor_used);
  CHECK(events[1].use->count == 2);
}

TEST_CASE("a use that changes the row is undone with its savepoint") {
  Place place;
  place.commit([&] { place.store->of(alice).add(recovery_codes("id"), {}, change(1)); });
  place.commit([&] {
    CHECK_THROWS_AS(place.store->savepoint([&] {
      auto set = *place.store->of(alice).factor("id");
      set.recovery.hashes.clear();
      place.store->of(alice).use_up(std::move(set), {}, change(2));
      throw std::runtime_error("undone");
    }),
                    std::runtime_error);
  });
  const auto set = *place.store->of(alice).factor("id");
  CHECK(set.use_count == 0);
  CHECK(set.recovery.hashes.size() == 2);
}
