// SPDX-License-Identifier: Apache-2.0
#include "core/fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/failure.hpp"

namespace factord::core {
namespace {

constexpr int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

[[noreturn]] void refuse(const char* step) {
  throw Error(failure::unavailable, std::string(step) + ": " + std::strerror(errno));
}

void write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) refuse("write to memfd");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Fd sealed_memfd(std::string_view content) {
  Fd fd(memfd_create("factord", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) refuse("memfd_create");
  write_all(fd.get(), content);
  if (lseek(fd.get(), 0, SEEK_SET) != 0 || fcntl(fd.get(), F_ADD_SEALS, all_seals) != 0) refuse("sealing a memfd");
  return fd;
}

bool is_sealed_memfd(int fd) {
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & all_seals) == all_seals;
}

}  // namespace factord::core
