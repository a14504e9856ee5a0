// SPDX-License-Identifier: Apache-2.0
#include "ipc/secret_input.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "core/failure.hpp"

namespace factord::ipc {
namespace {

constexpr std::size_t longest = 4096;
constexpr std::uint64_t patience = 5'000'000;  // microseconds

core::Error refusal(const std::string& name, const std::string& why) {
  return core::Error::because(core::failure::bad_argument, "Argument " + name + " " + why);
}

// The writing end would never become readable, and end in a timeout that says nothing.
bool is_reading_end(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) return false;
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && (flags & O_PATH) == 0;
}

core::Secret read_memfd(int fd, const std::string& name) {
  core::Secret secret(longest + 1);
  std::size_t size = 0;
  while (size <= longest) {
    const ssize_t got = pread(fd, secret.bytes().data() + size, secret.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw refusal(name, "cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > longest) throw refusal(name, "holds more than 4096 bytes");
  secret.shrink(size);
  return secret;
}

// One pipe being read. Owns its event sources; deletes itself when done.
class PipeReader {
 public:
  PipeReader(SharedFd fd, std::string name, SecretRead done)
      : fd_(std::move(fd)), name_(std::move(name)), done_(std::move(done)) {}
  ~PipeReader() {
    sd_event_source_disable_unref(readable_);
    sd_event_source_disable_unref(deadline_);
    sd_event_source_disable_unref(end_);
  }

  void start(sd_event* loop) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw core::Error(core::failure::unavailable, "pipe2");
    out_ = core::Fd(ends[0]);
    in_ = core::Fd(ends[1]);
    if (sd_event_add_io(loop, &readable_, fd_->get(), EPOLLIN, on_readable, this) < 0 ||
        sd_event_add_time_relative(loop, &deadline_, CLOCK_MONOTONIC, patience, 0, on_deadline, this) < 0 ||
        sd_event_add_exit(loop, &end_, on_end, this) < 0)
      throw refusal(name_, "cannot be read");
  }

 private:
  static int on_readable(sd_event_source*, int, std::uint32_t, void* self) {
    static_cast<PipeReader*>(self)->take();
    return 0;
  }
  static int on_deadline(sd_event_source*, std::uint64_t, void* self) {
    auto* reader = static_cast<PipeReader*>(self);
    reader->finish(std::make_exception_ptr(
        core::Error::because(core::failure::timed_out, "Argument " + reader->name_ + " did not end within 5 seconds")));
    return 0;
  }

  // The loop ends before the pipe does: nobody else would answer, or free this.
  static int on_end(sd_event_source*, void* self) {
    static_cast<PipeReader*>(self)->finish(
        std::make_exception_ptr(core::Error(core::failure::unavailable, "the daemon ends")));
    return 0;
  }

  // Poll said that there is something, but another holder of the same pipe may have taken it since, and may have
  // cleared O_NONBLOCK: read() could block for ever. splice() with SPLICE_F_NONBLOCK cannot.
  void take() {
    const ssize_t got = splice(fd_->get(), nullptr, in_.get(), nullptr, longest + 1 - size_, SPLICE_F_NONBLOCK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) return finish(std::make_exception_ptr(refusal(name_, "cannot be read")));
    if (got == 0) return finish(nullptr);
    const ssize_t copied = read(out_.get(), secret_.bytes().data() + size_, static_cast<std::size_t>(got));
    if (copied != got) return finish(std::make_exception_ptr(refusal(name_, "cannot be read")));
    size_ += static_cast<std::size_t>(got);
    if (size_ > longest) finish(std::make_exception_ptr(refusal(name_, "holds more than 4096 bytes")));
  }

  void finish(std::exception_ptr error) {
    const std::unique_ptr<PipeReader> self(this);
    secret_.shrink(size_);
    done_(std::move(secret_), error);
  }

  SharedFd fd_;
  std::string name_;
  SecretRead done_;
  core::Fd out_, in_;
  core::Secret secret_{longest + 1};
  std::size_t size_ = 0;
  sd_event_source* readable_ = nullptr;
  sd_event_source* deadline_ = nullptr;
  sd_event_source* end_ = nullptr;
};

}  // namespace

void read_secret(sd_event* loop, SharedFd fd, const std::string& name, SecretRead done) {
  if (core::is_sealed_memfd(fd->get())) {
    core::Secret secret = read_memfd(fd->get(), name);
    return done(std::move(secret), nullptr);
  }
  if (!is_reading_end(fd->get())) throw refusal(name, "must be a pipe or a sealed memfd");
  auto reader = std::make_unique<PipeReader>(std::move(fd), name, std::move(done));
  reader->start(loop);
  static_cast<void>(reader.release());  // deletes itself in finish()
}

}  // namespace factord::ipc
