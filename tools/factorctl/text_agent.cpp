// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/text_agent.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "core/fd.hpp"

namespace factord::factorctl {
namespace {

// In the same order as polkit looks for it, to which agents of a desktop belong.
bool in_a_session() {
  char* session = nullptr;
  const bool found = sd_pid_get_session(0, &session) >= 0 || sd_uid_get_display(geteuid(), &session) >= 0;
  free(session);
  return found;
}

// The agent opens the terminal by itself. What else it has to say is no news: that there is no polkit, the refusal
// tells.
void silence() {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, fd);
}

// It closes `ready` when it is there. --fallback: a desktop's agent goes first. Outside of a session there is none, and
// polkit (122) never comes to ask a fallback.
[[noreturn]] void become_agent(const std::string& bus, const core::Fd& ready, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(EXIT_FAILURE);  // it ended in between
  if (bus != "system") setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.c_str(), 1);
  silence();
  fcntl(ready.get(), F_SETFD, 0);
  const std::string fd = std::to_string(ready.get());
  const char* fallback = in_a_session() ? "--fallback" : nullptr;
  execl("/usr/bin/pkttyagent", "pkttyagent", "--notify-fd", fd.c_str(), fallback, nullptr);
  _exit(EXIT_FAILURE);
}

void wait_for_end(const core::Fd& fd) {
  std::array<char, 16> ignored{};
  ssize_t got = 0;
  do got = read(fd.get(), ignored.data(), ignored.size());
  while (got > 0 || (got < 0 && errno == EINTR));
}

// The agent that runs, for those who interrupt the tool; there is one at most.
volatile pid_t running = 0;

void end(pid_t agent) {
  kill(agent, SIGTERM);
  kill(agent, SIGCONT);  // it may be stopped
  while (waitpid(agent, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// What is typed cannot be seen while the agent asks, and it is the agent that undoes that. Were the tool gone before
// it, the shell would have the terminal as the agent left it.
void end_with_agent(int signal) {
  end(running);
  raise(signal);  // as it would have ended without a handler: SA_RESETHAND
}

void on_interruption(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);  // nohup stays nohup
  }
}

}  // namespace

TextAgent::TextAgent(const std::string& bus) {
  std::array<int, 2> ends{-1, -1};
  if (bus == "session" || pipe2(ends.data(), O_CLOEXEC) < 0) return;
  const core::Fd here(ends[0]);
  core::Fd there(ends[1]);  // ours must be closed before the end of theirs is seen
  const pid_t self = getpid();
  child_ = fork();
  if (child_ == 0) become_agent(bus, there, self);
  there = core::Fd();
  if (child_ > 0) {
    running = child_;
    on_interruption(end_with_agent);
  }
  wait_for_end(here);
}

TextAgent::~TextAgent() {
  if (child_ <= 0) return;
  on_interruption(SIG_DFL);
  end(child_);
}

}  // namespace factord::factorctl
