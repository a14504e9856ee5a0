// SPDX-License-Identifier: Apache-2.0
// Uses of factors: one event each, no row.
#include "core/failure.hpp"
#include "storage/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);

void fill(Place& place) {
  place.commit([&] {
    place.store->of(alice).add(totp("t1"), seed(), change());
    place.store->of(alice).add(passkey("p1", "credential"), {}, change());
    place.store->of(bob).add(totp("t2"), seed(), change());
  });
}

storage::Position use(Place& place, const core::Owner& owner, const std::string& id, std::uint64_t step,
                      std::int64_t seconds) {
  return place.commit([&] { return place.store->of(owner).use(id, {.step = step}, change(seconds)); });
}

storage::Factor factor(Place& place, const core::Owner& owner, const std::string& id) {
  return place.store->of(owner).factor(id).value();
}

std::string rows(const Place& place) {
  storage::Database database(place.directory.file().string(), storage::Database::Access::read_only);
  return database.text(
      "SELECT group_concat(hex(sealed)) FROM (SELECT sealed FROM owner UNION ALL SELECT sealed FROM factor)");
}

void reopen(Place& place) {
  place.close();
  place.open();
}

}  // namespace

TEST_CASE("a use is an event of the user and changes no row") {
  Place place;
  fill(place);
  const std::string before = rows(place);
  const auto position = use(place, alice, "t1", 77, 60);
  CHECK(position.sequence == 3);
  CHECK(position.changed == at(60));
  CHECK(position.created == at(0));
  CHECK(rows(place) == before);
  const auto events = place.store->events(3, 10);
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == storage::EventType::factor_used);
  CHECK(events[0].factor_id == "t1");
  CHECK(events[0].use->step == 77);
  CHECK(events[0].use->count == 1);
}

TEST_CASE("a use is seen at once and after every opening, and by no other factor") {
  Place place;
  fill(place);
  use(place, alice, "t1", 77, 60);
  use(place, alice, "t1", 78, 90);
  place.commit([&] { place.store->of(alice).use("p1", {.sign_count = 9, .backed_up = true}, change(95)); });
  for (int i = 0; i < 2; ++i) {
    const auto totp = factor(place, alice, "t1");
    CHECK(totp.totp.last_step == 78);
    CHECK(totp.use_count == 2);
    CHECK(totp.last_used == at(90));
    CHECK(totp.created == at(0));
    const auto passkey = factor(place, alice, "p1");
    CHECK(passkey.webauthn.sign_count == 9);
    CHECK(passkey.webauthn.backed_up);
    CHECK(passkey.use_count == 1);
    CHECK_FALSE(factor(place, bob, "t2").totp.last_step);
    CHECK(place.store->of(alice).position().sequence == 5);
    CHECK(place.store->of(alice).position().changed == at(95));
    CHECK(place.store->of(bob).position().sequence == 1);
    CHECK(place.store->unfolded() == 1);
    reopen(place);
  }
}

TEST_CASE("a use that was committed outlives a daemon that is killed") {
  Place place;
  fill(place);
  place.close();
  CHECK(in_child([&] {
          place.open();
          use(place, alice, "t1", 77, 60);
        }) == 0);
  place.open();
  CHECK(factor(place, alice, "t1").totp.last_step == 77);
}

TEST_CASE("a use that is undone leaves what was before") {
  Place place;
  fill(place);
  use(place, alice, "t1", 77, 60);
  struct Refused {};
  place.commit([&] {
    place.store->of(bob).use("t2", {.step = 70}, change(61));
    CHECK_THROWS_AS(place.store->savepoint([&] {
      place.store->of(alice).use("t1", {.step = 78}, change(62));
      place.store->of(alice).use("p1", {.sign_count = 3}, change(62));
      place.store->of(bob).use("t2", {.step = 71}, change(62));
      throw Refused();
    }),
                    Refused);
    CHECK(factor(place, alice, "t1").totp.last_step == 77);
    CHECK(factor(place, alice, "p1").use_count == 0);
    CHECK(factor(place, bob, "t2").totp.last_step == 70);
  });
  place.store->begin();
  place.store->of(alice).use("t1", {.step = 79}, change(63));
  place.store->of(bob).use("t2", {.step = 72}, change(63));
  place.store->rollback();
  for (int i = 0; i < 2; ++i) {
    CHECK(factor(place, alice, "t1").totp.last_step == 77);
    CHECK(factor(place, alice, "t1").use_count == 1);
    CHECK(factor(place, bob, "t2").totp.last_step == 70);
    CHECK(place.store->of(alice).position().sequence == 3);
    CHECK(place.store->of(bob).position().sequence == 2);
    reopen(place);
  }
}

TEST_CASE("a first use that is undone leaves nothing") {
  Place place;
  fill(place);
  place.store->begin();
  place.store->of(alice).use("t1", {.step = 77}, change(60));
  place.store->rollback();
  CHECK(place.store->unfolded() == 0);
  CHECK_FALSE(factor(place, alice, "t1").totp.last_step);
}

