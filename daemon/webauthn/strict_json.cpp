// SPDX-License-Identifier: Apache-2.0
// simdjson's On-Demand reader checks only what is asked for, so everything is asked for here. Its other reader, the
// DOM, refuses numbers beyond 64 bits and doubles, which are good JSON in members that nobody reads.
#include "daemon/webauthn/strict_json.hpp"

#include <simdjson.h>

#include <algorithm>

namespace factord::webauthn {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int max_depth = 32;
constexpr int max_values = 65'536;

bool digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 8259 section 6. The value is of no interest.
bool is_number(std::string_view text) {
  take(text, "-");
  if (!take(text, "0") && !digits(text)) return false;
  if (take(text, ".") && !digits(text)) return false;
  if (take(text, "eE")) {
    take(text, "+-");
    if (!digits(text)) return false;
  }
  return text.empty();
}

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

bool has_duplicates(const JsonValue& object) {
  std::vector<std::string_view> names;
  names.reserve(object.members.size());
  for (const auto& member : object.members) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

class Reader {
 public:
  bool object(ondemand::object from, JsonValue& to, int depth);

 private:
  bool value(ondemand::value from, JsonValue& to, int depth);
  bool array(ondemand::array from, JsonValue& to, int depth);
  static bool string(ondemand::value from, JsonValue& to);
  static bool scalar(ondemand::value from, JsonValue& to);

  int values_ = 0;
};

bool Reader::object(ondemand::object from, JsonValue& to, int depth) {
  to.kind = JsonValue::Kind::object;
  for (auto found : from) {
    ondemand::field field;
    std::string_view name;
    if (std::move(found).get(field) != simdjson::SUCCESS) return false;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    JsonMember& member = to.members.emplace_back();
    member.name = name;
    if (!value(field.value(), member.value, depth)) return false;
  }
  return !has_duplicates(to);
}

bool Reader::array(ondemand::array from, JsonValue& to, int depth) {
  to.kind = JsonValue::Kind::array;
  for (auto found : from) {
    ondemand::value item;
    if (std::move(found).get(item) != simdjson::SUCCESS) return false;
    if (!value(item, to.items.emplace_back(), depth)) return false;
  }
  return true;
}

bool Reader::string(ondemand::value from, JsonValue& to) {
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS) return false;
  to.kind = JsonValue::Kind::string;
  to.text = text;
  return true;
}

bool Reader::scalar(ondemand::value from, JsonValue& to) {
  const std::string_view token = without_trailing_blanks(from.raw_json_token());
  to.truth = token == "true";
  if (to.truth || token == "false") {
    to.kind = JsonValue::Kind::boolean;
    return true;
  }
  to.kind = token == "null" ? JsonValue::Kind::null : JsonValue::Kind::number;
  return token == "null" || is_number(token);
}

bool Reader::value(ondemand::value from, JsonValue& to, int depth) {
  ondemand::json_type type;
  if (++values_ > max_values || depth >= max_depth || from.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::string) return string(from, to);
  if (type == ondemand::json_type::object) {
    ondemand::object inner;
    return from.get_object().get(inner) == simdjson::SUCCESS && object(inner, to, depth + 1);
  }
  if (type == ondemand::json_type::array) {
    ondemand::array inner;
    return from.get_array().get(inner) == simdjson::SUCCESS && array(inner, to, depth + 1);
  }
  return scalar(from, to);
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  for (const auto& member : members)
    if (member.name == name) return &member.value;
  return nullptr;
}

const std::string* JsonValue::find_string(std::string_view name) const {
  const JsonValue* value = find(name);
  return value != nullptr && value->is(Kind::string) ? &value->text : nullptr;
}

std::optional<JsonValue> read_json_object(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) return std::nullopt;
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_object().get(root) != simdjson::SUCCESS) return std::nullopt;
  JsonValue value;
  if (!Reader().object(root, value, 1)) return std::nullopt;
  // simdjson knows no place any more once nothing is left
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return value;
}

}  // namespace factord::webauthn
