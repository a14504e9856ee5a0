// SPDX-License-Identifier: Apache-2.0
// What travels over the bus, as plain values. Both the door and the client speak in them; only ipc/codec knows how they
// lie in a message.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/fd.hpp"

namespace factord::ipc {

struct Value;
using Values = std::vector<Value>;
using Dict = std::map<std::string, Value, std::less<>>;  // a{sv}
using Dicts = std::vector<Dict>;                         // aa{sv}
using Texts = std::vector<std::string>;                  // as
using SharedFd = std::shared_ptr<const core::Fd>;        // h

struct Value
    : std::variant<bool, std::int32_t, std::uint32_t, std::uint64_t, std::string, Texts, SharedFd, Dict, Dicts> {
  using variant::variant;
  Value(const char* text) : variant(std::string(text)) {}
  Value(std::string_view text) : variant(std::string(text)) {}
};

enum class Type { boolean, int32, uint32, uint64, text, texts, fd, dict, dicts };

inline Type type_of(const Value& value) { return static_cast<Type>(value.index()); }

// D-Bus signature: "b", "i", "u", "t", "s", "as", "h", "a{sv}", "aa{sv}".
std::string_view signature_of(Type type);
std::optional<Type> type_named(std::string_view signature);
// About as many bytes as they take in a message.
std::uint64_t size_of(const Values& values);

}  // namespace factord::ipc
