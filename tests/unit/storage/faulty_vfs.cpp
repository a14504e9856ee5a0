// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/faulty_vfs.hpp"

#include <map>
#include <stdexcept>

namespace factord::tests {
namespace {

// SQLite calls plain functions, so the state is global: one disk at a time.
sqlite3_vfs* real = nullptr;
sqlite3_vfs faulty;
// The log and the database have different methods (the log is not locked), which write and sync alike.
std::map<const sqlite3_io_methods*, sqlite3_io_methods> patched;
int (*real_write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
int (*real_sync)(sqlite3_file*, int) = nullptr;
int remaining = -1;
int answer = SQLITE_OK;
bool has_failed = false;

bool fails_now() {
  if (answer == SQLITE_OK) return false;
  if (remaining > 0) {
    --remaining;
    return false;
  }
  has_failed = true;
  return true;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return fails_now() ? answer : real_write(file, bytes, size, offset);
}

int sync(sqlite3_file* file, int flags) { return fails_now() ? answer : real_sync(file, flags); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const int result = real->xOpen(real, name, file, flags, out);
  const auto [entry, is_new] = patched.try_emplace(file->pMethods, *file->pMethods);
  if (is_new) {
    real_write = file->pMethods->xWrite;
    real_sync = file->pMethods->xSync;
    entry->second.xWrite = write;
    entry->second.xSync = sync;
  }
  file->pMethods = &entry->second;
  return result;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  real = sqlite3_vfs_find(nullptr);
  if (real == nullptr) throw std::runtime_error("SQLite has no file system layer");
  faulty = *real;
  faulty.zName = "faulty";
  faulty.xOpen = open;
  heal();
  sqlite3_vfs_register(&faulty, 1);
}

FaultyDisk::~FaultyDisk() {
  heal();
  sqlite3_vfs_unregister(&faulty);
  sqlite3_vfs_register(real, 1);
}

void FaultyDisk::fail_after(int calls, int result) {
  remaining = calls;
  answer = result;
  has_failed = false;
}

void FaultyDisk::heal() { answer = SQLITE_OK; }

bool FaultyDisk::failed() const { return has_failed; }

}  // namespace factord::tests
