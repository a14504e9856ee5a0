// SPDX-License-Identifier: Apache-2.0
// What a commit gives: the events that are durable now, for those who are told of them.
#include "storage/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using storage::EventType;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto carol = Mint::registered("acme", "carol");

using Told = std::vector<std::pair<EventType, std::string>>;

Told told(const std::vector<storage::Event>& events) {
  Told told;
  for (const auto& event : events) told.emplace_back(event.type, event.factor_id);
  return told;
}

struct Refused {};

void add(Place& place, const std::string& id) { place.store->of(alice).add(totp(id), seed(), change()); }

}  // namespace

TEST_CASE("a commit gives the events of its transaction, in order, as the journal has them") {
  Place place;
  place.store->begin();
  add(place, "a");
  add(place, "b");
  place.store->of(alice).remove("a", change(1));
  const auto events = place.store->commit();
  CHECK(told(events) ==
        Told{{EventType::factor_added, "a"}, {EventType::factor_added, "b"}, {EventType::factor_removed, "a"}});
  CHECK(events.back().number == 3);
  CHECK(events.back().sequence == 3);
  CHECK(events.back().user_id == "alice");
  CHECK(events.back().organization == "local");
  CHECK(events.back().kind == storage::Kind::totp);
  place.store->begin();
  CHECK(place.store->commit().empty());
}

TEST_CASE("what was undone is not told: a savepoint, one within another, a whole transaction") {
  Place place;
  place.store->begin();
  add(place, "kept");
  CHECK_THROWS_AS(place.store->savepoint([&] {
    add(place, "lost");
    throw Refused();
  }),
                  Refused);
  place.store->savepoint([&] {
    add(place, "outer");
    CHECK_THROWS_AS(place.store->savepoint([&] {
      add(place, "inner");
      throw Refused();
    }),
                    Refused);
  });
  CHECK(told(place.store->commit()) == Told{{EventType::factor_added, "kept"}, {EventType::factor_added, "outer"}});
  place.store->begin();
  add(place, "gone");
  place.store->rollback();
  place.store->begin();
  CHECK(place.store->commit().empty());
}

TEST_CASE("the removal of a user is told of each factor that goes along, which the journal is not") {
  Place place;
  auto expired = totp("expired");
  expired.expires = at(5);
  place.commit([&] {
    place.store->of(carol).add_user("Carol", change());
    place.store->of(carol).add(passkey("key", "credential"), {}, change());
    place.store->of(carol).add(totp("pending"), seed(), change());
    place.store->of(carol).add(expired, seed(), change());
  });
  place.store->begin();
  place.store->of(carol).remove_user(change(5));
  const auto events = place.store->commit();
  CHECK(told(events) == Told{{EventType::factor_removed, "key"},
                             {EventType::factor_removed, "pending"},
                             {EventType::user_removed, ""}});
  CHECK(events.front().number == 0);
  CHECK(events.front().user_id == "carol");
  CHECK(events.front().kind == storage::Kind::passkey);
  CHECK(place.store->events(0, 100).size() == 5);
}

TEST_CASE("a user whose factors do not open can be removed nevertheless") {
  Place place;
  place.commit([&] { add(place, "a"); });
  place.tamper("UPDATE factor SET sealed = zeroblob(length(sealed))");
  place.store->begin();
  place.store->of(alice).remove_user(change());
  CHECK(told(place.store->commit()) == Told{{EventType::user_removed, ""}});
  CHECK_FALSE(place.store->of(alice).user());
}
