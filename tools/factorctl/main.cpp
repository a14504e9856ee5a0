// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>

#include "core/error.hpp"
#include "ipc/client.hpp"
#include "tools/factorctl/cli.hpp"

namespace factord::factorctl {
namespace {

class Remote final : public Bus {
 public:
  explicit Remote(const std::string& address) : client_(address) {}
  ipc::Values call(const char* interface, const char* method, const ipc::Values& arguments) override {
    return client_.call(interface, method, arguments);
  }
  std::string property(const char* interface, const char* name) override {
    return std::get<std::string>(client_.property(interface, name));
  }

 private:
  ipc::Client client_;
};

// Seeds pass through this process: none of it may end in a core file.
void forbid_core_files() {
  constexpr rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

int start(int argc, char** argv) try {
  const Console console(STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  return run(argc, argv, console, [](const std::string& address) { return std::make_unique<Remote>(address); });
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
