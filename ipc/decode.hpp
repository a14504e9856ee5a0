// SPDX-License-Identifier: Apache-2.0
// Reads the arguments of a call as the method's row describes them, bounded, strict: unknown options, wrong types and
// lengths are refused by name. Stateless; loop thread.
#pragma once

#include <optional>

#include "core/error.hpp"
#include "ipc/method.hpp"

struct sd_bus_message;

namespace factord::ipc {

struct Decoded {
  Dict arguments;  // by name; options among them. What was refused is missing.
  // The first thing that was wrong. The permission is judged before anybody is told.
  std::optional<core::Error> refusal;
};

Decoded decode(sd_bus_message* message, const Method& method);

}  // namespace factord::ipc
