// SPDX-License-Identifier: Apache-2.0
// libcbor's streaming decoder reads one head at a time and allocates nothing; all limits are ours.
#include "daemon/webauthn/strict_cbor.hpp"

#include <cbor.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace factord::webauthn {
namespace {

using Kind = CborValue::Kind;

constexpr int max_depth = 8;  // CTAP2 allows 4 for its own messages; statements wrap them once more
constexpr std::uint64_t max_items = 4'096;
constexpr std::uint64_t max_pairs = 64;  // of one map; a statement has six

// What one call of the decoder reports.
struct Head {
  Kind kind = Kind::other;
  std::uint64_t number = 0;
  core::ByteView content;
  bool refused = false;

  void set(Kind of, std::uint64_t value, core::ByteView string = {}) {
    kind = of;
    number = value;
    content = string;
  }
};

Head& head(void* context) { return *static_cast<Head*>(context); }

void refuse(void* context) { head(context).refused = true; }

template <Kind kind>
constexpr auto number_of = [](void* context, auto value) { head(context).set(kind, value); };

template <Kind kind>
constexpr auto string_of = [](void* context, auto data, auto size) {
  head(context).set(kind, size, {data, static_cast<std::size_t>(size)});
};

constexpr auto refused = [](void* context, auto) { refuse(context); };

// Floats, booleans and null are good items, of no interest.
cbor_callbacks make_callbacks() {
  cbor_callbacks out = cbor_empty_callbacks;
  out.uint8 = number_of<Kind::unsigned_integer>;
  out.uint16 = number_of<Kind::unsigned_integer>;
  out.uint32 = number_of<Kind::unsigned_integer>;
  out.uint64 = number_of<Kind::unsigned_integer>;
  out.negint8 = number_of<Kind::negative_integer>;
  out.negint16 = number_of<Kind::negative_integer>;
  out.negint32 = number_of<Kind::negative_integer>;
  out.negint64 = number_of<Kind::negative_integer>;
  out.byte_string = string_of<Kind::bytes>;
  out.string = string_of<Kind::text>;
  out.array_start = number_of<Kind::array>;
  out.map_start = number_of<Kind::map>;
  out.tag = refused;
  out.byte_string_start = out.string_start = out.indef_array_start = out.indef_map_start = out.indef_break = refuse;
  return out;
}

std::size_t shortest_head(std::uint64_t value) {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000 ? 5 : 9;
}

// Reads the head at the start of `bytes`; for strings, the content too. `encoded` is what it took.
bool read_head(core::ByteView bytes, CborValue& to) {
  static const cbor_callbacks callbacks = make_callbacks();
  Head found;
  const cbor_decoder_result result = cbor_stream_decode(bytes.data(), bytes.size(), &callbacks, &found);
  if (result.status != CBOR_DECODER_FINISHED || found.refused) return false;
  if (found.kind != Kind::other && result.read != shortest_head(found.number) + found.content.size()) return false;
  if (found.kind == Kind::text && !core::valid_utf8(core::text_of(found.content))) return false;
  to = {found.kind, found.number, found.content, bytes.first(result.read)};
  return true;
}

// How many items follow the head of an array or a map.
std::uint64_t items_within(const CborValue& value) {
  return value.is(Kind::map) ? value.number * 2 : value.is(Kind::array) ? value.number : 0;
}

// `value` has read a head at the start of `bytes`, and its items reach to `end`.
void enclose(CborValue& value, core::ByteView bytes, std::size_t end) {
  const std::size_t head = value.encoded.size();
  if (value.is(Kind::array) || value.is(Kind::map)) value.content = bytes.subspan(head, end - head);
  value.encoded = bytes.first(end);
}

bool contains_duplicate_key(const CborValue& map) {
  std::array<std::string_view, max_pairs> keys;  // as encoded: heads are shortest, so equal keys have equal bytes
  std::size_t count = 0;
  bool key = true;
  for (const CborValue& item : map.items()) {
    if (key) keys[count++] = core::text_of(item.encoded);
    key = !key;
  }
  const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
  std::sort(keys.begin(), end);
  return std::adjacent_find(keys.begin(), end) != end;
}

class Reader {
 public:
  // The size of the item at the start of `bytes`, judged to its end.
  std::optional<std::size_t> item(core::ByteView bytes, CborValue& to, int depth);

 private:
  std::uint64_t items_ = 0;
};

std::optional<std::size_t> Reader::item(core::ByteView bytes, CborValue& to, int depth) {
  if (depth > max_depth || ++items_ > max_items || !read_head(bytes, to)) return std::nullopt;
  if (to.is(Kind::map) && to.number > max_pairs) return std::nullopt;
  std::size_t end = to.encoded.size();
  CborValue inner;
  for (std::uint64_t left = items_within(to); left > 0; --left) {
    const auto size = item(bytes.subspan(end), inner, depth + 1);
    if (!size) return std::nullopt;
    end += *size;
  }
  enclose(to, bytes, end);
  if (to.is(Kind::map) && contains_duplicate_key(to)) return std::nullopt;
  return end;
}

// The item at the start of bytes that a Reader has judged; so deep at most as it lets through.
CborValue again(core::ByteView bytes) {
  CborValue value;
  read_head(bytes, value);
  std::size_t end = value.encoded.size();
  for (std::uint64_t left = items_within(value); left > 0; --left) end += again(bytes.subspan(end)).encoded.size();
  enclose(value, bytes, end);
  return value;
}

template <typename Matches>
std::optional<CborValue> find_where(const CborValue& map, Matches matches) {
  if (!map.is(Kind::map)) return std::nullopt;
  bool key = true, found = false;
  for (const CborValue& item : map.items()) {
    if (found) return item;
    found = key && matches(item);
    key = !key;
  }
  return std::nullopt;
}

std::optional<core::ByteView> if_bytes(const std::optional<CborValue>& value) {
  if (!value || !value->is(Kind::bytes)) return std::nullopt;
  return value->content;
}

}  // namespace

std::optional<std::int64_t> CborValue::integer() const {
  if (number > INT64_MAX) return std::nullopt;
  const auto value = static_cast<std::int64_t>(number);
  if (kind == Kind::unsigned_integer) return value;
  if (kind == Kind::negative_integer) return -1 - value;
  return std::nullopt;
}

std::optional<CborValue> CborValue::find(std::string_view key) const {
  return find_where(*this, [&](const CborValue& entry) { return entry.is(Kind::text) && entry.text() == key; });
}

std::optional<CborValue> CborValue::find(std::int64_t key) const {
  return find_where(*this, [&](const CborValue& entry) { return entry.integer() == key; });
}

std::optional<core::ByteView> CborValue::find_bytes(std::string_view key) const { return if_bytes(find(key)); }

std::optional<core::ByteView> CborValue::find_bytes(std::int64_t key) const { return if_bytes(find(key)); }

CborItems::Iterator& CborItems::Iterator::operator++() {
  rest_ = rest_.subspan(value_.encoded.size());
  decode();
  return *this;
}

void CborItems::Iterator::decode() {
  if (!rest_.empty()) value_ = again(rest_);
}

std::optional<CborValue> read_cbor(core::ByteView bytes) {
  CborValue value;
  if (!Reader().item(bytes, value, 1)) return std::nullopt;
  return value;
}

std::optional<CborValue> read_whole_cbor(core::ByteView bytes) {
  auto value = read_cbor(bytes);
  if (value && value->encoded.size() != bytes.size()) return std::nullopt;
  return value;
}

}  // namespace factord::webauthn
