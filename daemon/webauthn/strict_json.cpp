// SPDX-License-Identifier: Apache-2.0
// RapidJSON reads the syntax; all limits are ours. What its last release (1.1.0) lets through or gets wrong is judged
// here: it takes lone low surrogates, and refuses numbers that no double can hold, which are good JSON.
#include "daemon/webauthn/strict_json.hpp"

#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"

namespace factord::webauthn {
namespace {

using Kind = JsonValue::Kind;
using Size = rapidjson::SizeType;

constexpr std::size_t max_depth = 32;
constexpr int max_values = 65'536;
constexpr std::size_t max_items = 32;
constexpr std::size_t least_member = 5;  // bytes: "":0 and a comma or a brace

bool take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 8259 section 6.
bool is_number(std::string_view text) {
  take(text, "-");
  if (!take(text, "0") && !take_digits(text)) return false;
  if (take(text, ".") && !take_digits(text)) return false;
  if (take(text, "eE")) {
    take(text, "+-");
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

// Where the string ends whose opening quote is at `at`; npos where it does not.
std::size_t closing_quote(std::string_view text, std::size_t at) {
  while ((at = text.find('"', at + 1)) != std::string_view::npos) {
    const std::size_t before = text.find_last_not_of('\\', at - 1);
    if ((at - before) % 2 == 1) break;  // an even number of backslashes
  }
  return at;
}

bool starts_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }

// Every number becomes 0, since its value is of no interest and RapidJSON would work it out. What is no JSON stays what
// it is, and RapidJSON refuses it.
void zero_numbers(char* buffer, std::size_t size) {
  const std::string_view text(buffer, size);
  for (std::size_t at = 0; at < size; ++at) {
    if (text[at] == '"') at = closing_quote(text, at);
    if (at == std::string_view::npos) return;
    if (!starts_number(text[at])) continue;
    const std::size_t end = std::min(text.find_first_not_of("0123456789+-.eE", at), size);
    if (is_number(text.substr(at, end - at))) {
      buffer[at] = '0';
      std::fill(buffer + at + 1, buffer + end, ' ');
    }
    at = end - 1;
  }
}

bool is_member(std::string_view path, std::string_view object, std::string_view name) {
  if (name.find('.') != std::string_view::npos) return false;  // in a path it would mean something else
  if (object.empty()) return path == name;
  return path.size() == object.size() + 1 + name.size() && path.starts_with(object) && path[object.size()] == '.' &&
         path.ends_with(name);
}

// What RapidJSON calls at every value, name and end; it stops where one of them says false. The names of its functions
// are RapidJSON's.
class Judge {
 public:
  Judge(JsonPaths wanted, std::vector<JsonValue>& values, const char* buffer, std::size_t size)
      : wanted_(wanted), values_(values), buffer_(buffer) {
    names_.reserve(size / least_member + 1);  // so it never grows
  }

  bool Null() { return begin(Kind::null); }
  bool Bool(bool truth);
  bool Int(int) { return begin(Kind::number); }
  bool Uint(unsigned) { return begin(Kind::number); }
  bool Int64(std::int64_t) { return begin(Kind::number); }
  bool Uint64(std::uint64_t) { return begin(Kind::number); }
  bool Double(double) { return begin(Kind::number); }
  bool RawNumber(const char*, Size, bool) { return begin(Kind::number); }
  bool String(const char* text, Size size, bool copy);
  bool Key(const char* text, Size size, bool copy);
  bool StartObject() { return begin(Kind::object) && descend(); }
  bool EndObject(Size) { return ascend(); }
  bool StartArray() { return begin(Kind::strings) && descend(); }
  bool EndArray(Size) { return ascend(); }

 private:
  struct Place {
    std::string_view path;
    JsonValue* value = nullptr;  // null: nobody wants it
  };
  struct Level {
    Place place;
    std::size_t first_name;
  };
  struct Name {  // in the buffer
    std::uint32_t at, size;
  };

  bool begin(Kind kind);
  bool descend();
  bool ascend();
  Place find(const Place& object, std::string_view name);
  std::string_view text_of(const Name& name) const { return {buffer_ + name.at, name.size}; }

  JsonPaths wanted_;
  std::vector<JsonValue>& values_;
  const char* buffer_;
  JsonValue root_;
  Place next_{{}, &root_};  // of the value that comes next
  Place here_;              // of the value that came last
  std::array<Level, max_depth> levels_;
  std::size_t depth_ = 0;
  std::vector<Name> names_;  // of all objects that are open, each after the one around it
  int count_ = 0;
};

bool Judge::begin(Kind kind) {
  if (++count_ > max_values || (depth_ == 0 && kind != Kind::object)) return false;
  here_ = std::exchange(next_, {});
  if (here_.value != nullptr) here_.value->kind = kind;
  JsonValue* around = depth_ > 0 ? levels_[depth_ - 1].place.value : nullptr;
  if (around != nullptr && around->is(Kind::strings) && kind != Kind::string) around->kind = Kind::array;
  return true;
}

bool Judge::descend() {
  if (depth_ == max_depth) return false;
  levels_[depth_++] = {here_, names_.size()};
  return true;
}

// Refuses an object with a name twice.
bool Judge::ascend() {
  const auto first = names_.begin() + static_cast<std::ptrdiff_t>(levels_[--depth_].first_name);
  std::sort(first, names_.end(), [&](const Name& a, const Name& b) { return text_of(a) < text_of(b); });
  const bool twice = std::adjacent_find(first, names_.end(), [&](const Name& a, const Name& b) {
                       return text_of(a) == text_of(b);
                     }) != names_.end();
  names_.erase(first, names_.end());
  return !twice;
}

Judge::Place Judge::find(const Place& object, std::string_view name) {
  for (std::size_t i = 0; i < wanted_.size() && object.value != nullptr; ++i)
    if (is_member(wanted_[i], object.path, name)) return {wanted_[i], &values_[i]};
  return {};
}

bool Judge::Bool(bool truth) {
  if (!begin(Kind::boolean)) return false;
  if (here_.value != nullptr) here_.value->truth = truth;
  return true;
}

bool Judge::Key(const char* text, Size size, bool) {
  names_.push_back({static_cast<std::uint32_t>(text - buffer_), size});
  next_ = find(levels_[depth_ - 1].place, {text, size});
  return core::valid_utf8({text, size});
}

bool Judge::String(const char* text, Size size, bool) {
  if (!begin(Kind::string) || !core::valid_utf8({text, size})) return false;
  if (here_.value != nullptr) here_.value->text = {text, size};
  JsonValue* around = levels_[depth_ - 1].place.value;
  if (around == nullptr || !around->is(Kind::strings)) return true;
  around->items.emplace_back(text, size);
  return around->items.size() <= max_items;
}

}  // namespace

JsonObject::JsonObject(JsonPaths wanted, std::string_view text)
    : wanted_(wanted), buffer_(new char[text.size() + 1]), values_(wanted.size()) {
  *std::copy(text.begin(), text.end(), buffer_.get()) = '\0';
}

const JsonValue& JsonObject::operator[](std::string_view path) const {
  const auto found = std::find(wanted_.begin(), wanted_.end(), path);
  if (found == wanted_.end()) throw std::logic_error("a JSON path that was not named");
  return values_[static_cast<std::size_t>(found - wanted_.begin())];
}

std::optional<JsonObject> read_json_object(std::string_view text, JsonPaths wanted) {
  if (text.size() > UINT32_MAX) return std::nullopt;
  JsonObject object(wanted, text);
  char* buffer = object.buffer_.get();
  zero_numbers(buffer, text.size());
  Judge judge(wanted, object.values_, buffer, text.size());
  rapidjson::InsituStringStream stream(buffer);
  rapidjson::Reader reader;
  if (reader.Parse<rapidjson::kParseInsituFlag>(stream, judge).IsError()) return std::nullopt;
  if (stream.Tell() != text.size()) return std::nullopt;  // RapidJSON ends at a zero byte
  return object;
}

}  // namespace factord::webauthn
