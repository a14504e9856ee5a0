// SPDX-License-Identifier: Apache-2.0
// The object that callers see: its methods, properties and signals, as sd-bus serves and describes them. Handed to it
// without sdbus-c++, which copies each call three times over, behind a lock. Owned by the bus; loop thread. No
// exception leaves it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ipc/bus.hpp"

struct sd_bus_slot;
struct sd_bus_vtable;

namespace factord::ipc {

class Published {
 public:
  using Methods = std::vector<std::pair<Member, Bus::Handler>>;
  // Throws Error (unavailable). The bus outlives it.
  Published(sd_bus* bus, Methods methods, std::vector<Property> properties, std::vector<Member> signals);
  ~Published();
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

 private:
  void add(const std::string& interface, const sd_bus_vtable& row);

  // sd-bus keeps pointers into all of these.
  Methods methods_;
  std::vector<Property> properties_;
  std::vector<Member> signals_;
  std::vector<std::string> names_;  // of the arguments of each method and each signal
  std::map<std::string, std::vector<sd_bus_vtable>> interfaces_;
  std::vector<sd_bus_slot*> slots_;
};

}  // namespace factord::ipc
