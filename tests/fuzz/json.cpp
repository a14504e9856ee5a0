// SPDX-License-Identifier: Apache-2.0
// Another reader of JSON, nlohmann's, finds the same under every path that is wanted, and what it reads without meeting
// a name twice is not refused either.
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/webauthn/strict_json.hpp"
#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;
using Json = nlohmann::json;
using Kind = JsonValue::Kind;

constexpr std::string_view wanted[] = {"type",
                                       "challenge",
                                       "crossOrigin",
                                       "id",
                                       "response",
                                       "response.clientDataJSON",
                                       "response.transports",
                                       "clientExtensionResults",
                                       "clientExtensionResults.appid"};

// What the other reader made of a text. The daemon bounds depth and counts; texts near its bounds tell nothing.
struct Other {
  bool read = false, beyond_double = false, twice = false, bounded = true;
  Json value;
};

Other read_otherwise(std::string_view text) {
  Other out;
  std::vector<std::set<std::string>> names;
  int values = 0;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > 28 || ++values > 10'000) out.bounded = false;
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second) out.twice = true;
    if (event == Json::parse_event_t::array_end && parsed.size() > 32) out.bounded = false;
    return true;
  };
  try {
    out.value = Json::parse(text, look);
    // It drops a byte order mark, and takes a zero byte for the end
    const bool lenient = text.starts_with("\xef\xbb\xbf") || text.find('\0') != std::string_view::npos;
    out.read = out.value.is_object() && !lenient;
  } catch (const Json::out_of_range&) {
    out.beyond_double = true;
  } catch (const Json::parse_error&) {
  }
  return out;
}

const Json* find(const Json& object, std::string_view path) {
  const std::string_view name = path.substr(0, path.find('.'));
  if (!object.is_object() || !object.contains(name)) return nullptr;
  const Json& member = object.at(std::string(name));
  return name.size() == path.size() ? &member : find(member, path.substr(name.size() + 1));
}

bool only_strings(const Json& array) {
  return std::all_of(array.begin(), array.end(), [](const Json& item) { return item.is_string(); });
}

Kind kind_of(const Json* value) {
  if (value == nullptr) return Kind::absent;
  if (value->is_object()) return Kind::object;
  if (value->is_array()) return only_strings(*value) ? Kind::strings : Kind::array;
  if (value->is_string()) return Kind::string;
  return value->is_number() ? Kind::number : value->is_boolean() ? Kind::boolean : Kind::null;
}

void compare(const JsonValue& own, const Json* other) {
  promise(own.kind == kind_of(other), "both readers find the same kind");
  if (own.is(Kind::string)) promise(own.text == other->get_ref<const std::string&>(), "both find the same text");
  if (own.is(Kind::boolean)) promise(own.truth == other->get<bool>(), "both find the same truth");
  if (own.is(Kind::strings))
    promise(std::equal(own.items.begin(), own.items.end(), other->begin(), other->end()), "both find the same texts");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord::fuzz;
  const std::string_view text = factord::core::text_of({data, size});
  const auto own = factord::webauthn::read_json_object(text, wanted);
  const Other other = read_otherwise(text);
  if (other.beyond_double) return 0;
  promise(!own || (other.read && !other.twice), "what is read is JSON without a name twice");
  promise(own || !other.read || other.twice || !other.bounded, "what is JSON without a name twice is read");
  if (!own) return 0;
  for (const auto path : wanted) compare((*own)[path], find(other.value, path));
  return 0;
}
