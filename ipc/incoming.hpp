// SPDX-License-Identifier: Apache-2.0
// A method call, held until it is answered. Dropped unanswered, as at the end of the daemon, it answers Unavailable: no
// caller waits in vain. Made by the bus, owned by whoever has to answer; loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ipc/message.hpp"
#include "ipc/value.hpp"

namespace factord::ipc {

// Whether somebody may be asked for a password before a call is answered: the caller says so in its message.
enum class Interaction : std::uint8_t { forbidden, allowed };

class Incoming {
 public:
  // Holds the call. What it is answered with must have that signature: the method's, which lives as long as the bus.
  Incoming(sd_bus_message* call, const std::string& out_signature);
  Incoming(Incoming&&) noexcept = default;
  ~Incoming();

  std::string sender() const;  // unique name
  sd_bus_message* message() const { return call_.get(); }
  Interaction interaction() const;
  bool wants_reply() const;

  // Frees the arguments and every file descriptor that came along, asked for or not: a call that has to wait would
  // keep them. Flags, sender and the way back stay.
  void let_go();

  // Each answers once, unless the call wants no reply: sd-bus would send it, and the bus drop it. A reply that cannot
  // be sent is logged.
  void reply(const Values& values);
  void fail(const std::string& error_name, const std::string& message);

 private:
  Message call_;
  const std::string* out_signature_;
};

}  // namespace factord::ipc
