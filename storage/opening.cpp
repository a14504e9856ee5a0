// SPDX-License-Identifier: Apache-2.0
#include "storage/opening.hpp"

#include <string>

#include "core/failure.hpp"
#include "storage/migrations.hpp"

namespace factord::storage {
namespace {

constexpr Place store_place{Table::store, 1, 0, 1};
constexpr std::uint32_t first_generation = 1;

template <typename Step>
auto or_unavailable(const StoreFile& file, Step step) {
  try {
    return step();
  } catch (const core::Error& error) {
    if (error.code() == core::Code::unavailable) throw;
    throw core::Error(core::failure::unavailable, file.path() + " is damaged: " + error.cause());
  }
}

void fill(Database& database, const core::Secret& master_key, const StoreRecord& defaults, core::Random& random) {
  core::Bytes store_id(store_id_size);
  random.fill(store_id);
  const core::Secret data_key = core::Secret::random(key_size, random);
  KeySlot slot{1, SlotType::credential, first_generation, {}};
  wrap(slot, store_id, data_key, master_key, random);
  Sealer sealer(std::make_shared<const Keyring>(data_key, first_generation), store_id, random);
  const core::Bytes sealed = sealer.seal(store_place, encode(defaults));
  Statement(database, "INSERT INTO store (id, uuid, sealed) VALUES (1, ?, ?)")
      .execute(core::ByteView(store_id), core::ByteView(sealed));
  Statement(database, "INSERT INTO key_slot (id, type, generation, wrapped) VALUES (?, ?, ?, ?)")
      .execute(slot.row, static_cast<std::int64_t>(slot.type), std::int64_t{slot.generation},
               core::ByteView(slot.wrapped));
}

void check_version(Database& database, const StoreFile& file) {
  // Once more: the log may say otherwise than the file's first page.
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version > newest_version()) {
    throw core::Error(core::failure::unavailable,
                      file.path() + ": is of a newer version (" + std::to_string(version) + ")");
  }
}

}  // namespace

void create_store(const StoreFile& file, const core::Secret& master_key, const StoreRecord& defaults,
                  core::Random& random) {
  const std::string draft = file.start_draft();
  {
    Database database(draft, Database::Access::read_write);
    database.execute("PRAGMA synchronous = FULL");
    database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    migrate(database, migration_steps());
    fill(database, master_key, defaults, random);
    database.execute("PRAGMA journal_mode = WAL");
  }
  file.publish_draft();
}

Cover read_cover(const StoreFile& file) {
  file.inspect();
  return or_unavailable(file, [&] {
    Database database(file.path(), file.has_log() ? Database::Access::read_only : Database::Access::read_still);
    check_version(database, file);
    Cover cover;
    {
      Statement statement(database, "SELECT uuid FROM store WHERE id = 1");
      auto run = statement.with();
      if (!run.next()) throw core::Error(core::failure::record_damaged, "no store row");
      cover.store_id.assign(run.blob(0).begin(), run.blob(0).end());
    }
    Statement statement(database, "SELECT id, type, generation, wrapped FROM key_slot ORDER BY id");
    auto run = statement.with();
    while (run.next()) {
      const core::ByteView wrapped = run.blob(3);
      cover.slots.push_back({run.integer(0),
                             static_cast<SlotType>(run.integer(1)),
                             static_cast<std::uint32_t>(run.integer(2)),
                             {wrapped.begin(), wrapped.end()}});
    }
    return cover;
  });
}

std::shared_ptr<const Keyring> unlock(const Cover& cover, const core::Secret& master_key) {
  for (const auto& slot : cover.slots) {
    if (slot.type != SlotType::credential) continue;
    if (const auto data_key = unwrap(slot, cover.store_id, master_key)) {
      return std::make_shared<const Keyring>(*data_key, slot.generation);
    }
  }
  return nullptr;
}

std::unique_ptr<Database> open_database(const StoreFile& file) {
  file.inspect();
  file.require_writable();
  return or_unavailable(file, [&] {
    auto database = std::make_unique<Database>(file.path(), Database::Access::read_write);
    if (!database->writable()) throw core::Error(core::failure::unavailable, file.path() + ": is read-only");
    check_version(*database, file);
    if (database->text("PRAGMA journal_mode = WAL") != "wal") {
      throw core::Error(core::failure::unavailable, file.path() + ": has no write-ahead log here");
    }
    // Mapped pages and a second connection were the slow ways at a million rows.
    for (const char* setting : {"PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON",
                                "PRAGMA mmap_size = 0", "PRAGMA temp_store = MEMORY", "PRAGMA cell_size_check = ON"}) {
      database->execute(setting);
    }
    migrate(*database, migration_steps());
    return database;
  });
}

void write_defaults(Database& database, Sealer& sealer, const StoreRecord& record) {
  const core::Bytes sealed = sealer.seal(store_place, encode(record));
  Statement(database, "UPDATE store SET sealed = ? WHERE id = 1").execute(core::ByteView(sealed));
}

StoreRecord read_defaults(Database& database, const Sealer& sealer) {
  Statement statement(database, "SELECT sealed FROM store WHERE id = 1");
  auto run = statement.with();
  if (!run.next()) throw core::Error(core::failure::record_damaged, "no store row");
  return decode_store(sealer.open(store_place, run.blob(0)));
}

}  // namespace factord::storage
