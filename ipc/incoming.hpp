// SPDX-License-Identifier: Apache-2.0
// A method call, held until it is answered. Dropped unanswered, as at the end of the daemon, it answers Unavailable: no
// caller waits in vain. Made by the bus (ipc/bus.cpp), owned by whoever has to answer; loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ipc/value.hpp"

struct sd_bus_message;

namespace factord::ipc {

// Whether somebody may be asked for a password before a call is answered: the caller says so in its message.
enum class Interaction : std::uint8_t { forbidden, allowed };

class Incoming {
 public:
  struct Held;
  explicit Incoming(std::unique_ptr<Held> held);
  Incoming(Incoming&&) noexcept;
  Incoming& operator=(Incoming&&) noexcept;
  ~Incoming();

  std::string sender() const;  // unique name
  sd_bus_message* message() const;
  Interaction interaction() const;

  // Frees the arguments and every file descriptor that came along, asked for or not: a call that has to wait would
  // keep them. Flags, sender and the way back stay.
  void let_go();

  // Each answers once. A reply that cannot be sent is logged.
  void reply(const Values& values);
  void fail(const std::string& error_name, const std::string& message);

 private:
  std::unique_ptr<Held> held_;
};

}  // namespace factord::ipc
