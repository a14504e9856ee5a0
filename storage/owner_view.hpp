// SPDX-License-Identifier: Apache-2.0
// One user's rows, and the only way to them. Made by Store::of(); cheap; valid while the store is. Changes need an open
// transaction. Errors as in storage/store.hpp. Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/owner.hpp"
#include "storage/budget.hpp"
#include "storage/code_view.hpp"
#include "storage/event.hpp"
#include "storage/factor.hpp"

namespace factord::storage {

class Store;

enum class Holder { nobody, owner, other };
enum class Lock : bool { open, locked };

class OwnerView {
 public:
  // The user's record; nothing where there is none yet (a Unix user before first use; an unknown user).
  std::optional<User> user();
  // Throws user_not_found unless the user exists (a record, or a Unix account without one), and binding_changed where
  // the account's name and uid are not those of the record any more. Gives the record.
  std::optional<User> require_user();
  // The user's record, made and bound now if this Unix user has none. Throws as require_user(). A new record is no
  // event.
  User claim();

  Position position();            // zeros without events; `created` is the user's first event
  std::vector<Factor> factors();  // in order of creation; pending ones too, also expired ones
  std::optional<Factor> factor(const std::string& id);
  // Shows the seed of a TOTP factor, which `look` must neither keep nor copy, nor call the store with. Throws
  // record_damaged where there is none.
  void with_seed(const std::string& id, const std::function<void(core::ByteView)>& look);
  // The user's factor with this credential id.
  std::optional<Factor> factor_with(core::ByteView credential_id);
  // Who has registered this credential id, in the whole store?
  Holder credential_holder(core::ByteView credential_id);

  // Guesses at the user's codes; nothing where there is no user, or no such row. Keeping one is no event.
  std::optional<Budget> budget(const BudgetKey& key);
  std::vector<Budget> budgets();
  void keep(const Budget& budget);  // throws std::logic_error for a user without a record
  void forget(const BudgetKey& key);

  CodeView codes();

  // Changes: the row and its event. `seed` is empty but for TOTP. created, changed and the event's time are change.at.
  Position add(Factor factor, core::ByteView seed, const Change& change);
  Position update(Factor factor, EventType event, const Change& change);  // sets factor.changed
  Position remove(const std::string& id, const Change& change);           // throws std::logic_error for an unknown id
  // Writes the event and no row: see storage/uses.hpp. Counts by itself; use.count is not looked at.
  Position use(const std::string& id, Use use, const Change& change);  // throws std::logic_error for an unknown id
  // The same where the use changes more than that: the row is written too, with `factor` as it is from now on.
  Position use_up(Factor factor, Use use, const Change& change);
  // Without an event: a pending registration that was replaced or has expired.
  void discard(const std::string& id);

  // An event about the user, about all factors of a kind, or about one factor.
  Position note(EventType event, std::optional<Kind> kind, const Change& change, const std::string& factor_id = {});

  // Nothing happens where it is so already. Throws as require_user().
  Position lock(Lock lock, const Change& change);

  Position add_user(const std::string& display_name, const Change& change);  // throws user_exists
  // Factors, seeds and the record itself go; the events stay. Throws user_not_found. Works for accounts that are gone.
  Position remove_user(const Change& change);
  Position rebind(const Change& change);  // binds the record to the account's present uid; throws user_not_found

 private:
  friend class Store;
  OwnerView(Store& store, core::Owner owner) : store_(store), owner_(std::move(owner)) {}
  Position write(Factor factor, EventType event, std::optional<Use> use, const Change& change);
  Store& store_;
  core::Owner owner_;
};

}  // namespace factord::storage
