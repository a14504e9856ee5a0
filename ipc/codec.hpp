// SPDX-License-Identifier: Apache-2.0
// Values in and out of bus messages, through sd-bus itself: sdbus-c++'s containers drop a repeated key silently, copy
// before a length can be looked at, and read a wrong type as garbage. Stateless; the thread of the connection.
#pragma once

#include <stdexcept>

#include "ipc/value.hpp"

struct sd_bus_message;

namespace factord::ipc {

// The message is not what its signature promises, or holds what no method of factord takes.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Bounds on what is copied out of a message; everything beyond is Malformed before it is copied.
struct Bounds {
  std::size_t text_bytes = 4u << 20;  // 1,048,576 code points of 4 bytes each, the longest text of the contract
  std::size_t entries = 64;           // of a dictionary or an array of texts
  std::size_t dicts = 1u << 20;       // of an array of dictionaries
};

// Reads the next value of the message as `type`. A file descriptor is duplicated, close-on-exec. Throws Malformed.
Value read(sd_bus_message* message, Type type, const Bounds& bounds = {});

// Appends; throws std::runtime_error where sd-bus refuses (no memory, message sealed).
void append(sd_bus_message* message, const Value& value);

}  // namespace factord::ipc
