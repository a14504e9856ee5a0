// SPDX-License-Identifier: Apache-2.0
#include "core/id.hpp"

#include <algorithm>
#include <set>

#include "core/base32.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fixed.hpp"

using namespace factord;

namespace {

struct SameBytes final : core::Random {
  std::uint8_t byte;
  explicit SameBytes(std::uint8_t value) : byte(value) {}
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, byte); }
};

}  // namespace

TEST_CASE("an id is 26 characters of lower-case base32") {
  tests::CountingRandom random;
  for (int i = 0; i < 100; ++i) {
    const std::string id = core::mint_id(random);
    CHECK(id.size() == 26);
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
  }
}

TEST_CASE("an id holds all 128 bits that were drawn") {
  tests::CountingRandom random, again;
  const auto read = core::read_base32_seed(core::mint_id(random));
  core::Bytes drawn(16);
  again.fill(drawn);
  REQUIRE(read.has_value());
  CHECK(std::ranges::equal(read->view(), drawn));
}

TEST_CASE("the smallest and the largest id have their full length") {
  SameBytes zeros(0), ones(0xff);
  CHECK(core::mint_id(zeros) == "aaaaaaaaaaaaaaaaaaaaaaaaaa");
  CHECK(core::mint_id(ones) ==
        "7777777777777777777777777"
        "4");
}

TEST_CASE("ids from the system's randomness differ") {
  core::SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(core::mint_id(random));
  CHECK(ids.size() == 1000);
}
