// SPDX-License-Identifier: Apache-2.0
// Messages without a bus: a connection that never gets an answer is enough to build, seal and read them.
#pragma once

#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <functional>
#include <memory>
#include <stdexcept>

#include "core/fd.hpp"
#include "ipc/codec.hpp"

namespace factord::tests {

using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

inline void must(int result) {
  if (result < 0) throw std::runtime_error("sd-bus refused: " + std::to_string(result));
}

class Wire {
 public:
  Wire() {
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
    other_end_ = core::Fd(ends[1]);
    must(sd_bus_new(&bus_));
    must(sd_bus_set_fd(bus_, ends[0], ends[0]));
    must(sd_bus_start(bus_));
  }
  ~Wire() { sd_bus_close_unref(bus_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // As its receiver sees it: sealed, at its first value.
  Message message(const std::function<void(sd_bus_message*)>& fill) const {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_method_call(bus_, &raw, "org.example", "/", "org.example", "Method"));
    Message message(raw, sd_bus_message_unref);
    fill(raw);
    must(sd_bus_message_seal(raw, 1, 0));
    must(sd_bus_message_rewind(raw, 1));
    return message;
  }
  Message message(const ipc::Values& values) const {
    return message([&](sd_bus_message* raw) {
      for (const ipc::Value& value : values) ipc::append(raw, value);
    });
  }

 private:
  core::Fd other_end_;
  sd_bus* bus_ = nullptr;
};

}  // namespace factord::tests
