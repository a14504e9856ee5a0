// SPDX-License-Identifier: Apache-2.0
// Rows of the guesses at a user's codes. They go with the user. Private to storage; loop thread.
#pragma once

#include <optional>
#include <vector>

#include "storage/budget.hpp"
#include "storage/lookup.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"

namespace factord::storage {

class BudgetRows {
 public:
  BudgetRows(Database& database, Sealer& sealer, const Lookup& lookup);

  std::optional<Budget> find(std::int64_t owner_row, const BudgetKey& key);
  std::vector<Budget> all(std::int64_t owner_row);
  void save(std::int64_t owner_row, const Budget& budget);  // makes the row where there is none
  void erase(std::int64_t owner_row, const BudgetKey& key);

 private:
  struct Row {
    std::int64_t row;
    std::uint64_t version;
    Budget budget;
  };
  Row open(std::int64_t owner_row, Statement::Run& run) const;
  std::optional<Row> find_row(std::int64_t owner_row, const BudgetKey& key);

  Sealer& sealer_;
  const Lookup& lookup_;
  Statement by_key_, of_owner_, next_row_, insert_, save_, erase_;
};

}  // namespace factord::storage