TEST_CASE("a change of the factor after a use keeps the use, and the next use the change") {
  Place place;
  fill(place);
  use(place, alice, "t1", 77, 60);
  place.commit([&] {
    auto renamed = factor(place, alice, "t1");
    renamed.name = "phone";
    CHECK(place.store->of(alice).update(renamed, storage::EventType::factor_renamed, change(70)).sequence == 4);
  });
  for (int i = 0; i < 2; ++i) {
    CHECK(factor(place, alice, "t1").name == "phone");
    CHECK(factor(place, alice, "t1").changed == at(70));
    CHECK(factor(place, alice, "t1").totp.last_step == 77);
    reopen(place);
  }
  CHECK(use(place, alice, "t1", 80, 90).sequence == 5);
  reopen(place);
  CHECK(factor(place, alice, "t1").totp.last_step == 80);
  CHECK(factor(place, alice, "t1").use_count == 2);
  CHECK(factor(place, alice, "t1").name == "phone");
}

TEST_CASE("folding brings uses into the rows, and the journal before is not needed any more") {
  Place place;
  fill(place);
  use(place, alice, "t1", 77, 60);
  use(place, bob, "t2", 78, 61);
  place.store->fold(10);
  CHECK(place.store->unfolded() == 0);
  place.tamper("UPDATE journal SET sealed = zeroblob(length(sealed)) WHERE number IN (4, 5)");
  CHECK(place.store->unfolded() == 0);
  CHECK(factor(place, alice, "t1").totp.last_step == 77);
  CHECK(factor(place, alice, "t1").last_used == at(60));
  CHECK(factor(place, bob, "t2").totp.last_step == 78);
  CHECK(place.store->of(alice).position().sequence == 3);
  CHECK(use(place, alice, "t1", 79, 90).sequence == 4);
}

TEST_CASE("folding goes from the oldest on, and what is left is read from the journal again") {
  Place place;
  fill(place);
  use(place, alice, "t1", 70, 60);
  use(place, bob, "t2", 71, 61);
  use(place, alice, "t1", 72, 62);
  place.store->fold(1);
  for (int i = 0; i < 2; ++i) {
    CHECK(place.store->unfolded() == 1 + std::size_t(i));  // alice's last event lies behind bob's first
    CHECK(factor(place, alice, "t1").totp.last_step == 72);
    CHECK(factor(place, alice, "t1").use_count == 2);
    CHECK(factor(place, bob, "t2").totp.last_step == 71);
    CHECK(place.store->of(alice).position().sequence == 4);
    reopen(place);
  }
  place.tamper("UPDATE journal SET sealed = zeroblob(length(sealed)) WHERE number = 4");
  CHECK(factor(place, bob, "t2").totp.last_step == 71);
}

TEST_CASE("folding passes over what was removed, and over what does not open any more") {
  Place place;
  fill(place);
  use(place, alice, "t1", 70, 60);
  use(place, bob, "t2", 71, 61);
  place.commit([&] { place.store->of(alice).remove("t1", change(62)); });
  place.tamper("UPDATE factor SET sealed = zeroblob(length(sealed)) WHERE owner = 2");
  place.store->fold(10);
  CHECK(place.store->unfolded() == 0);
  CHECK(factor(place, alice, "p1").use_count == 0);
  place.commit([&] { place.store->of(alice).remove_user(change(63)); });
  reopen(place);
  CHECK_FALSE(place.store->of(alice).user());
}

TEST_CASE("nothing is folded into an open transaction") {
  Place place;
  fill(place);
  use(place, alice, "t1", 70, 60);
  place.store->begin();
  place.store->fold(10);
  CHECK(place.store->in_transaction());
  place.store->rollback();
  CHECK(place.store->unfolded() == 1);
}

TEST_CASE("a store whose latest events do not open is not opened: spent codes would be good again") {
  Place place;
  fill(place);
  use(place, alice, "t1", 70, 60);
  place.close();
  {
    storage::Database database(place.directory.file().string(), storage::Database::Access::read_write);
    database.execute("UPDATE journal SET sealed = zeroblob(length(sealed)) WHERE number = 4");
  }
  CHECK(failure_of([&] { place.open(); }) == core::failure::record_damaged.id);
}

TEST_CASE("who was right with a code is known by caller and source, with a row of guesses or without") {
  Place place;
  fill(place);
  const storage::BudgetKey there{storage::Kind::totp, 1000, "tty1"}, elsewhere{storage::Kind::totp, 1000, "tty2"};
  place.commit([&] {
    place.store->of(alice).keep({.key = elsewhere, .failures = 2, .last_failure = at(1)});
    place.store->of(alice).use("t1", {.step = 77, .source = "tty1"}, change(60));
    place.store->of(alice).use("t1", {.step = 78, .source = "tty2"}, change(61));
    place.store->of(alice).use("p1", {.sign_count = 1}, change(62));  // nobody guesses at those
  });
  for (int i = 0; i < 3; ++i) {
    CHECK(place.store->of(alice).budget(there)->last_success == at(60));
    CHECK(place.store->of(alice).budget(elsewhere)->last_success == at(61));
    CHECK(place.store->of(alice).budget(elsewhere)->failures == 2);
    CHECK(place.store->of(alice).budgets().size() == 2);
    CHECK_FALSE(place.store->of(alice).budget({storage::Kind::totp, 1001, "tty1"}));
    CHECK_FALSE(place.store->of(alice).budget({storage::Kind::passkey, 1000, ""}));
    CHECK_FALSE(place.store->of(bob).budget(there));
    i == 0 ? reopen(place) : place.store->fold(10);
  }
}

TEST_CASE("a success that is undone was none") {
  Place place;
  fill(place);
  place.store->begin();
  place.store->of(alice).use("t1", {.step = 77, .source = "tty1"}, change(60));
  place.store->rollback();
  CHECK_FALSE(place.store->of(alice).budget({storage::Kind::totp, 1000, "tty1"}));
}
