// SPDX-License-Identifier: Apache-2.0
// The store's directory and file as the file system sees them: one daemon per directory, nothing opened that is not
// plainly a store of ours, nothing half made left under the store's name. Private to storage; on the loop thread.
// Throws Error (unavailable) with path and reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/fd.hpp"

namespace factord::storage {

inline constexpr std::uint32_t application_id = 0x66637464;  // "fctd"

class StoreFile {
 public:
  // Takes the directory for this process, until destruction.
  explicit StoreFile(const std::filesystem::path& directory);

  const std::string& path() const { return path_; }
  bool exists() const;
  // Is there a write-ahead log that says more than the file does?
  bool has_log() const;
  // Looks at the file's first bytes and its length, without SQLite, which would already write beside it.
  void inspect() const;
  void require_writable() const;

  // A new store is made under another name and gets its own when it is whole and on the disk.
  std::string start_draft() const;
  void publish_draft() const;

 private:
  [[noreturn]] void fail(const std::string& reason) const;
  [[noreturn]] void fail_with_errno(const std::string& action) const;

  core::Fd directory_;
  std::string path_;
};

}  // namespace factord::storage
