// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/storage/faulty_vfs.hpp"

#include <stdexcept>

namespace factord::tests {
namespace {

// SQLite calls plain functions, so the state is global: one disk at a time.
sqlite3_vfs* real = nullptr;
sqlite3_vfs faulty;
const sqlite3_io_methods* real_methods = nullptr;
sqlite3_io_methods faulty_methods;
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
  return fails_now() ? answer : real_methods->xWrite(file, bytes, size, offset);
}

int sync(sqlite3_file* file, int flags) { return fails_now() ? answer : real_methods->xSync(file, flags); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const int result = real->xOpen(real, name, file, flags, out);
  // Database and log have the same methods on one file system; only those are patched.
  if (result != SQLITE_OK || file->pMethods == nullptr) return result;
  if (real_methods == nullptr) {
    real_methods = file->pMethods;
    faulty_methods = *real_methods;
    faulty_methods.xWrite = write;
    faulty_methods.xSync = sync;
  }
  if (file->pMethods == real_methods) file->pMethods = &faulty_methods;
  return result;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  real = sqlite3_vfs_find(nullptr);
  if (real == nullptr) throw std::runtime_error("SQLite has no file system layer");
  real_methods = nullptr;
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
