// SPDX-License-Identifier: Apache-2.0
// The calling side of the bus, for factorctl and tests: one connection, blocking calls, plain values. Built on sd-bus
// alone. Owned by its caller; one thread.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "ipc/value.hpp"

struct sd_bus;

namespace factord::ipc {

// An error reply, or a failure of the bus itself, by its D-Bus name.
struct RemoteError : std::runtime_error {
  RemoteError(std::string error_name, const std::string& message)
      : std::runtime_error(message), name(std::move(error_name)) {}
  std::string name;  // "org.factord1.Error.NotFound"
};

// May polkit ask a person for a password before the call is judged?
enum class Prompt { never, allowed };

class Client {
 public:
  // "system", "session" or a D-Bus address. Throws RemoteError where there is no bus.
  explicit Client(const std::string& bus, std::chrono::seconds timeout = std::chrono::seconds(180));
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Calls org.factord1 and waits for the answer. Throws RemoteError.
  Values call(const char* interface, const char* method, const Values& arguments, Prompt prompt = Prompt::never);
  Value property(const char* interface, const char* name);

 private:
  friend class Following;
  sd_bus* bus_ = nullptr;
  std::chrono::seconds timeout_;
};

}  // namespace factord::ipc
