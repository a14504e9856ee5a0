// SPDX-License-Identifier: Apache-2.0
// A disk that fails on demand: SQLite's own file system layer, whose writes and syncs can be made to fail from the
// n-th on. In force for every connection opened while it lives.
#pragma once

#include <sqlite3.h>

namespace factord::tests {

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // Lets `calls` more writes and syncs through, then answers `result` to all: SQLITE_FULL, SQLITE_IOERR_FSYNC …
  void fail_after(int calls, int result);
  void heal();
  bool failed() const;  // since fail_after()
};

}  // namespace factord::tests
