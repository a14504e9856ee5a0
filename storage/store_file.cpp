// SPDX-License-Identifier: Apache-2.0
#include "storage/store_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/failure.hpp"
#include "storage/migrations.hpp"

namespace factord::storage {
namespace {

constexpr char file_name[] = "factord.db";
constexpr char log_name[] = "factord.db-wal";
constexpr char draft_name[] = "factord.db.new";

// https://www.sqlite.org/fileformat2.html section 1.3
constexpr std::size_t header_size = 100;
constexpr char magic[] = "SQLite format 3";  // with its final zero
using Header = std::array<std::uint8_t, header_size>;

std::uint32_t big_endian(const Header& header, std::size_t at) {
  return std::uint32_t{header[at]} << 24 | std::uint32_t{header[at + 1]} << 16 | std::uint32_t{header[at + 2]} << 8 |
         header[at + 3];
}

std::uint64_t expected_size(const Header& header) {
  const std::uint32_t written = std::uint32_t{header[16]} << 8 | header[17];
  const std::uint64_t page_size = written == 1 ? 65536 : written;
  return page_size * big_endian(header, 28);
}

}  // namespace

void StoreFile::fail(const std::string& reason) const {
  throw core::Error(core::failure::unavailable, path_ + ": " + reason);
}

void StoreFile::fail_with_errno(const std::string& action) const { fail(action + ": " + std::strerror(errno)); }

StoreFile::StoreFile(const std::filesystem::path& directory) : path_(directory.string()) {
  directory_ = core::Fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_.valid()) fail_with_errno("cannot open the directory");
  // The directory itself is the lock: no file to leave behind, and readers of the database are not in its way.
  if (flock(directory_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) fail("another daemon has this store open");
    fail_with_errno("cannot lock the directory");
  }
  // Canonical, because SQLite will refuse symbolic links all along the path; those up to here are the admin's choice.
  std::error_code error;
  const auto canonical = std::filesystem::canonical(directory, error);
  if (error) fail("cannot resolve the directory: " + error.message());
  path_ = (canonical / file_name).string();
}

bool StoreFile::exists() const {
  struct stat status;
  if (fstatat(directory_.get(), file_name, &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT) fail_with_errno("cannot look at the file");
  return false;
}

bool StoreFile::has_log() const {
  struct stat status;
  if (fstatat(directory_.get(), log_name, &status, AT_SYMLINK_NOFOLLOW) == 0) return status.st_size > 0;
  if (errno != ENOENT) fail_with_errno("cannot look at the log");
  return false;
}

void StoreFile::inspect() const {
  // O_NONBLOCK: a FIFO in the file's place must not hold us.
  const core::Fd file(openat(directory_.get(), file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) fail_with_errno("cannot open");
  struct stat status;
  if (fstat(file.get(), &status) != 0) fail_with_errno("cannot look at the file");
  if (!S_ISREG(status.st_mode)) fail("is no regular file");
  Header header;
  if (pread(file.get(), header.data(), header.size(), 0) != ssize_t{header_size}) fail("is damaged: too short");
  if (std::memcmp(header.data(), magic, sizeof magic) != 0) fail("is no database");
  if (big_endian(header, 68) != application_id) fail("is a database, but no store of factord");
  const std::uint32_t version = big_endian(header, 60);
  if (version > newest_version()) fail("is of a newer version (" + std::to_string(version) + ")");
  if (version == 0) fail("is damaged: no version");
  // With a log the newest pages may be there only, after a checkpoint that was cut short.
  if (!has_log() && static_cast<std::uint64_t>(status.st_size) < expected_size(header)) fail("is damaged: cut short");
}

void StoreFile::require_writable() const {
  for (const char* name : {".", file_name}) {
    if (faccessat(directory_.get(), name, W_OK, AT_EACCESS) != 0) fail_with_errno("cannot be written");
  }
}

std::string StoreFile::start_draft() const {
  // A log without its file belongs to a store that somebody took away; SQLite would play it into the new one.
  if (has_log()) fail("is missing, but its log is there");
  for (const std::string suffix : {"", "-journal", "-wal", "-shm"}) {
    if (unlinkat(directory_.get(), (draft_name + suffix).c_str(), 0) != 0 && errno != ENOENT) {
      fail_with_errno("cannot remove an unfinished store");
    }
  }
  const core::Fd file(
      openat(directory_.get(), draft_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid()) fail_with_errno("cannot be created");
  return path_ + ".new";
}

void StoreFile::publish_draft() const {
  const core::Fd file(openat(directory_.get(), draft_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid() || fsync(file.get()) != 0) fail_with_errno("cannot be flushed");
  if (renameat2(directory_.get(), draft_name, directory_.get(), file_name, RENAME_NOREPLACE) != 0) {
    fail_with_errno("cannot be put in place");
  }
  if (fsync(directory_.get()) != 0) fail_with_errno("cannot flush the directory");
}

}  // namespace factord::storage
