// SPDX-License-Identifier: Apache-2.0
#include "ipc/secret_input.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::ipc;

namespace {

struct Pipe {
  core::Fd out, in;
  explicit Pipe(int flags = 0) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC | flags) == 0);
    out = core::Fd(ends[0]);
    in = core::Fd(ends[1]);
  }
  void send(const std::string& text) const {
    REQUIRE(::write(in.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end() { core::Fd(in.release()); }
};

SharedFd shared(core::Fd fd) { return std::make_shared<const core::Fd>(std::move(fd)); }

SharedFd copy_of(const core::Fd& fd) { return shared(core::Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, 3))); }

core::Fd memfd(const std::string& content, int seals) {
  core::Fd fd(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  REQUIRE(fcntl(fd.get(), F_ADD_SEALS, seals) == 0);
  return fd;
}

// What comes of a descriptor: the text, or the error in '<>'.
class Reading {
 public:
  Reading() { REQUIRE(sd_event_new(&loop_) >= 0); }
  ~Reading() { sd_event_unref(loop_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  sd_event* loop() const { return loop_; }
  const std::optional<std::string>& outcome() const { return outcome_; }

  void start(SharedFd fd) {
    try {
      read_secret(loop_, std::move(fd), "uri", [this](core::Secret secret, std::exception_ptr error) {
        CHECK_FALSE(outcome_);
        outcome_ = error ? text_of(error) : std::string(secret.text());
      });
    } catch (...) {
      outcome_ = text_of(std::current_exception());
    }
  }
  // Lets the loop do what there is to do now; true if there was something.
  bool turn() { return sd_event_run(loop_, 0) > 0; }
  std::string finish() {
    while (!outcome_) REQUIRE(sd_event_run(loop_, UINT64_MAX) >= 0);
    return *outcome_;
  }
  std::string of(SharedFd fd) {
    start(std::move(fd));
    return finish();
  }

 private:
  static std::string text_of(std::exception_ptr error) try {
    std::rethrow_exception(error);
  } catch (const core::Error& known) {
    return "<" + std::string(known.what()) + ">";
  }

  sd_event* loop_ = nullptr;
  std::optional<std::string> outcome_;
};

constexpr char too_long[] = "<Argument uri holds more than 4096 bytes (FACTORD-Arg1)>";
constexpr char wrong_kind[] = "<Argument uri must be a pipe or a sealed memfd (FACTORD-Arg1)>";
constexpr int all_seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

}  // namespace

TEST_CASE("a sealed memfd is read at once, from its start wherever its offset stands") {
  Reading reading;
  reading.start(shared(memfd("otpauth://", all_seals)));
  CHECK(reading.outcome() == "otpauth://");
}

TEST_CASE("an empty sealed memfd is an empty secret") { CHECK(Reading().of(shared(memfd("", all_seals))).empty()); }

TEST_CASE("a sealed memfd holds at most 4096 bytes") {
  const std::string most(4096, 'x');
  CHECK(Reading().of(shared(memfd(most, all_seals))) == most);
  CHECK(Reading().of(shared(memfd(most + "x", all_seals))) == too_long);
}

TEST_CASE("a memfd that somebody could still change is refused") {
  const int missing = GENERATE(F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_SEAL);
  CHECK(Reading().of(shared(memfd("secret", all_seals & ~missing))) == wrong_kind);
}

TEST_CASE("files, sockets and devices are refused") {
  char name[] = "/tmp/factord-secret-XXXXXX";
  core::Fd file(mkostemp(name, O_CLOEXEC));
  REQUIRE(file.valid());
  unlink(name);
  CHECK(Reading().of(shared(std::move(file))) == wrong_kind);

  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const core::Fd peer(ends[1]);
  CHECK(Reading().of(shared(core::Fd(ends[0]))) == wrong_kind);
  CHECK(Reading().of(shared(core::Fd(open("/dev/zero", O_RDONLY | O_CLOEXEC)))) == wrong_kind);
}

TEST_CASE("a pipe is read to its end") {
  Pipe pipe;
  pipe.send("otpauth://totp/");
  pipe.end();
  CHECK(Reading().of(shared(std::move(pipe.out))) == "otpauth://totp/");
}

TEST_CASE("an empty pipe is an empty secret") {
  Pipe pipe;
  pipe.end();
  CHECK(Reading().of(shared(std::move(pipe.out))).empty());
}

TEST_CASE("a pipe that is written in pieces is put together, and the loop goes on in between") {
  Pipe pipe;
  Reading reading;
  reading.start(shared(std::move(pipe.out)));
  for (const char* piece : {"one ", "two ", "three"}) {
    CHECK_FALSE(reading.turn());
    pipe.send(piece);
    CHECK(reading.turn());
    CHECK_FALSE(reading.outcome());
  }
  pipe.end();
  CHECK(reading.finish() == "one two three");
}

TEST_CASE("a pipe holds at most 4096 bytes") {
  const std::string most(4096, 'x');
  Pipe fits;
  fits.send(most);
  fits.end();
  CHECK(Reading().of(shared(std::move(fits.out))) == most);

  Pipe longer;  // refused without waiting for its end
  longer.send(most + "x");
  CHECK(Reading().of(copy_of(longer.out)) == too_long);
}

TEST_CASE("another reader of the same pipe who was faster does not block the loop") {
  Pipe pipe;
  Reading reading;
  std::string other;
  bool other_ended = false;
  reading.start(copy_of(pipe.out));
  read_secret(reading.loop(), shared(std::move(pipe.out)), "uri", [&](core::Secret secret, std::exception_ptr error) {
    CHECK_FALSE(error);
    other = std::string(secret.text());
    other_ended = true;
  });
  pipe.send("x");  // both are told of it before either has read
  while (reading.turn()) continue;
  CHECK_FALSE((reading.outcome() || other_ended));
  pipe.end();
  const std::string one = reading.finish();
  while (!other_ended) reading.turn();
  CHECK(one + other == "x");
}

TEST_CASE("the writing end of a pipe is refused at once: it would never have anything to read") {
  Pipe pipe;
  CHECK(Reading().of(shared(std::move(pipe.in))) == wrong_kind);
}

TEST_CASE("a pipe that is still being read when the loop ends is answered, and let go of") {
  Pipe pipe;
  Reading reading;
  reading.start(shared(std::move(pipe.out)));
  REQUIRE(sd_event_exit(reading.loop(), 0) >= 0);
  reading.turn();
  CHECK(reading.outcome() == "<Service is unavailable (FACTORD-Ava1)>");
}

TEST_CASE("a pipe whose writer does not end is given up after 5 seconds", "[slow]") {
  Pipe pipe;
  pipe.send("half a secr");
  const auto start = std::chrono::steady_clock::now();
  CHECK(Reading().of(copy_of(pipe.out)) == "<Argument uri did not end within 5 seconds (FACTORD-Time1)>");
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(5));
}
