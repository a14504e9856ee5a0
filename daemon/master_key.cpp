// SPDX-License-Identifier: Apache-2.0
#include "daemon/master_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/failure.hpp"
#include "core/fd.hpp"
#include "core/log.hpp"

namespace factord::daemon {
namespace {

constexpr std::size_t key_size = 32;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw core::Error(core::failure::unavailable, file.string() + ": " + what);
}

std::optional<core::Secret> read_key(const std::filesystem::path& file) {
  const core::Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid() && errno == ENOENT) return std::nullopt;
  if (!fd.valid()) refuse(file, std::strerror(errno));
  core::Secret key(key_size + 1);
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < key.size(); size += static_cast<std::size_t>(got)) {
    got = read(fd.get(), key.bytes().data() + size, key.size() - size);
    if (got < 0) refuse(file, std::strerror(errno));
  }
  if (size != key_size) refuse(file, "a master key has exactly 32 bytes");
  key.shrink(key_size);
  return key;
}

void write_key(const std::filesystem::path& file, const core::Secret& key) {
  const core::Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid() || fchmod(fd.get(), 0600) != 0) refuse(file, std::strerror(errno));
  if (write(fd.get(), key.view().data(), key_size) != ssize_t(key_size) || fsync(fd.get()) != 0)
    refuse(file, "the new key cannot be written");
}

void sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const core::Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) refuse(folder, std::strerror(errno));
}

// Whole or not at all, and on the disk before a store is made with it: a store whose key was lost is lost too.
core::Secret make_key(const std::filesystem::path& file, core::Random& random) {
  core::Secret key = core::Secret::random(key_size, random);
  const std::filesystem::path draft = file.native() + ".new";
  write_key(draft, key);
  const int linked = link(draft.c_str(), file.c_str());  // unlike rename(), never over another key
  const int error = errno;
  unlink(draft.c_str());
  if (linked != 0) refuse(file, std::strerror(error));
  sync_folder(file);
  core::log(core::Severity::warning, "A new master key lies in a plain file: good for trying and testing, not for use",
            {{"FACTORD_KEY_FILE", file.native()}});
  return key;
}

}  // namespace

std::optional<core::Secret> master_key(const Options& options, core::Random& random) {
  if (!options.key_file) {
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    if (credentials == nullptr) return std::nullopt;
    return read_key(std::filesystem::path(credentials) / "factord.master-key");
  }
  if (auto key = read_key(*options.key_file)) return key;
  if (std::filesystem::exists(options.state_dir / "factord.db")) return std::nullopt;
  return make_key(*options.key_file, random);
}

}  // namespace factord::daemon
