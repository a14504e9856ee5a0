// SPDX-License-Identifier: Apache-2.0
// Reads JSON (RFC 8259) from outside without any leniency: one object and nothing after it, valid UTF-8, no member
// twice (two readers could take different ones), bounded depth and number of values. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factord::webauthn {

struct JsonMember;

struct JsonValue {
  enum class Kind { object, array, string, number, boolean, null };
  Kind kind = Kind::null;
  bool truth = false;               // of booleans
  std::string text;                 // of strings, unescaped
  std::vector<JsonMember> members;  // of objects, in the order of the text
  std::vector<JsonValue> items;     // of arrays

  bool is(Kind asked) const { return kind == asked; }
  // The member of that name; null where there is none.
  const JsonValue* find(std::string_view name) const;
  // Likewise, where the member is a string.
  const std::string* find_string(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

// Nothing for anything but one well-formed object. A byte order mark is not well-formed; lone surrogate escapes are
// refused, since they stand for no text.
std::optional<JsonValue> read_json_object(std::string_view text);

}  // namespace factord::webauthn
