// SPDX-License-Identifier: Apache-2.0
// What is read is canonical but for the order of keys: written again by another writer, it is the same bytes.
#include "daemon/webauthn/strict_cbor.hpp"
#include "tests/fuzz/oracle.hpp"
#include "tests/support/cbor_writer.hpp"

namespace factord::fuzz {
namespace {

using webauthn::CborValue;
using Kind = CborValue::Kind;

core::Bytes written(const CborValue& value);

core::Bytes with_items(unsigned major, const CborValue& value) {
  core::Bytes out = tests::cbor::head(major, value.number);
  std::uint64_t count = 0;
  for (const CborValue& item : value.items()) {
    tests::cbor::append(out, written(item));
    ++count;
  }
  promise(count == (value.is(Kind::map) ? 2 : 1) * value.number, "a list has as many items as it says");
  return out;
}

core::Bytes written(const CborValue& value) {
  switch (value.kind) {
    case Kind::unsigned_integer:
      return tests::cbor::head(0, value.number);
    case Kind::negative_integer:
      return tests::cbor::head(1, value.number);
    case Kind::bytes:
      return tests::cbor::bytes(value.content);
    case Kind::text:
      return tests::cbor::text(value.text());
    case Kind::array:
      return with_items(4, value);
    case Kind::map:
      return with_items(5, value);
    case Kind::other:
      break;
  }
  promise(value.encoded.size() <= 9 && value.encoded[0] >> 5 == 7, "all else is a simple value or a float");
  return {value.encoded.begin(), value.encoded.end()};
}

void find_each_key(const CborValue& map) {
  std::vector<CborValue> keys_and_values;
  for (const CborValue& item : map.items()) keys_and_values.push_back(item);
  for (std::size_t i = 0; i + 1 < keys_and_values.size(); i += 2) {
    const CborValue& key = keys_and_values[i];
    for (std::size_t other = 0; other < i; other += 2)
      promise(!same(key.encoded, keys_and_values[other].encoded), "no key is there twice");
    const auto found = key.is(Kind::text) ? map.find(key.text())
                       : key.integer()    ? map.find(*key.integer())
                                          : std::optional(keys_and_values[i + 1]);
    promise(found && found->encoded.data() == keys_and_values[i + 1].encoded.data(), "a key finds its value");
  }
}

void walk(const CborValue& value) {
  if (value.is(Kind::map)) find_each_key(value);
  for (const CborValue& item : value.items()) walk(item);
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord::fuzz;
  const factord::core::ByteView bytes(data, size);
  const auto value = factord::webauthn::read_cbor(bytes);
  if (!value) {
    promise(!factord::webauthn::read_whole_cbor(bytes), "what cannot be read does not fill the input");
    return 0;
  }
  promise(value->encoded.data() == data && value->encoded.size() <= size, "an item lies within the input");
  promise(factord::webauthn::read_whole_cbor(bytes).has_value() == (value->encoded.size() == size),
          "an item fills the input or does not");
  promise(same(written(*value), value->encoded), "an item written again is the same");
  walk(*value);
  return 0;
}
