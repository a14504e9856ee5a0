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
  CHECK_FALSE(good({0x82, 0xc0, 0x01}));  // an array of two if the tag were an item
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
  const auto numbers = [](int count) {
    return cbor::array(std::vector<core::Bytes>(static_cast<std::size_t>(count), cbor::integer(1)));
  };
  CHECK(good(numbers(4'095)));
  CHECK_FALSE(good(numbers(4'096)));
}

TEST_CASE("strict CBOR refuses more than 64 pairs in a map") {
  const auto pairs = [](int count) {
    cbor::Entries entries;
    for (int i = 0; i < count; ++i) entries.emplace_back(cbor::integer(i), cbor::integer(i));
    return cbor::map(entries);
  };
  CHECK(good(pairs(64)));
  CHECK_FALSE(good(pairs(65)));
}

TEST_CASE("strict CBOR reads heads of every size, and wants the shortest that does") {
  struct Shape {
    std::uint64_t number;
    core::Bytes bytes;
  };
  for (const auto& [number, bytes] :
       {Shape{23, {0x17}}, Shape{24, {0x18, 0x18}}, Shape{0xff, {0x18, 0xff}}, Shape{0x100, {0x19, 0x01, 0x00}},
        Shape{0xffff, {0x19, 0xff, 0xff}}, Shape{0x10000, {0x1a, 0x00, 0x01, 0x00, 0x00}},
        Shape{0xffffffff, {0x1a, 0xff, 0xff, 0xff, 0xff}},
        Shape{0x100000000, {0x1b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00}}}) {
    INFO(number);
    const auto read = read_whole_cbor(bytes);
    REQUIRE(read);
    CHECK(read->integer() == static_cast<std::int64_t>(number));
    core::Bytes negative = bytes;
    negative[0] |= 0x20;
    CHECK(read_whole_cbor(negative)->integer() == -1 - static_cast<std::int64_t>(number));
  }
  CHECK_FALSE(good({0x18, 0x17}));
  CHECK_FALSE(good({0x19, 0x00, 0xff}));
  CHECK_FALSE(good({0x1a, 0x00, 0x00, 0xff, 0xff}));
  CHECK_FALSE(good({0x1b, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff}));
}

TEST_CASE("strict CBOR takes floats, booleans and null for items") {
  CHECK(good(
      {0x86, 0xf4, 0xf5, 0xf6, 0xf9, 0x3c, 0x00, 0xfa, 0x3f, 0x80, 0x00, 0x00, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("strict CBOR finds nothing by name in what is no map, and by text only what is a text") {
  const core::Bytes list = cbor::array({cbor::text("a"), cbor::integer(1)});
  CHECK_FALSE(read_whole_cbor(list)->find("a"));
  const core::Bytes a{'a'};
  const core::Bytes map = cbor::map({{cbor::bytes(a), cbor::integer(1)}});
  CHECK_FALSE(read_whole_cbor(map)->find("a"));
}

TEST_CASE("strict CBOR gives no integer for what is none") {
  for (const core::Bytes& bytes :
       {cbor::text("abc"), cbor::bytes(core::Bytes(3, 0)), cbor::array({}), core::Bytes{0xf5}})
    CHECK_FALSE(read_whole_cbor(bytes)->integer());
}

TEST_CASE("strict CBOR finds no items in what holds none") {
  const core::Bytes bytes = cbor::text("abc");
  const CborValue value = *read_whole_cbor(bytes);
  for (const CborValue& item : value.items()) FAIL("item " << item.number);
}
