// SPDX-License-Identifier: Apache-2.0
// What is written comes back, and the numbers that go with it.
#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using storage::EventType;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto bob = Mint::account("bob", 1001);

}  // namespace

TEST_CASE("a passkey comes back as it was added, also after the store was opened anew") {
  Place place;
  auto added = passkey("id1", "credential");
  place.commit([&] { place.store->of(alice).add(added, {}, change(5)); });
  place.open();
  const auto read = place.store->of(alice).factor("id1");
  REQUIRE(read);
  CHECK(read->kind == storage::Kind::passkey);
  CHECK(read->state == storage::State::ready);
  CHECK(read->name == added.name);
  CHECK(read->created == at(5));
  CHECK(read->changed == at(5));
  CHECK(read->last_used == core::Time{});
  CHECK_FALSE(read->expires);
  const auto &left = read->webauthn, &right = added.webauthn;
  CHECK(left.domain == right.domain);
  CHECK(left.appid.empty());
  CHECK(left.challenge.empty());
  CHECK(left.user_verification == right.user_verification);
  CHECK(left.credential_id == right.credential_id);
  CHECK(left.public_key == right.public_key);
  CHECK(left.algorithm == -7);
  CHECK(left.sign_count == 41);
  CHECK(left.aaguid == right.aaguid);
  CHECK(left.attestation == right.attestation);
  CHECK(left.transports == right.transports);
  CHECK(left.user_verified);
  CHECK_FALSE(left.backup_eligible);
  CHECK(left.backed_up);
}

TEST_CASE("a TOTP factor and its seed come back as they were added") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("id1"), seed(), change(5)); });
  place.open();
  auto view = place.store->of(alice);
  const auto read = view.factor("id1");
  REQUIRE(read);
  CHECK(read->kind == storage::Kind::totp);
  CHECK(read->state == storage::State::not_ready);
  CHECK(read->expires == at(600));
  CHECK(read->totp.algorithm == "SHA256");
  CHECK(read->totp.digits == 8);
  CHECK(read->totp.period == 60);
  CHECK_FALSE(read->totp.last_step);
  CHECK(std::ranges::equal(seed_of(view, "id1"), seed()));
}

TEST_CASE("seeds of every length up to the largest come back") {
  Place place;
  const std::size_t size = GENERATE(1, 20, 64, 125, 126, 127, 128, 1024, 4094);
  const core::Bytes bytes(size, 0x5a);
  place.commit([&] { place.store->of(alice).add(totp("id1"), bytes, change()); });
  CHECK(std::ranges::equal(seed_of(place.store->of(alice), "id1"), bytes));
}

TEST_CASE("a seed beyond the largest is refused as an argument") {
  Place place;
  place.store->begin();
  CHECK(failure_of([&] { place.store->of(alice).add(totp("id1"), core::Bytes(4095), change()); }) == "FACTORD-Arg1");
}

TEST_CASE("the seed of a factor without one is damage") {
  Place place;
  place.commit([&] { place.store->of(alice).add(passkey("id1", "c"), {}, change()); });
  CHECK(failure_of([&] { seed_of(place.store->of(alice), "id1"); }) == "FACTORD-Data1");
  CHECK(failure_of([&] { seed_of(place.store->of(alice), "other"); }) == "FACTORD-Data1");
}

TEST_CASE("an update keeps the time of creation and moves the time of change") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("id1"), seed(), change(1)); });
  auto factor = *place.store->of(alice).factor("id1");
  factor.state = storage::State::ready;
  factor.expires.reset();
  factor.totp.last_step = 0;
  factor.created = at(999);
  const auto position =
      place.commit([&] { return place.store->of(alice).update(factor, EventType::factor_verified, change(2)); });
  CHECK(position.sequence == 2);
  CHECK(position.changed == at(2));
  CHECK(position.created == at(1));
  const auto read = place.store->of(alice).factor("id1");
  CHECK(read->state == storage::State::ready);
  CHECK_FALSE(read->expires);
  CHECK(read->totp.last_step == 0);
  CHECK(read->created == at(1));
  CHECK(read->changed == at(2));
  CHECK(std::ranges::equal(seed_of(place.store->of(alice), "id1"), seed()));
}

TEST_CASE("factors are listed in the order of their creation") {
  Place place;
  place.commit([&] {
    for (const char* id : {"c", "a", "b"}) place.store->of(alice).add(totp(id), seed(), change());
  });
  const auto factors = place.store->of(alice).factors();
  REQUIRE(factors.size() == 3);
  CHECK(factors[0].id == "c");
  CHECK(factors[1].id == "a");
  CHECK(factors[2].id == "b");
}

