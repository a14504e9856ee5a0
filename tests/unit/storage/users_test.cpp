// SPDX-License-Identifier: Apache-2.0
// Users: who exists, to which account a record is bound, what organizations keep apart.
#include <set>

#include "tests/support/catch.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const auto alice = Mint::account("alice", 1000);
const auto carol = Mint::registered("acme", "carol");
constexpr auto not_found = "COMMAND-M9dsd";
constexpr auto binding_changed = "FACTORD-Bind1";

}  // namespace

TEST_CASE("a Unix account exists without a record and gets one at first use, without an event") {
  Place place;
  place.store->of(alice).require_user();
  CHECK_FALSE(place.store->of(alice).user());
  const auto claimed = place.commit([&] { return place.store->of(alice).claim(); });
  CHECK(claimed.uid == uid_t{1000});
  CHECK(claimed.handle.size() == 32);
  CHECK(claimed.sequence == 0);
  CHECK(place.commit([&] { return place.store->of(alice).claim(); }).handle == claimed.handle);
  CHECK(place.store->of(alice).user()->handle == claimed.handle);
  CHECK(place.store->of(alice).position().sequence == 0);
  CHECK(place.store->events(0, 10).empty());
}

TEST_CASE("an account that is gone is not found, record or not") {
  Place place;
  const auto gone = Mint::missing_account("alice");
  CHECK(failure_of([&] { place.store->of(gone).require_user(); }) == not_found);
  place.commit([&] { place.store->of(alice).claim(); });
  CHECK(failure_of([&] { place.store->of(gone).require_user(); }) == not_found);
}

TEST_CASE("a name with another uid, and a uid with another name, answer that the binding changed") {
  Place place;
  place.commit([&] { place.store->of(alice).claim(); });
  const auto same_name = Mint::account("alice", 2000);
  const auto same_uid = Mint::account("eve", 1000);
  CHECK(failure_of([&] { place.store->of(same_name).require_user(); }) == binding_changed);
  CHECK(failure_of([&] { place.store->of(same_uid).require_user(); }) == binding_changed);
  place.store->begin();
  CHECK(failure_of([&] { place.store->of(same_name).claim(); }) == binding_changed);
  CHECK(failure_of([&] { place.store->of(same_uid).claim(); }) == binding_changed);
  CHECK(failure_of([&] { place.store->of(same_uid).add(passkey("a", "b"), {}, change()); }) == binding_changed);
}

TEST_CASE("rebinding gives the record the account's present uid") {
  Place place;
  place.commit([&] { place.store->of(alice).add(passkey("a", "b"), {}, change(1)); });
  const auto moved = Mint::account("alice", 2000);
  const auto position = place.commit([&] { return place.store->of(moved).rebind(change(2)); });
  CHECK(position.sequence == 2);
  place.store->of(moved).require_user();
  CHECK(place.store->of(moved).user()->uid == uid_t{2000});
  CHECK(place.store->of(moved).factor("a"));
  place.store->of(Mint::account("newcomer", 1000)).require_user();
}

TEST_CASE("rebinding to a uid that another record holds is refused") {
  Place place;
  place.commit([&] {
    place.store->of(alice).claim();
    place.store->of(Mint::account("bob", 1001)).claim();
  });
  place.store->begin();
  CHECK(failure_of([&] { place.store->of(Mint::account("bob", 1000)).rebind(change()); }) == binding_changed);
  CHECK(failure_of([&] { place.store->of(Mint::account("eve", 1002)).rebind(change()); }) == not_found);
  CHECK(failure_of([&] { place.store->of(Mint::missing_account("alice")).rebind(change()); }) == not_found);
}

TEST_CASE("the record of an account that is gone can be removed, which frees name and uid") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("t"), seed(), change(1)); });
  const auto position =
      place.commit([&] { return place.store->of(Mint::missing_account("alice")).remove_user(change(2)); });
  CHECK(position.sequence == 2);
  CHECK(position.created == at(1));
  place.store->of(Mint::account("alice", 3000)).require_user();
  place.store->of(Mint::account("bob", 1000)).require_user();
  CHECK(place.store->events(0, 10).size() == 2);
}

