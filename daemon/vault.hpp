// SPDX-License-Identifier: Apache-2.0
// What every use case works with, and the rules that hold for factors of all kinds. Use cases are free of bus and loop:
// a Call in, a Plan out (ipc/method.hpp). Owned by main; loop thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/failure.hpp"
#include "core/random.hpp"
#include "daemon/policy.hpp"
#include "ipc/method.hpp"
#include "storage/owner_view.hpp"
#include "storage/store.hpp"

namespace factord::daemon {

struct Vault {
  storage::Store& store;
  const core::Clock& clock;
  core::Random& random;
  const Policy& policy;  // a reload replaces what it refers to

  storage::Change change(const ipc::Call& call) const;

  // Does the store hold anything of this user? Throws binding_changed also for an account of which it holds nothing,
  // where its uid is bound to another name.
  bool known(const ipc::Call& call) const;

  // Throws user_not_found, binding_changed, and user_locked where an administrator has locked the user. Gives the
  // record; a Unix user may have none yet.
  std::optional<storage::User> require_unlocked(const ipc::Call& call) const;

  // The user's factors but for pending registrations whose time is over.
  std::vector<storage::Factor> factors(storage::OwnerView& view) const;

  // The user's factor under that id, of that kind if one is named. Throws `missing` where there is none, or where the
  // user is unknown.
  storage::Factor factor(const ipc::Call& call, std::optional<storage::Kind> kind, const std::string& id,
                         const core::Failure& missing) const;

  // Makes room for one factor more: what has expired goes, and a registration of the kind `replaced` that is pending.
  // Throws quota.
  void make_room(storage::OwnerView& view, std::optional<storage::Kind> replaced) const;

  // Makes room for a registration of that kind by this caller, and names caller, code and end in `factor`. Throws
  // quota.
  void begin_pending(const ipc::Call& call, storage::OwnerView& view, storage::Factor& factor) const;

  // Throws code_invalid where the call does not come with the registration code with which that was begun, or comes
  // with one where none was needed.
  void require_same_code(const ipc::Call& call, const storage::Factor& pending) const;
};

}  // namespace factord::daemon
