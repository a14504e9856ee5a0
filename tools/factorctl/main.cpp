// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <optional>

#include "core/error.hpp"
#include "core/fd.hpp"
#include "ipc/client.hpp"
#include "tools/factorctl/cli.hpp"
#include "tools/factorctl/text_agent.hpp"

namespace factord::factorctl {
namespace {

class Remote final : public Bus {
 public:
  Remote(const std::string& address, bool someone_to_ask)
      : address_(address), someone_to_ask_(someone_to_ask), client_(address) {}

  // Who is refused may have a password to give: only then an agent is started, and the call made once more.
  ipc::Values call(const char* interface, const char* method, const ipc::Values& arguments) override try {
    return client_.call(interface, method, arguments);
  } catch (const ipc::RemoteError& refused) {
    if (!someone_to_ask_ || refused.name != "org.factord1.Error.PermissionDenied") throw;
    if (!agent_) agent_.emplace(address_);
    return client_.call(interface, method, arguments, ipc::Prompt::allowed);
  }
  std::string property(const char* interface, const char* name) override {
    return std::get<std::string>(client_.property(interface, name));
  }

  // They end what was asked for, and not the process: what is written by then is whole, and an agent is ended in order.
  void follow(const ipc::Following::Listener& listener) override {
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
    const core::Fd interruption(signalfd(-1, &ends, SFD_CLOEXEC));
    if (!interruption.valid()) throw std::runtime_error("Signals cannot be waited for");
    ipc::Following(client_, listener).run(interruption.get(), [&] { sigprocmask(SIG_BLOCK, &ends, nullptr); });
  }

 private:
  std::string address_;
  bool someone_to_ask_;
  ipc::Client client_;
  std::optional<TextAgent> agent_;
};

// Seeds pass through this process: none of it may end in a core file.
void forbid_core_files() {
  constexpr rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

int start(int argc, char** argv) try {
  const Console console(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  const bool someone_to_ask = console.can_ask() && geteuid() != 0;
  return run(argc, argv, console,
             [=](const std::string& address) { return std::make_unique<Remote>(address, someone_to_ask); });
} catch (const std::exception& error) {
  std::fprintf(stderr, "factorctl: %s\n", error.what());
  return static_cast<int>(core::Code::internal);
}

}  // namespace
}  // namespace factord::factorctl

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // what width a character has; texts on the bus are UTF-8 in every locale
  factord::factorctl::forbid_core_files();
  return factord::factorctl::start(argc, argv);
}
