// SPDX-License-Identifier: Apache-2.0
// How a store comes into being and how it is unlocked: the steps before the first record is read. Private to storage.
// Errors are Error (unavailable) with the cause: a damaged file at the start is a store that cannot be had.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "storage/codec.hpp"
#include "storage/keyring.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"
#include "storage/store_file.hpp"

namespace factord::storage {

void create_store(const StoreFile& file, const core::Secret& master_key, const StoreRecord& defaults,
                  core::Random& random);

// What stands in a store in clear.
struct Cover {
  core::Bytes store_id;
  std::vector<KeySlot> slots;
};

// Reads it without changing a byte of file or log.
Cover read_cover(const StoreFile& file);

// The keys of the first slot that this master key opens.
std::shared_ptr<const Keyring> unlock(const Cover& cover, const core::Secret& master_key);

// For work: settings made, migrations run.
std::unique_ptr<Database> open_database(const StoreFile& file);

StoreRecord read_defaults(Database& database, const Sealer& sealer);
void write_defaults(Database& database, Sealer& sealer, const StoreRecord& record);

}  // namespace factord::storage
