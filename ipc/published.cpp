// SPDX-License-Identifier: Apache-2.0
#include "ipc/published.hpp"

#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstring>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/codec.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

using Method = Published::Methods::value_type;

int on_call(sd_bus_message* call, void* context, sd_bus_error*) {
  const auto& [member, handler] = *static_cast<const Method*>(context);
  try {
    handler(Incoming(call, member.out_signature));
  } catch (...) {
    // The door catches all; this is for what happens before it. The Incoming has answered on its way down.
    core::log(core::Severity::error, "A call ended in an exception outside the door");
  }
  return 1;
}

int on_get(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* context, sd_bus_error*) try {
  append(reply, static_cast<const Property*>(context)->value());
  return 1;
} catch (...) {
  core::log(core::Severity::error, "A property could not be answered");
  return -EIO;
}

// The names of the arguments, each with its end, in one text.
std::string joined(const Member& member) {
  std::string all;
  for (const auto* names : {&member.in_names, &member.out_names})
    for (const std::string& name : *names) all.append(name).push_back('\0');
  return all;
}

// What a callback is given: with the flag for it, sd-bus takes the offset for the address itself.
template <typename Entry>
std::size_t address(const Entry& entry) {
  return reinterpret_cast<std::size_t>(&entry);
}

// The macros of sd-bus-vtable.h are for tables of constants. All that is not set has to be zero.
sd_bus_vtable empty_row(char type) {
  sd_bus_vtable row{};
  row.type = static_cast<std::uint8_t>(type);
  return row;
}

sd_bus_vtable first_row() {
  sd_bus_vtable row = empty_row(_SD_BUS_VTABLE_START);
  row.x.start = {sizeof(sd_bus_vtable), _SD_BUS_VTABLE_PARAM_NAMES, &sd_bus_object_vtable_format};
  return row;
}

sd_bus_vtable row_of(const Method& method, const std::string& names) {
  const Member& member = method.first;
  sd_bus_vtable row = empty_row(_SD_BUS_VTABLE_METHOD);
  row.flags = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_ABSOLUTE_OFFSET;
  row.x.method = {
      member.name.c_str(), member.in_signature.c_str(), member.out_signature.c_str(), on_call, address(method),
      names.c_str()};
  return row;
}

sd_bus_vtable row_of(const Property& property) {
  sd_bus_vtable row = empty_row(_SD_BUS_VTABLE_PROPERTY);
  row.flags = SD_BUS_VTABLE_ABSOLUTE_OFFSET;
  row.x.property = {property.name.c_str(), "s", on_get, nullptr, address(property)};
  return row;
}

sd_bus_vtable row_of(const Member& signal, const std::string& names) {
  sd_bus_vtable row = empty_row(_SD_BUS_VTABLE_SIGNAL);
  row.x.signal = {signal.name.c_str(), signal.out_signature.c_str(), names.c_str()};
  return row;
}

}  // namespace

Published::Published(sd_bus* bus, Methods methods, std::vector<Property> properties, std::vector<Member> signals)
    : methods_(std::move(methods)), properties_(std::move(properties)), signals_(std::move(signals)) {
  names_.reserve(methods_.size() + signals_.size());
  for (const Method& method : methods_)
    add(method.first.interface, row_of(method, names_.emplace_back(joined(method.first))));
  for (const Property& property : properties_) add(property.interface, row_of(property));
  for (const Member& signal : signals_) add(signal.interface, row_of(signal, names_.emplace_back(joined(signal))));
  for (auto& [interface, rows] : interfaces_) {
    rows.push_back(empty_row(_SD_BUS_VTABLE_END));
    const int result =
        sd_bus_add_object_vtable(bus, &slots_.emplace_back(), names::object, interface.c_str(), rows.data(), nullptr);
    if (result < 0)
      throw core::Error(core::failure::unavailable, "publishing " + interface + ": " + std::strerror(-result));
  }
}

Published::~Published() {
  for (sd_bus_slot* slot : slots_) sd_bus_slot_unref(slot);
}

void Published::add(const std::string& interface, const sd_bus_vtable& row) {
  auto& rows = interfaces_[interface];
  if (rows.empty()) rows.push_back(first_row());
  rows.push_back(row);
}

}  // namespace factord::ipc
