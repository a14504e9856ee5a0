// SPDX-License-Identifier: Apache-2.0
// Reads JSON (RFC 8259) from outside without any leniency: one object and nothing after it, valid UTF-8, no member
// twice (two readers could take different ones), bounded depth and number of values. Everything is judged, but only
// the members that the caller names are kept, so that no input makes more of itself than a copy and eight bytes a
// member. Pure; any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace factord::webauthn {

// Texts are views into the JsonObject that holds the value.
struct JsonValue {
  enum class Kind { absent, object, array, strings, string, number, boolean, null };
  Kind kind = Kind::absent;
  bool truth = false;                   // of booleans
  std::string_view text;                // of strings, unescaped
  std::vector<std::string_view> items;  // of Kind::strings: an array of nothing but strings, possibly of nothing

  bool is(Kind asked) const { return kind == asked; }
};

// "type"; "response.transports" for a member of a member, which must be named too. They must outlive what is read.
using JsonPaths = std::span<const std::string_view>;

class JsonObject {
 public:
  // The member of that path; Kind::absent where there is none. Throws std::logic_error unless the path was named.
  const JsonValue& operator[](std::string_view path) const;

 private:
  friend std::optional<JsonObject> read_json_object(std::string_view text, JsonPaths wanted);
  JsonObject(JsonPaths wanted, std::string_view text);

  JsonPaths wanted_;
  std::unique_ptr<char[]> buffer_;  // the text, unescaped in place
  std::vector<JsonValue> values_;   // one for each path
};

// Nothing for anything but one well-formed object. A byte order mark is not well-formed; lone surrogate escapes are
// refused, since they stand for no text. So are more than 32 strings in an array that is wanted.
std::optional<JsonObject> read_json_object(std::string_view text, JsonPaths wanted);

}  // namespace factord::webauthn
