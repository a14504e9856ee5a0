// SPDX-License-Identifier: Apache-2.0
// What is said on the bus unasked: that somebody has left, and the signals of other services. sd-bus could tell it, but
// takes any connection that says so for the bus itself, and goes through its rules for method calls, too, which is a
// good part of what a call costs. Owned by the bus; loop thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ipc/bus.hpp"

struct sd_bus_slot;

namespace factord::ipc {

class Signals {
 public:
  explicit Signals(sd_bus* bus);  // outlives it. Throws Error (unavailable).
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  using Watch = Bus::Watch;  // each is dropped before the signals, and may be dropped while it is called
  using Heard = std::function<void(const std::string& name)>;
  // Called when that name leaves the bus, for an empty one whenever any does. Nobody but the bus can bring it about.
  std::unique_ptr<Watch> departures(const std::string& name, Heard gone);
  // Called, without a name, at each such signal. Any connection can bring it about: who owns a name is not known here.
  std::unique_ptr<Watch> signals(const Bus::Target& signal, Heard heard);

 private:
  struct Listener {
    std::string rule;  // as the bus has it
    Heard heard;
    bool over = false;
  };
  using Listeners = std::multimap<std::string, std::shared_ptr<Listener>>;  // by topic
  class Place;

  std::unique_ptr<Watch> listen(const std::string& topic, const std::string& rule, Heard heard);
  void forget(Listeners::iterator listener);
  void meet(sd_bus_message* signal);
  void tell(const std::string& topic, const std::string& name) const;

  sd_bus* bus_;
  sd_bus_slot* slot_ = nullptr;
  Listeners listeners_;
};

}  // namespace factord::ipc
