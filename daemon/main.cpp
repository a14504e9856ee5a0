// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "core/error.hpp"
#include "daemon/options.hpp"
#include "daemon/service.hpp"

namespace {

// Before any thread starts, so that all inherit it and only the loop takes signals.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
}

// A message may bring 16 descriptors, and sd-bus ends the connection where none is free: as many as are allowed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// glibc lets its threshold rise with the largest block that was ever freed: after one message of 31 MiB the next ones
// would come from the heap, and stay in it. A threshold that is set stays as it is.
void give_large_blocks_back() { mallopt(M_MMAP_THRESHOLD, 128 * 1024); }

int complain(const char* what, int status) {
  std::fprintf(stderr, "factord: %s\n", what);
  return status;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto options = factord::daemon::parse_options(argc, argv);
  if (!options) return EXIT_SUCCESS;
  umask(0077);
  prctl(PR_SET_DUMPABLE, 0);  // no core file, no ptrace by others of the same uid
  block_signals();
  raise_descriptor_limit();
  give_large_blocks_back();
  return factord::daemon::Service(*options).run();
} catch (const std::invalid_argument& usage) {
  return complain(usage.what(), 64);
} catch (const factord::core::Error& error) {
  return complain(error.cause().empty() ? error.what() : error.cause().c_str(), EXIT_FAILURE);
} catch (const std::exception& error) {
  return complain(error.what(), EXIT_FAILURE);
}
