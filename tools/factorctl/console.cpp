// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/console.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tools/factorctl/input.hpp"

namespace factord::factorctl {
namespace {

constexpr std::size_t usual_width = 80;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::runtime_error(std::string("The output cannot be written: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Keeps what is typed off the screen for as long as it lives.
class Unseen {
 public:
  explicit Unseen(int fd) : fd_(fd), changed_(tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

}  // namespace

bool Console::can_ask() const { return isatty(in_) == 1; }

bool Console::draws() const { return isatty(out_) == 1; }

std::size_t Console::width() const {
  winsize size{};
  return ioctl(out_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

void Console::print(std::string_view data) const { write_all(out_, data); }

void Console::say(std::string_view line) const { write_all(talk_, std::string(line) + '\n'); }

std::string Console::ask(std::string_view question) const {
  if (can_ask()) write_all(talk_, question);
  return std::string(read_line(in_).text());
}

core::Secret Console::ask_secret(std::string_view question) const {
  if (!can_ask()) return read_line(in_);
  write_all(talk_, question);
  const Unseen unseen(in_);
  core::Secret answer = read_line(in_);
  write_all(talk_, "\n");
  return answer;
}

}  // namespace factord::factorctl
