// SPDX-License-Identifier: Apache-2.0
// SQLite as RAII: a connection, its prepared statements, one run of a statement. Private to storage; on the loop
// thread. Every failure is a core::Error: record_damaged where SQLite finds the file damaged, unavailable otherwise. A
// failure may have rolled back the whole transaction: ask Database::in_transaction(), nothing else knows.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "core/bytes.hpp"

namespace factord::storage {

class Database {
 public:
  enum class Access {
    read_still,  // nobody else writes and there is no log to read: touches no other file, takes no lock
    read_only,   // with a log: leaves file and log as they are
    read_write,
  };

  // The one who waits is the loop. Only a foreign writer can make it wait at all.
  static constexpr int busy_milliseconds = 500;

  // `path` must exist and must not be a symbolic link, nor lead through one.
  Database(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const char* sql);
  std::int64_t integer(const char* sql);  // first column of the first row; 0 without rows
  std::string text(const char* sql);
  // False inside autocommit: after commit and rollback, and where SQLite gave the transaction up.
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  bool writable() const { return sqlite3_db_readonly(db_, "main") == 0; }
  sqlite3* handle() const { return db_; }

  [[noreturn]] void fail(const char* action) const;

 private:
  sqlite3* db_ = nullptr;
};

// Prepared once, run many times. One run at a time.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Resets the statement when it goes: a statement left open would hold a read transaction and the bound memory.
  class Run {
   public:
    explicit Run(Statement& statement) : statement_(statement) {}
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    bool next();  // false at the end
    std::int64_t integer(int column) const;
    core::ByteView blob(int column) const;  // valid until next() or the end of the run

   private:
    Statement& statement_;
  };

  // Blobs are not copied: they must live as long as the run.
  template <typename... Values>
  Run with(const Values&... values) {
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
    return Run(*this);
  }
  template <typename... Values>
  void execute(const Values&... values) {
    Run run = with(values...);
    while (run.next()) {
    }
  }

 private:
  void bind(int index, std::int64_t value);
  void bind(int index, core::ByteView value);

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace factord::storage
