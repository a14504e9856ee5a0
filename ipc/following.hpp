// SPDX-License-Identifier: Apache-2.0
// The listening side of a client: what org.factord1 tells one connection unasked, also over restarts of the daemon.
// Signals that somebody else sends in its name are dropped. Uses the client's connection, which must outlive it; one
// thread.
#pragma once

#include <exception>
#include <functional>
#include <string>

#include "ipc/client.hpp"

struct sd_bus_message;
struct sd_bus_slot;

namespace factord::ipc {

class Following {
 public:
  struct Listener {
    std::function<void()> subscribe;           // at first, and whenever the daemon is another one; may throw
    std::function<void(const Values&)> told;   // of a signal FactorsChanged
    std::function<void(bool there)> presence;  // the daemon has left the bus, or is there again
  };

  Following(Client& client, Listener listener);
  ~Following();
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

  // Subscribes, and calls `ready` once that is done; returns when `interruption` can be read. Throws RemoteError where
  // the bus is lost, and what the listener throws.
  void run(int interruption, const std::function<void()>& ready);

 private:
  void receive(sd_bus_message* message) noexcept;
  void take(sd_bus_message* message);
  void take_owner(const std::string& owner);
  std::string owner_now();
  void subscribe();
  bool wait(int interruption);

  Client& client_;
  Listener listener_;
  std::string owner_;  // the daemon's unique name; empty: it is not there
  sd_bus_slot* slot_ = nullptr;
  std::exception_ptr thrown_;
};

}  // namespace factord::ipc
