// SPDX-License-Identifier: Apache-2.0
#include "core/fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/support/catch.hpp"

using namespace factord::core;

namespace {

bool open_in_this_process(int fd) { return fcntl(fd, F_GETFD) >= 0; }

std::string read_on(int fd) {
  std::string content;
  std::array<char, 4096> part;
  for (ssize_t size; (size = read(fd, part.data(), part.size())) > 0;)
    content.append(part.data(), static_cast<std::size_t>(size));
  return content;
}

Fd memfd_with_seals(int seals) {
  Fd fd(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(fd.valid());
  REQUIRE(fcntl(fd.get(), F_ADD_SEALS, seals) == 0);
  return fd;
}

}  // namespace

TEST_CASE("a descriptor closes itself once") {
  int number = -1;
  {
    const Fd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = fd.get();
    CHECK(open_in_this_process(number));
  }
  CHECK_FALSE(open_in_this_process(number));
}

TEST_CASE("a moved descriptor has one owner") {
  Fd from(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = from.get();
  Fd to = std::move(from);
  CHECK(to.get() == number);
  CHECK_FALSE(from.valid());  // NOLINT: what is left behind is the promise
  CHECK(open_in_this_process(number));
}

TEST_CASE("assigning a descriptor closes the old one") {
  Fd target(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = target.get();
  {
    Fd next(open("/dev/zero", O_RDONLY | O_CLOEXEC));
    target = std::move(next);
  }
  CHECK_FALSE(open_in_this_process(old));
  CHECK(open_in_this_process(target.get()));
}

TEST_CASE("a released descriptor stays open") {
  Fd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = fd.release();
  CHECK_FALSE(fd.valid());
  CHECK(open_in_this_process(number));
  close(number);
}

TEST_CASE("a sealed memfd is read from its beginning to its end") {
  for (const std::string& content :
       {std::string(), std::string("otpauth"), std::string("a\0b", 3), std::string(1'000'000, 'x')}) {
    const Fd fd = sealed_memfd(content);
    CHECK(lseek(fd.get(), 0, SEEK_CUR) == 0);
    CHECK(read_on(fd.get()) == content);
  }
}

TEST_CASE("a sealed memfd can be changed by nobody") {
  const Fd fd = sealed_memfd("content");
  CHECK(write(fd.get(), "x", 1) < 0);
  CHECK(errno == EPERM);
  CHECK(ftruncate(fd.get(), 1) != 0);
  CHECK(ftruncate(fd.get(), 100) != 0);
  CHECK(mmap(nullptr, 7, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0) == MAP_FAILED);
  CHECK(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE) != 0);
  CHECK(read_on(fd.get()) == "content");
}

TEST_CASE("a sealed memfd is not inherited by programs") {
  const Fd fd = sealed_memfd("content");
  CHECK((fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a sealed memfd is recognised") {
  CHECK(is_sealed_memfd(sealed_memfd("").get()));
  CHECK(is_sealed_memfd(sealed_memfd("content").get()));
}

TEST_CASE("a memfd that lacks one of the four seals is not sealed") {
  constexpr int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  CHECK(is_sealed_memfd(memfd_with_seals(all).get()));
  for (int missing : {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, all})
    CHECK_FALSE(is_sealed_memfd(memfd_with_seals(all & ~missing).get()));
}

TEST_CASE("pipes, terminals, devices, files and nothing are no sealed memfd") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Fd reading(ends[0]), writing(ends[1]);
  CHECK_FALSE(is_sealed_memfd(reading.get()));
  CHECK_FALSE(is_sealed_memfd(writing.get()));

  const Fd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(terminal.valid());
  CHECK_FALSE(is_sealed_memfd(terminal.get()));

  CHECK_FALSE(is_sealed_memfd(Fd(open("/dev/null", O_RDONLY | O_CLOEXEC)).get()));
  CHECK_FALSE(is_sealed_memfd(Fd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)).get()));
  CHECK_FALSE(is_sealed_memfd(Fd(open("/dev/shm", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600)).get()));
  CHECK_FALSE(is_sealed_memfd(-1));
}
