// SPDX-License-Identifier: Apache-2.0
// What an open store consists of. Private to storage: Store and OwnerView work on it. Store::Parts outlives a session,
// which dies with its connection (Store::reopen).
#pragma once

#include <algorithm>
#include <memory>

#include "core/failure.hpp"
#include "storage/budget_rows.hpp"
#include "storage/code_rows.hpp"
#include "storage/factor_rows.hpp"
#include "storage/journal.hpp"
#include "storage/opening.hpp"
#include "storage/owner_rows.hpp"
#include "storage/owner_view.hpp"
#include "storage/store.hpp"

namespace factord::storage {

struct Session {
  Session(std::unique_ptr<Database> opened, Sealer& sealer, const Lookup& lookup)
      : database(std::move(opened)),
        owners(*database, sealer, lookup, uses),
        factors(*database, sealer, lookup, uses),
        budgets(*database, sealer, lookup),
        codes(*database, sealer, lookup),
        journal(*database, sealer),
        begin(*database, "BEGIN IMMEDIATE"),
        commit(*database, "COMMIT"),
        savepoint(*database, "SAVEPOINT operation"),
        release(*database, "RELEASE operation"),
        rollback_to(*database, "ROLLBACK TO operation") {}

  void require_transaction() const {
    if (!database->in_transaction()) throw core::Error(core::failure::unavailable, "no transaction is open");
  }
  // What is remembered of rows holds within one transaction, and while nothing of it is undone.
  void forget() {
    owners.forget();
    factors.forget();
    journal.forget();
  }
  // Never throws: where a transaction cannot be rolled back, SQLite has given it up already.
  void undo_all() noexcept {
    forget();
    uses.undo(0);
    events.clear();
    if (database->in_transaction()) sqlite3_exec(database->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  // With what only the journal knows.
  std::optional<Budget> budget(std::int64_t owner_row, const BudgetKey& key) {
    auto budget = budgets.find(owner_row, key);
    uses.lay_over(owner_row, key, budget);
    return budget;
  }

  // Before any row is read. Throws record_damaged where the journal is.
  void read_uses(std::uint64_t folded) {
    last_event = folded;
    journal.each(folded, SIZE_MAX, [this](std::int64_t owner_row, const Event& event) {
      if (event.use) uses.add(owner_row, event);
      uses.settle();
      last_event = event.number;
    });
  }

  // Of a credential id there is one holder at most, in the whole store.
  std::optional<User> holder_of(core::ByteView credential_id) {
    if (credential_id.empty()) return std::nullopt;
    for (const auto& candidate : factors.candidates(credential_id)) {
      auto owner = owners.at(candidate.owner);
      if (!owner) throw core::Error(core::failure::record_damaged, "a factor row without its owner's row");
      const auto holds = factors.at(*owner, candidate.row).factor.webauthn.credential_id;
      if (std::ranges::equal(holds, credential_id)) return std::move(owner->record.user);
    }
    return std::nullopt;
  }

  std::unique_ptr<Database> database;
  Uses uses;
  OwnerRows owners;
  FactorRows factors;
  BudgetRows budgets;
  CodeRows codes;
  Journal journal;
  Statement begin, commit, savepoint, release, rollback_to;
  std::vector<Event> events;     // of the open transaction
  std::uint64_t last_event = 0;  // number of the last one that was committed
  bool owes_truncation = false;  // set too early where a removal is undone: then the log is emptied for nothing
};

struct Store::Parts {
  Parts(const std::filesystem::path& directory, core::Random& source) : file(directory), random(source) {}

  void connect() {
    const bool log_left_behind = file.has_log();
    session = std::make_unique<Session>(open_database(file), *sealer, *lookup);
    defaults = read_defaults(*session->database, *sealer);
    session->read_uses(defaults.folded);
    session->owes_truncation = log_left_behind;
  }
  Session& live() {
    if (keyring == nullptr) throw core::Error(core::failure::store_locked);
    if (session == nullptr) throw core::Error(core::failure::unavailable, "the store is not open");
    return *session;
  }

  StoreFile file;
  core::Random& random;
  std::shared_ptr<const Keyring> keyring;  // none: locked
  core::Bytes store_id;
  StoreRecord defaults;
  std::optional<Sealer> sealer;
  std::optional<Lookup> lookup;
  std::unique_ptr<Session> session;
};

}  // namespace factord::storage
