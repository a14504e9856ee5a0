// SPDX-License-Identifier: Apache-2.0
// libcbor's streaming decoder reads one head at a time and allocates nothing; the tree, and so all limits, are ours.
#include "daemon/webauthn/strict_cbor.hpp"

#include <cbor.h>

#include <algorithm>

#include "core/text.hpp"

namespace factord::webauthn {
namespace {

using Kind = CborValue::Kind;

constexpr int max_depth = 8;  // CTAP2 allows 4 for its own messages; statements wrap them once more
constexpr int max_items = 4'096;

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

constexpr auto ignored = [](void*, auto) {};  // floats, booleans: good items, of no interest
constexpr auto refused = [](void* context, auto) { refuse(context); };

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
  out.float2 = out.float4 = ignored;
  out.float8 = ignored;
  out.boolean = ignored;
  out.tag = refused;
  out.byte_string_start = out.string_start = out.indef_array_start = out.indef_map_start = out.indef_break = refuse;
  return out;
}

std::size_t shortest_head(std::uint64_t value) {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000 ? 5 : 9;
}

bool contains_duplicate_key(const CborValue& map) {
  std::vector<std::string_view> keys;  // as encoded: heads are shortest, so equal keys have equal bytes
  for (std::size_t i = 0; i < map.items.size(); i += 2) keys.push_back(core::text_of(map.items[i].encoded));
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

class Reader {
 public:
  explicit Reader(core::ByteView bytes) : bytes_(bytes) {}
  bool item(CborValue& to, int depth);

 private:
  bool take_head(CborValue& to);
  bool take_items(CborValue& to, std::uint64_t count, int depth);

  core::ByteView bytes_;
  int items_ = 0;
};

bool Reader::take_head(CborValue& to) {
  static const cbor_callbacks callbacks = make_callbacks();
  Head found;
  const cbor_decoder_result result = cbor_stream_decode(bytes_.data(), bytes_.size(), &callbacks, &found);
  if (result.status != CBOR_DECODER_FINISHED || found.refused) return false;
  if (found.kind != Kind::other && result.read != shortest_head(found.number) + found.content.size()) return false;
  if (found.kind == Kind::text && !core::valid_utf8(core::text_of(found.content))) return false;
  to.kind = found.kind;
  to.number = found.number;
  to.content = found.content;
  bytes_ = bytes_.subspan(result.read);
  return true;
}

bool Reader::take_items(CborValue& to, std::uint64_t count, int depth) {
  if (count > bytes_.size()) return false;  // every item takes a byte at least
  to.items.resize(count);
  return std::all_of(to.items.begin(), to.items.end(), [&](CborValue& inner) { return item(inner, depth + 1); });
}

bool Reader::item(CborValue& to, int depth) {
  const core::ByteView start = bytes_;
  if (depth > max_depth || ++items_ > max_items || start.empty() || !take_head(to)) return false;
  if (to.kind == Kind::array && (to.number > max_items || !take_items(to, to.number, depth))) return false;
  if (to.kind == Kind::map) {
    if (to.number > max_items / 2 || !take_items(to, to.number * 2, depth)) return false;
    if (contains_duplicate_key(to)) return false;
  }
  to.encoded = start.first(start.size() - bytes_.size());
  return true;
}

template <typename Matches>
const CborValue* find_where(const CborValue& map, Matches matches) {
  if (!map.is(Kind::map)) return nullptr;
  for (std::size_t i = 0; i < map.items.size(); i += 2)
    if (matches(map.items[i])) return &map.items[i + 1];
  return nullptr;
}

std::optional<core::ByteView> if_bytes(const CborValue* value) {
  if (value == nullptr || !value->is(Kind::bytes)) return std::nullopt;
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

const CborValue* CborValue::find(std::string_view key) const {
  return find_where(*this, [&](const CborValue& entry) { return entry.is(Kind::text) && entry.text() == key; });
}

const CborValue* CborValue::find(std::int64_t key) const {
  return find_where(*this, [&](const CborValue& entry) { return entry.integer() == key; });
}

std::optional<core::ByteView> CborValue::find_bytes(std::string_view key) const { return if_bytes(find(key)); }

std::optional<core::ByteView> CborValue::find_bytes(std::int64_t key) const { return if_bytes(find(key)); }

std::optional<CborValue> read_cbor(core::ByteView bytes) {
  CborValue value;
  if (!Reader(bytes).item(value, 1)) return std::nullopt;
  return value;
}

std::optional<CborValue> read_whole_cbor(core::ByteView bytes) {
  auto value = read_cbor(bytes);
  if (value && value->encoded.size() != bytes.size()) return std::nullopt;
  return value;
}

}  // namespace factord::webauthn
