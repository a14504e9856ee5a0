// SPDX-License-Identifier: Apache-2.0
// From what the bus answers to the mirrored JSON, by way of the messages of ipc/status.proto. Stateless.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "ipc/value.hpp"

namespace factord::factorctl {

// Sets the fields of `message` whose JSON names are keys of `values`; a date is microseconds since 1970 on the bus, and
// 0 is no date. Keys that the message does not know are left out: a newer daemon may say more. Throws
// std::runtime_error where a value has not the type of its field, or a date lies beyond the year 9999.
void fill(google::protobuf::Message& message, const ipc::Dict& values);

// One line, without its end. Throws std::runtime_error where protobuf cannot write it.
std::string to_json(const google::protobuf::Message& message);

// Reads a JSON text into `message`. Throws std::runtime_error.
void from_json(const std::string& text, google::protobuf::Message& message);

}  // namespace factord::factorctl
