// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/failure.hpp"

namespace factord::factorctl {
namespace {

// 1,048,576 code points of up to four bytes, the longest credential that the daemon takes.
constexpr std::size_t longest_credential = 4u << 20;

[[noreturn]] void refuse(const std::string& text) { throw core::Error::because(core::failure::bad_argument, text); }

std::size_t read_some(int fd, void* into, std::size_t size) {
  for (;;) {
    const ssize_t got = read(fd, into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) refuse(std::string("The input cannot be read: ") + std::strerror(errno));
  }
}

std::string read_whole(int fd) {
  std::string text;
  std::array<char, 16384> part;
  while (const std::size_t got = read_some(fd, part.data(), part.size())) {
    text.append(part.data(), got);
    if (text.size() > longest_credential) refuse("The credential is too long");
  }
  return text;
}

bool blank(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

core::Secret without_blanks(const core::Secret& text) {
  core::ByteView view = text.view();
  while (!view.empty() && blank(view.back())) view = view.first(view.size() - 1);
  while (!view.empty() && blank(view.front())) view = view.subspan(1);
  if (view.empty()) refuse("There is nothing to read on the input");
  return core::Secret::copy_of(view);
}

}  // namespace

core::Fd open_file(const std::string& path) {
  core::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) refuse(path + ": " + std::strerror(errno));
  return fd;
}

std::string read_credential(const std::string& path, int standard_input) {
  const std::string text = path == "-" ? read_whole(standard_input) : read_whole(open_file(path).get());
  if (text.empty()) refuse("The credential is empty");
  return text;
}

core::Secret read_line(int fd) {
  core::Secret line(longest_secret + 1);
  std::size_t size = 0;
  while (read_some(fd, &line.bytes()[size], 1) == 1 && line.bytes()[size] != '\n')
    if (++size > longest_secret) refuse("The line is too long");
  line.shrink(size);
  return without_blanks(line);
}

core::Secret read_secret(const Console& console, const std::string& path, std::string_view question) {
  return path == "-" ? console.ask_secret(question) : read_line(open_file(path).get());
}

ipc::SharedFd sealed(const core::Secret& secret) {
  return std::make_shared<const core::Fd>(core::sealed_memfd(secret.text()));
}

core::Secret read_passed(int fd) {
  core::Secret content(longest_secret + 1);
  const ssize_t got = pread(fd, content.bytes().data(), content.size(), 0);
  if (got <= 0 || static_cast<std::size_t>(got) > longest_secret)
    throw core::Error(core::failure::internal, "the descriptor that the daemon passed cannot be read");
  content.shrink(static_cast<std::size_t>(got));
  return content;
}

}  // namespace factord::factorctl
