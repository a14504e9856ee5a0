// SPDX-License-Identifier: Apache-2.0
#include "storage/migrations.hpp"

#include <array>
#include <string>

#include "schema_sql.hpp"

namespace factord::storage {

// Changes no table: version 1 does not know who began a registration, and would write records without it.
constexpr char begun_by[] = "";

// Version 2 would not know of uses that only the journal tells of, and let spent codes in again.
constexpr char budgets_and_codes[] = R"(
CREATE TABLE budget (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  owner     INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  key_hash  INTEGER NOT NULL,
  version   INTEGER NOT NULL,
  sealed    BLOB NOT NULL
) STRICT;
CREATE INDEX budget_by_key ON budget (owner, key_hash);

CREATE TABLE registration_code (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  owner    INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  id_hash  INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  sealed   BLOB NOT NULL
) STRICT;
CREATE INDEX registration_code_by_id ON registration_code (id_hash);
CREATE INDEX registration_code_by_owner ON registration_code (owner);
)";

std::span<const char* const> migration_steps() {
  static constexpr std::array<const char*, 3> steps = {schema_sql, begun_by, budgets_and_codes};
  return steps;
}

void migrate(Database& database, std::span<const char* const> steps) {
  const auto present = static_cast<std::size_t>(database.integer("PRAGMA user_version"));
  if (present >= steps.size()) return;
  database.execute("BEGIN IMMEDIATE");
  try {
    for (const char* step : steps.subspan(present)) database.execute(step);
    database.execute(("PRAGMA user_version = " + std::to_string(steps.size())).c_str());
    database.execute("COMMIT");
  } catch (...) {
    if (database.in_transaction()) sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace factord::storage
