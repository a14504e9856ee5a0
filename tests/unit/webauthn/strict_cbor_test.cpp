// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/strict_cbor.hpp"

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/cbor_writer.hpp"

using namespace factord;
using webauthn::CborValue;
using webauthn::read_cbor;
using webauthn::read_whole_cbor;
namespace cbor = factord::tests::cbor;

namespace {

bool good(core::Bytes bytes) { return read_whole_cbor(bytes).has_value(); }

}  // namespace

TEST_CASE("strict CBOR reads maps with text and integer keys") {
  const core::Bytes bytes = cbor::map({{cbor::integer(-70'000), cbor::bytes(core::Bytes(300, 1))},
                                       {cbor::text("a"), cbor::array({cbor::integer(23), cbor::integer(-1)})}});
  const auto value = read_whole_cbor(bytes);
  REQUIRE(value.has_value());
  CHECK(value->find_bytes(-70'000)->size() == 300);
  const CborValue list = *value->find("a");
  std::vector<std::int64_t> numbers;
  for (const CborValue& item : list.items()) numbers.push_back(item.integer().value());
  CHECK(numbers == std::vector<std::int64_t>{23, -1});
  CHECK_FALSE(value->find("b").has_value());
  CHECK_FALSE(value->find_bytes("a").has_value());
}

TEST_CASE("strict CBOR tells where an item ends") {
  const core::Bytes bytes{0x82, 0x01, 0x02, 0xff};
  CHECK(read_cbor(bytes)->encoded.size() == 3);
  CHECK_FALSE(read_whole_cbor(bytes).has_value());
}

TEST_CASE("strict CBOR gives integers that do not fit no value") {
  const core::Bytes most{0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  CHECK_FALSE(read_whole_cbor(most)->integer().has_value());
  const core::Bytes least{0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  CHECK(read_whole_cbor(least)->integer() == INT64_MIN);
}

TEST_CASE("strict CBOR refuses lengths beyond what is left") {
  CHECK_FALSE(good({}));
  CHECK_FALSE(good({0x42, 0x00}));
  CHECK_FALSE(good({0x5a, 0xff, 0xff, 0xff, 0xff, 0x00}));
  CHECK_FALSE(good({0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(good({0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}));
  CHECK_FALSE(good({0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(good({0xa1, 0x01}));
  CHECK_FALSE(good({0x19, 0x01}));
}

TEST_CASE("strict CBOR refuses indefinite lengths, breaks, tags and longer heads than needed") {
  CHECK_FALSE(good({0x5f, 0x41, 0x00, 0xff}));
  CHECK_FALSE(good({0x7f, 0x61, 0x61, 0xff}));
  CHECK_FALSE(good({0x9f, 0x01, 0xff}));
  CHECK_FALSE(good({0xbf, 0xff}));
  CHECK_FALSE(good({0xff}));
  CHECK_FALSE(good({0xc0, 0x01}));
  CHECK_FALSE(good({0x18, 0x17}));
  CHECK_FALSE(good({0x58, 0x01, 0x00}));
  CHECK_FALSE(good({0xb8, 0x00}));
  CHECK_FALSE(good({0x1c}));
}

TEST_CASE("strict CBOR refuses keys twice and texts that are not UTF-8") {
  CHECK_FALSE(good(cbor::map({{cbor::integer(1), cbor::integer(1)}, {cbor::integer(1), cbor::integer(2)}})));
  CHECK(good(cbor::map({{cbor::integer(1), cbor::integer(1)}, {cbor::text("1"), cbor::integer(2)}})));
  CHECK_FALSE(good({0x61, 0xff}));
}

TEST_CASE("strict CBOR refuses depth and number of items beyond its limits") {
  core::Bytes nested(8, 0x81);
  nested.back() = 0x01;
  CHECK(good(nested));
  nested.insert(nested.begin(), 0x81);
  CHECK_FALSE(good(nested));
  nested.insert(nested.begin(), 100'000, 0x81);
  CHECK_FALSE(good(nested));
  core::Bytes many{0x99, 0x20, 0x00};
  many.resize(many.size() + 0x2000, 0x00);
  CHECK_FALSE(good(many));
}

TEST_CASE("strict CBOR counts the items of all levels together") {
  const auto lists = [](int count) {
    std::vector<core::Bytes> all(static_cast<std::size_t>(count), cbor::array({cbor::integer(1)}));
    return cbor::array(all);
  };
  CHECK(good(lists(2'047)));  // with the array around them 4,095
  CHECK_FALSE(good(lists(2'048)));
}

TEST_CASE("strict CBOR finds no items in what holds none") {
  const core::Bytes bytes = cbor::text("abc");
  const CborValue value = *read_whole_cbor(bytes);
  for (const CborValue& item : value.items()) FAIL("item " << item.number);
}
