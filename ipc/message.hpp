// SPDX-License-Identifier: Apache-2.0
// A message of sd-bus that is held by whoever holds this. Loop thread.
#pragma once

#include <systemd/sd-bus.h>

#include <memory>

namespace factord::ipc {

struct MessageEnd {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageEnd>;

}  // namespace factord::ipc
