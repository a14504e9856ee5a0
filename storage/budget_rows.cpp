// SPDX-License-Identifier: Apache-2.0
#include "storage/budget_rows.hpp"

#include "storage/codec.hpp"

namespace factord::storage {
namespace {

Place place_of(std::int64_t owner_row, std::int64_t row, std::uint64_t version) {
  return {Table::budget, row, owner_row, version};
}

}  // namespace

BudgetRows::BudgetRows(Database& database, Sealer& sealer, const Lookup& lookup)
    : sealer_(sealer),
      lookup_(lookup),
      by_key_(database, "SELECT id, version, sealed FROM budget WHERE owner = ? AND key_hash = ?"),
      of_owner_(database, "SELECT id, version, sealed FROM budget WHERE owner = ? ORDER BY id"),
      next_row_(database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'budget'"),
      insert_(database, "INSERT INTO budget (id, owner, key_hash, version, sealed) VALUES (?, ?, ?, ?, ?)"),
      save_(database, "UPDATE budget SET version = ?2, sealed = ?3 WHERE id = ?1"),
      erase_(database, "DELETE FROM budget WHERE id = ?") {}

BudgetRows::Row BudgetRows::open(std::int64_t owner_row, Statement::Run& run) const {
  const std::int64_t row = run.integer(0);
  const auto version = static_cast<std::uint64_t>(run.integer(1));
  return {row, version, decode_budget(sealer_.open(place_of(owner_row, row, version), run.blob(2)))};
}

std::optional<BudgetRows::Row> BudgetRows::find_row(std::int64_t owner_row, const BudgetKey& key) {
  auto run = by_key_.with(owner_row, lookup_.budget(owner_row, key));
  while (run.next()) {
    Row found = open(owner_row, run);
    if (found.budget.key == key) return found;
  }
  return std::nullopt;
}

std::optional<Budget> BudgetRows::find(std::int64_t owner_row, const BudgetKey& key) {
  auto row = find_row(owner_row, key);
  if (!row) return std::nullopt;
  return std::move(row->budget);
}

std::vector<Budget> BudgetRows::all(std::int64_t owner_row) {
  std::vector<Budget> budgets;
  auto run = of_owner_.with(owner_row);
  while (run.next()) budgets.push_back(open(owner_row, run).budget);
  return budgets;
}

void BudgetRows::save(std::int64_t owner_row, const Budget& budget) {
  if (const auto present = find_row(owner_row, budget.key)) {
    const std::uint64_t version = present->version + 1;
    const core::Bytes sealed = sealer_.seal(place_of(owner_row, present->row, version), encode(budget));
    return save_.execute(present->row, static_cast<std::int64_t>(version), core::ByteView(sealed));
  }
  std::int64_t row = 1;
  {
    auto run = next_row_.with();
    if (run.next()) row = run.integer(0);
  }
  const core::Bytes sealed = sealer_.seal(place_of(owner_row, row, 1), encode(budget));
  insert_.execute(row, owner_row, lookup_.budget(owner_row, budget.key), std::int64_t{1}, core::ByteView(sealed));
}

void BudgetRows::erase(std::int64_t owner_row, const BudgetKey& key) {
  if (const auto present = find_row(owner_row, key)) erase_.execute(present->row);
}

}  // namespace factord::storage
