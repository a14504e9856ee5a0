// SPDX-License-Identifier: Apache-2.0
// Sees every method call before anything looks at it, those that sd-bus answers by itself among them, and keeps away
// those to objects with endless paths, and those of connections that leave too much unread. Owned by the door, outlived
// by the bus; loop thread.
#pragma once

#include <cstdint>

#include "ipc/backlog.hpp"
#include "ipc/bus.hpp"

struct sd_bus_slot;

namespace factord::ipc {

class Screen {
 public:
  Screen(const Bus& bus, Backlog& backlog);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

 private:
  Backlog& backlog_;
  sd_bus_slot* slot_ = nullptr;
  std::uint64_t quiet_until_ = 0;

  // 0: it may go on.
  int meet(sd_bus_message* message);
  int weigh(sd_bus_message* message);
  void complain(sd_bus_message* message);
};

}  // namespace factord::ipc
