// SPDX-License-Identifier: Apache-2.0
// Guesses at users' codes, charged where they are kept (daemon/throttle.hpp has the rules). A charge whose batch is
// lost is owed: it comes first in the next batch, and without it no batch begins. So a failing disk gives nobody tries
// that are not counted. Owned by the service; loop thread.
#pragma once

#include <vector>

#include "core/owner.hpp"
#include "daemon/throttle.hpp"
#include "storage/owner_view.hpp"
#include "storage/store.hpp"

namespace factord::daemon {

struct Guess {
  core::Owner owner;
  storage::BudgetKey key;
  core::Time at;
};

class Charges {
 public:
  // Both outlive it; a reload may change the second.
  Charges(storage::Store& store, const Lockout& lockout) : store_(store), lockout_(lockout) {}

  bool is_open(const Guess& guess);
  // Throws Error (throttled), naming the wait, where no guess may be made at that time. Else what is kept of them.
  Guesses require_open(const Guess& guess);
  // The same, and charges it. True where it was the last one before a lock. Needs an open transaction.
  bool make(const Guess& guess);
  // A guess was right: the one that was charged, or one whose verdict came before it was. Needs an open transaction.
  // The success itself is told by the event of the use (storage/uses.hpp).
  void take_back(const Guess& guess, core::Time now);
  void forgive(const Guess& guess, Guesses before);

  // Of the batch in which charges are made: writes what is owed; keeps what is lost.
  void opened();
  void ended(bool kept);

 private:
  Guesses guesses(storage::OwnerView& view, const Guess& guess);
  void write(storage::OwnerView& view, const Guesses& guesses);
  void pay(const Guess& guess);
  void forget_old(storage::OwnerView& view, const Guess& guess);

  storage::Store& store_;
  const Lockout& lockout_;
  std::vector<Guess> made_;  // in the open batch
  std::vector<Guess> owed_;
};

}  // namespace factord::daemon
