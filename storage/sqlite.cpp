// SPDX-License-Identifier: Apache-2.0
#include "storage/sqlite.hpp"

#include "core/failure.hpp"

namespace factord::storage {
namespace {

bool means_damage(int result) { return (result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB; }

std::string as_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      static constexpr char digits[] = "0123456789abcdef";
      uri += {'%', digits[(c >> 4) & 0xf], digits[c & 0xf]};
    } else {
      uri += c;
    }
  }
  return uri;
}

}  // namespace

Database::Database(const std::string& path, Access access) {
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX;
  flags |= access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const std::string uri = as_uri(path) + (access == Access::read_still ? "?immutable=1" : "");
  if (sqlite3_open_v2(uri.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string reason = db_ == nullptr ? "no memory" : sqlite3_errmsg(db_);
    sqlite3_close_v2(db_);
    throw core::Error(core::failure::unavailable, path + ": " + reason);
  }
  sqlite3_busy_timeout(db_, busy_milliseconds);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Whoever only reads must not write on closing either, which a checkpoint would.
  if (access != Access::read_write) sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Database::~Database() { sqlite3_close_v2(db_); }

void Database::execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  auto run = statement.with();
  return run.next() ? run.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  auto run = statement.with();
  return run.next() ? std::string(core::text_of(run.blob(0))) : std::string();
}

void Database::fail(const char* action) const {
  const int result = sqlite3_extended_errcode(db_);
  std::string cause = "SQLite: " + std::string(sqlite3_errmsg(db_)) + " (" + std::to_string(result) + ") at: " + action;
  throw core::Error(means_damage(result) ? core::failure::record_damaged : core::failure::unavailable,
                    std::move(cause));
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
  if (sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK) {
    database.fail(sql);
  }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::bind(int index, std::int64_t value) {
  if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) database_.fail(sqlite3_sql(statement_));
}

void Statement::bind(int index, core::ByteView value) {
  if (sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC) != SQLITE_OK) {
    database_.fail(sqlite3_sql(statement_));
  }
}

Statement::Run::~Run() {
  sqlite3_reset(statement_.statement_);
  sqlite3_clear_bindings(statement_.statement_);
}

bool Statement::Run::next() {
  switch (sqlite3_step(statement_.statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      statement_.database_.fail(sqlite3_sql(statement_.statement_));
  }
}

std::int64_t Statement::Run::integer(int column) const { return sqlite3_column_int64(statement_.statement_, column); }

core::ByteView Statement::Run::blob(int column) const {
  // In this order: asking for the bytes may convert the value, which may change the length.
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column))};
}

}  // namespace factord::storage
