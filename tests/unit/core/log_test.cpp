// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "core/fd.hpp"
#include "tests/support/catch.hpp"

using namespace factord::core;

namespace {

// Puts a file in memory where stderr was, for as long as it lives. Not the journal's stream, whatever stderr was.
class StderrInMemory {
 public:
  StderrInMemory() : memory_(memfd_create("stderr", MFD_CLOEXEC)), saved_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    dup2(memory_.get(), STDERR_FILENO);
  }
  ~StderrInMemory() { dup2(saved_.get(), STDERR_FILENO); }
  StderrInMemory(const StderrInMemory&) = delete;
  StderrInMemory& operator=(const StderrInMemory&) = delete;

  std::string text() const {
    std::array<char, 65536> content;
    const ssize_t size = pread(memory_.get(), content.data(), content.size(), 0);
    return {content.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  Fd memory_;
  Fd saved_;
};

}  // namespace

TEST_CASE("outside of the journal a log entry is one line on stderr, fields last") {
  std::string written;
  {
    const StderrInMemory capture;
    log(Severity::warning, "call failed", {{"FACTORD_METHOD", "RemovePasskey"}, {"FACTORD_UID", "1000"}});
    log(Severity::info, "ready");
    written = capture.text();
  }
  CHECK(written == "factord: call failed FACTORD_METHOD=RemovePasskey FACTORD_UID=1000\nfactord: ready\n");
}

TEST_CASE("lines of several threads do not mix") {
  std::string written;
  {
    const StderrInMemory capture;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([] {
        for (int n = 0; n < 100; ++n) log(Severity::notice, "one entry", {{"FACTORD_N", "0123456789"}});
      });
    threads.clear();
    written = capture.text();
  }
  std::string expected;
  for (int i = 0; i < 400; ++i) expected += "factord: one entry FACTORD_N=0123456789\n";
  CHECK(written == expected);
}
