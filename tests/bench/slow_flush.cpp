// SPDX-License-Identifier: Apache-2.0
// Preloaded into a daemon: each flush takes FACTORD_FLUSH_US microseconds more, as on a disk that really has one.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace {

int after_a_while(const char* flush, int fd) {
  const char* const time = std::getenv("FACTORD_FLUSH_US");
  if (time != nullptr) usleep(static_cast<useconds_t>(std::strtoul(time, nullptr, 10)));
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, flush))(fd);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) { return after_a_while("fdatasync", fd); }
extern "C" __attribute__((visibility("default"))) int fsync(int fd) { return after_a_while("fsync", fd); }