TEST_CASE("sequences count per user, from one, without gaps") {
  Place place;
  place.commit([&] {
    auto view = place.store->of(alice);
    CHECK(view.add(passkey("a", "1"), {}, change(1)).sequence == 1);
    CHECK(place.store->of(bob).add(passkey("x", "2"), {}, change(2)).sequence == 1);
    CHECK(view.add(passkey("b", "3"), {}, change(3)).sequence == 2);
    CHECK(view.remove("a", change(4)).sequence == 3);
  });
  CHECK(place.store->of(alice).position().sequence == 3);
  CHECK(place.store->of(alice).position().changed == at(4));
  CHECK(place.store->of(alice).position().created == at(1));
  CHECK(place.store->of(bob).position().sequence == 1);
}

TEST_CASE("a removal tells the creation of what it removed, and the id is dead") {
  Place place;
  place.commit([&] { place.store->of(alice).add(passkey("a", "1"), {}, change(1)); });
  const auto position = place.commit([&] { return place.store->of(alice).remove("a", change(9)); });
  CHECK(position.created == at(1));
  CHECK(position.changed == at(9));
  CHECK_FALSE(place.store->of(alice).factor("a"));
  CHECK(place.store->of(alice).factors().empty());
  place.store->begin();
  CHECK_THROWS_AS(place.store->of(alice).remove("a", change()), std::logic_error);
  CHECK_THROWS_AS(place.store->of(alice).update(passkey("a", "1"), EventType::factor_renamed, change()),
                  std::logic_error);
}

TEST_CASE("discarding a pending registration adds no event") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("a"), seed(), change(1)); });
  place.commit([&] {
    place.store->of(alice).discard("a");
    place.store->of(alice).discard("never");
  });
  CHECK(place.store->of(alice).factors().empty());
  CHECK(place.store->of(alice).position().sequence == 1);
  CHECK(place.store->events(0, 10).size() == 1);
}

TEST_CASE("the journal tells who did what to whom and when, over a new opening") {
  Place place;
  const auto carol = Mint::registered("acme", "carol");
  place.commit([&] { place.store->of(carol).add_user("Carol", change(1)); });
  place.open();
  place.commit([&] { place.store->of(carol).add(totp("t"), seed(), {at(2), 77}); });
  const auto events = place.store->events(0, 10);
  REQUIRE(events.size() == 2);
  CHECK(events[0].number == 1);
  CHECK(events[0].type == EventType::user_added);
  CHECK(events[0].factor_id.empty());
  CHECK_FALSE(events[0].kind);
  CHECK(events[1].number == 2);
  CHECK(events[1].type == EventType::factor_added);
  CHECK(events[1].at == at(2));
  CHECK(events[1].actor == 77);
  CHECK(events[1].organization == "acme");
  CHECK(events[1].user_id == "carol");
  CHECK(events[1].sequence == 2);
  CHECK(events[1].factor_id == "t");
  CHECK(events[1].kind == storage::Kind::totp);
  CHECK(place.store->events(1, 10).size() == 1);
  CHECK(place.store->events(0, 1).size() == 1);
  CHECK(place.store->events(2, 10).empty());
}

TEST_CASE("a credential id is found in the whole store, and only while it is registered") {
  Place place;
  using storage::Holder;
  const auto id = core::bytes_of("credential");
  CHECK(place.store->of(alice).credential_holder(id) == Holder::nobody);
  auto pending = passkey("a", "");
  place.commit([&] { place.store->of(alice).add(pending, {}, change()); });
  CHECK(place.store->of(alice).credential_holder({}) == Holder::nobody);
  place.commit(
      [&] { place.store->of(alice).update(passkey("a", "credential"), EventType::factor_verified, change()); });
  CHECK(place.store->of(alice).credential_holder(id) == Holder::owner);
  CHECK(place.store->of(bob).credential_holder(id) == Holder::other);
  CHECK(place.store->of(Mint::registered("acme", "alice")).credential_holder(id) == Holder::other);
  place.commit([&] { place.store->of(alice).remove("a", change()); });
  CHECK(place.store->of(alice).credential_holder(id) == Holder::nobody);
}

TEST_CASE("the defaults stay those of the store's birth") {
  Place place;
  place.close();
  auto store = storage::Store::open(place.directory.path(), &place.key, {"other", "renamed.example"}, place.random);
  CHECK(store->default_organization() == "local");
  CHECK(store->default_domain() == "host.example");
}
