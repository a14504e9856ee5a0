// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "daemon/batch.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/storage/faulty_vfs.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using namespace factord::tests;
using daemon::Batch;
using ipc::Effect;

namespace {

const auto alice = Mint::account("alice", 1000);

struct Upkeep {
  Loop loop;
  Place place;
  std::optional<Batch> batch;
};

}  // namespace

TEST_CASE("uses of factors are written back into the rows after a while, and as many as there are") {
  Upkeep upkeep;
  const auto carol = Mint::account("carol", 1002);
  for (const auto& owner : {alice, carol})
    upkeep.place.commit([&] { upkeep.place.store->of(owner).add(totp("a" + owner.user_id()), seed(), change()); });
  upkeep.batch.emplace(upkeep.loop.get(), *upkeep.place.store, Batch::Bounds{.folding = std::chrono::microseconds(1)});
  for (const auto& owner : {alice, carol})
    CHECK_FALSE(upkeep.batch->attempt(
        Effect::writes, [&] { upkeep.place.store->of(owner).use("a" + owner.user_id(), {.step = 7}, change()); }));
  upkeep.batch->close();
  CHECK(upkeep.place.store->unfolded() == 2);
  upkeep.loop.until([&] { return !upkeep.place.store->owes_folding(); });
  CHECK(upkeep.place.store->of(alice).factor("aalice")->totp.last_step == 7);
}

TEST_CASE("a journal that grew long without a use is not read from its beginning at the next opening") {
  Upkeep upkeep;
  upkeep.place.commit([&] {
    upkeep.place.store->of(alice).claim();
    for (int i = 0; i < 4096; ++i) upkeep.place.store->of(alice).note(storage::EventType::user_locked, {}, change());
  });
  CHECK_FALSE(upkeep.place.store->owes_folding());
  upkeep.place.commit([&] { upkeep.place.store->of(alice).note(storage::EventType::user_locked, {}, change()); });
  CHECK(upkeep.place.store->owes_folding());
  upkeep.batch.emplace(upkeep.loop.get(), *upkeep.place.store, Batch::Bounds{.folding = std::chrono::microseconds(1)});
  upkeep.loop.until([&] { return !upkeep.place.store->owes_folding(); });
}

TEST_CASE("when the transaction is given up under an operation, uses of factors in it are none") {
  FaultyDisk disk;
  Upkeep upkeep;
  upkeep.batch.emplace(upkeep.loop.get(), *upkeep.place.store);
  auto view = upkeep.place.store->of(alice);
  upkeep.place.commit([&] { view.add(totp("a"), seed(), change()); });
  CHECK_FALSE(upkeep.batch->attempt(Effect::writes, [&] { view.use("a", {.step = 7}, change()); }));
  CHECK(upkeep.batch->attempt(Effect::writes, [&] {
    auto large = passkey("large", "large");
    large.webauthn.public_key.resize(4'000'000);  // more than the page cache takes before it writes
    disk.fail_after(0, SQLITE_FULL);
    view.add(large, {}, change());
  }));
  disk.heal();
  REQUIRE_FALSE(upkeep.batch->is_open());
  CHECK(view.position().sequence == 1);
  CHECK_FALSE(view.factor("a")->totp.last_step);
  upkeep.place.commit([&] { view.add(totp("b"), seed(), change()); });
  CHECK(view.position().sequence == 2);
}
