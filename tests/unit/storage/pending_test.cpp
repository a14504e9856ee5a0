// SPDX-License-Identifier: Apache-2.0
// Registrations that are pending, counted by who has begun them.
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);
const auto carol = Mint::registered("acme", "carol");

storage::Factor begun_by(uid_t uid, const std::string& id, std::int64_t until = 600) {
  auto factor = totp(id);
  factor.expires = at(until);
  factor.begun_by = uid;
  return factor;
}

void add(Place& place, const core::Owner& owner, storage::Factor factor) {
  place.store->of(owner).add(std::move(factor), seed(), change());
}

void fill(Place& place) {
  place.commit([&] {
    place.store->of(carol).add_user("Carol", change());
    add(place, alice, begun_by(1000, "a1"));
    add(place, bob, begun_by(1000, "b1", 300));
    add(place, carol, begun_by(1000, "c1"));
    add(place, bob, begun_by(1001, "b2"));
    add(place, bob, totp("of-nobody"));
  });
}

std::uint32_t pending(Place& place, uid_t uid, std::int64_t now = 0) {
  return place.commit([&] { return place.store->pending_begun_by(uid, at(now)); });
}

}  // namespace

TEST_CASE("registrations are counted by who has begun them, over all users, and over a new opening") {
  Place place;
  fill(place);
  for (int i = 0; i < 2; ++i) {
    CHECK(pending(place, 1000) == 3);
    CHECK(pending(place, 1001) == 1);
    CHECK(pending(place, 1002) == 0);
    place.close();
    place.open();
  }
}

TEST_CASE("a registration counts until it is verified, removed, discarded, or its user goes") {
  Place place;
  fill(place);
  place.commit([&] {
    auto ready = *place.store->of(alice).factor("a1");
    ready.state = storage::State::ready;
    ready.expires.reset();
    ready.begun_by.reset();
    place.store->of(alice).update(ready, storage::EventType::factor_verified, change());
  });
  CHECK(pending(place, 1000) == 2);
  place.commit([&] { place.store->of(carol).remove_user(change()); });
  CHECK(pending(place, 1000) == 1);
  place.commit([&] { place.store->of(bob).discard("b1"); });
  CHECK(pending(place, 1000) == 0);
  place.commit([&] { place.store->of(bob).remove("b2", change()); });
  CHECK(pending(place, 1001) == 0);
}

TEST_CASE("what has expired does not count, and is discarded on the way without an event") {
  Place place;
  fill(place);
  const auto events = place.store->events(0, 100).size();
  CHECK(pending(place, 1000, 300) == 2);
  CHECK_FALSE(place.store->of(bob).factor("b1"));
  CHECK(place.store->of(bob).factor("b2"));
  CHECK(place.store->of(alice).factor("a1"));
  CHECK(place.store->events(0, 100).size() == events);
  CHECK(place.store->owes_truncation());
}

TEST_CASE("what was counted in an operation that is undone stays") {
  Place place;
  fill(place);
  struct Refused {};
  place.commit([&] {
    CHECK_THROWS_AS(place.store->savepoint([&] {
      CHECK(place.store->pending_begun_by(1000, at(300)) == 2);
      throw Refused();
    }),
                    Refused);
  });
  CHECK(place.store->of(bob).factor("b1"));
  CHECK(pending(place, 1000, 299) == 3);
}

TEST_CASE("a registration that does not open any more counts, and is no reason to refuse others") {
  Place place;
  fill(place);
  place.tamper("UPDATE factor SET sealed = zeroblob(length(sealed)) WHERE id = 1");
  CHECK(pending(place, 1000, 300) == 2);
  CHECK(pending(place, 1001) == 1);
}

TEST_CASE("registrations of one uid that another person's factors share a hash with are told apart") {
  Place place;
  fill(place);
  place.tamper("UPDATE factor SET credential_hash = (SELECT credential_hash FROM factor WHERE id = 1)");
  CHECK(pending(place, 1000) == 3);
}
