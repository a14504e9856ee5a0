// SPDX-License-Identifier: Apache-2.0
// The numbered steps that make the tables and change them. Private to storage. PRAGMA user_version holds the number of
// the last step; all missing steps run in one transaction or not at all.
#pragma once

#include <span>

#include "storage/sqlite.hpp"

namespace factord::storage {

// Step n is element n - 1.
std::span<const char* const> migration_steps();

inline std::int64_t newest_version() { return static_cast<std::int64_t>(migration_steps().size()); }

void migrate(Database& database, std::span<const char* const> steps);

}  // namespace factord::storage
