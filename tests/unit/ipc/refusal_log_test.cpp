// SPDX-License-Identifier: Apache-2.0
#include "ipc/refusal_log.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/failure.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using ipc::RefusalLog;

namespace {

constexpr std::size_t burst = 50;
constexpr char refused[] = "A call was refused";
constexpr char left_out[] = "Refusals were left out of the log";
const core::Error denied(core::failure::no_permission);

// What is said on stderr as long as this lives.
class Stderr {
 public:
  Stderr() : before_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)), file_(memfd_create("stderr", MFD_CLOEXEC)) {
    std::fflush(stderr);
    if (before_ < 0 || file_ < 0 || dup2(file_, STDERR_FILENO) < 0) throw std::runtime_error("stderr cannot be caught");
  }
  ~Stderr() {
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    close(before_);
    close(file_);
  }
  Stderr(const Stderr&) = delete;
  Stderr& operator=(const Stderr&) = delete;

  // The lines since the last time.
  std::vector<std::string> lines() {
    std::fflush(stderr);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = pread(file_, buffer, sizeof buffer, read_)) > 0; read_ += got)
      text.append(buffer, static_cast<std::size_t>(got));
    std::vector<std::string> lines;
    for (std::size_t from = 0, end = 0; (end = text.find('\n', from)) != std::string::npos; from = end + 1)
      lines.push_back(text.substr(from, end - from));
    return lines;
  }

 private:
  int before_;
  int file_;
  off_t read_ = 0;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::uint64_t count_in(const std::string& line) {
  const auto at = line.find("FACTORD_COUNT=");
  REQUIRE(at != std::string::npos);
  return std::stoull(line.substr(at + std::string("FACTORD_COUNT=").size()));
}

}  // namespace

TEST_CASE("a refusal is one line, with method, uid, id and cause") {
  Stderr said;
  RefusalLog log;
  log.add("ListTOTP", 1000, core::Error(core::failure::unavailable, "the disk is full"));
  const auto lines = said.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "factord: A call was refused FACTORD_METHOD=ListTOTP FACTORD_CALLER_UID=1000 FACTORD_ERROR=FACTORD-Ava1 "
        "FACTORD_CAUSE=the disk is full");
}

TEST_CASE("a refusal that says all to the caller is not logged, a missing permission is") {
  Stderr said;
  RefusalLog log;
  log.add("ListTOTP", 1000, core::Error::because(core::failure::bad_argument, "Argument x is wrong"));
  log.add("ListTOTP", 1000, core::Error::because(core::failure::quota, "Limit x is reached"));
  CHECK(said.lines().empty());
  log.add("ListTOTP", 1000, denied);
  CHECK(said.lines().size() == 1);
}

TEST_CASE("a caller whom the bus did not name is unknown, not a number") {
  Stderr said;
  RefusalLog log;
  log.add("ListTOTP", std::nullopt, denied);
  const auto lines = said.lines();
  REQUIRE(lines.size() == 1);
  CHECK(contains(lines[0], "FACTORD_CALLER_UID=unknown"));
}

TEST_CASE("ten thousand refusals of one uid are a burst of lines") {
  Stderr said;
  RefusalLog log;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) log.add("ListTOTP", 1000, denied);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun).count();
  const auto lines = said.lines();
  CHECK(lines.size() >= burst);
  CHECK(lines.size() <= burst + 2 * (static_cast<std::size_t>(seconds) + 1));  // one a second, each with its count
}

TEST_CASE("the burst of one uid takes no lines from another") {
  Stderr said;
  RefusalLog log;
  for (int i = 0; i < 1000; ++i) log.add("ListTOTP", 1000, denied);
  said.lines();
  log.add("RemoveTOTP", 1001, denied);
  const auto lines = said.lines();
  REQUIRE(lines.size() == 1);
  CHECK(contains(lines[0], "FACTORD_CALLER_UID=1001"));
}

TEST_CASE("what was left out is counted, and told with the next line") {
  Stderr said;
  RefusalLog log;
  std::uint64_t added = 0, written = 0, counted = 0;
  while (counted == 0) {  // a line is free again within a second
    log.add("ListTOTP", 1000, denied);
    ++added;
    for (const std::string& line : said.lines()) {
      if (contains(line, refused)) ++written;
      if (contains(line, left_out)) counted += count_in(line);
    }
  }
  CHECK(written == burst + 1);
  CHECK(added == written + counted);
}

TEST_CASE("so many uids that they do not fit start anew, all of them") {
  Stderr said;
  RefusalLog log;
  for (int i = 0; i < 1000; ++i) log.add("ListTOTP", 1000, denied);
  for (uid_t uid = 2000; uid < 2000 + 1025; ++uid) log.add("ListTOTP", uid, denied);
  said.lines();
  log.add("ListTOTP", 1000, denied);
  CHECK(said.lines().size() == 1);
}