TEST_CASE("a registered user exists from AddUser to RemoveUser") {
  Place place;
  CHECK(failure_of([&] { place.store->of(carol).require_user(); }) == not_found);
  place.store->begin();
  CHECK(failure_of([&] { place.store->of(carol).claim(); }) == not_found);
  CHECK(failure_of([&] { place.store->of(carol).add(passkey("a", "b"), {}, change()); }) == not_found);
  CHECK(failure_of([&] { place.store->of(carol).remove_user(change()); }) == not_found);
  CHECK(place.store->of(carol).add_user("Carol", change(1)).sequence == 1);
  CHECK(failure_of([&] { place.store->of(carol).add_user("Carol", change(2)); }) == "FACTORD-User1");
  place.store->commit();
  place.store->of(carol).require_user();
  CHECK(place.store->of(carol).user()->display_name == "Carol");
  CHECK(place.store->of(carol).user()->created == at(1));
  place.commit([&] { place.store->of(carol).remove_user(change(3)); });
  CHECK(failure_of([&] { place.store->of(carol).require_user(); }) == not_found);
}

TEST_CASE("the default organization takes no registered users") {
  Place place;
  place.store->begin();
  CHECK(failure_of([&] { place.store->of(alice).add_user("", change()); }) == "FACTORD-Arg1");
}

TEST_CASE("a user who is added again starts anew") {
  Place place;
  place.commit([&] {
    place.store->of(carol).add_user("", change());
    place.store->of(carol).add(totp("t"), seed(), change());
  });
  const auto handle = place.store->of(carol).user()->handle;
  place.commit([&] { place.store->of(carol).remove_user(change()); });
  CHECK(place.commit([&] { return place.store->of(carol).add_user("", change()); }).sequence == 1);
  CHECK(place.store->of(carol).user()->handle != handle);
  CHECK_FALSE(place.store->of(carol).factor("t"));
  CHECK(place.store->of(carol).factors().empty());
}

TEST_CASE("row numbers of removed users and factors are never given again") {
  Place place;
  place.commit([&] {
    place.store->of(carol).add_user("", change());
    place.store->of(carol).add(totp("t"), seed(), change());
  });
  place.commit([&] { place.store->of(carol).remove_user(change()); });
  place.commit([&] {
    place.store->of(carol).add_user("", change());
    place.store->of(carol).add(totp("t"), seed(), change());
  });
  place.close();
  storage::Database raw(place.directory.file().string(), storage::Database::Access::read_only);
  CHECK(raw.integer("SELECT id FROM owner") == 2);
  CHECK(raw.integer("SELECT id FROM factor") == 2);
}

TEST_CASE("two users with one id in two organizations share nothing") {
  Place place;
  const auto twin = Mint::registered("globex", "carol");
  place.commit([&] {
    place.store->of(carol).add_user("first", change());
    place.store->of(twin).add_user("second", change());
    place.store->of(carol).add(totp("t"), seed(), change());
  });
  CHECK_FALSE(place.store->of(twin).factor("t"));
  CHECK(place.store->of(twin).factors().empty());
  CHECK(failure_of([&] { seed_of(place.store->of(twin), "t"); }) == "FACTORD-Data1");
  CHECK(place.store->of(twin).position().sequence == 1);
  CHECK(place.store->of(twin).user()->handle != place.store->of(carol).user()->handle);
  place.commit([&] { place.store->of(twin).remove_user(change()); });
  CHECK(place.store->of(carol).factor("t"));
  CHECK(place.store->user_count(Mint::organization("acme", false)) == 1);
  CHECK(place.store->user_count(Mint::organization("globex", false)) == 0);
}

TEST_CASE("lists of fields that run together as text are different users") {
  Place place;
  place.commit([&] { place.store->of(Mint::registered("ab", "c")).add_user("", change()); });
  CHECK_FALSE(place.store->of(Mint::registered("a", "bc")).user());
}

TEST_CASE("pages of users show everybody once, also behind a user who is gone") {
  Place place;
  place.commit([&] {
    for (int i = 0; i < 25; ++i)
      place.store->of(Mint::registered("acme", "u" + std::to_string(i))).add_user("", change());
    place.store->of(Mint::registered("globex", "stranger")).add_user("", change());
  });
  const auto acme = Mint::organization("acme", false);
  CHECK(place.store->user_count(acme) == 25);
  std::set<std::string> seen;
  std::string after;
  for (auto page = place.store->users(acme, after, 7); !page.empty(); page = place.store->users(acme, after, 7)) {
    CHECK(page.size() <= 7);
    for (const auto& user : page) CHECK(seen.insert(user.user_id).second);
    after = page.back().user_id;
    place.commit([&] { place.store->of(Mint::registered("acme", after)).remove_user(change()); });
  }
  CHECK(seen.size() == 25);
  CHECK_FALSE(seen.contains("stranger"));
}

TEST_CASE("a factor does not change its kind") {
  Place place;
  place.commit([&] { place.store->of(alice).add(totp("t"), seed(), change()); });
  place.store->begin();
  CHECK_THROWS_AS(place.store->of(alice).update(passkey("t", "c"), storage::EventType::factor_renamed, change()),
                  std::logic_error);
}
