// SPDX-License-Identifier: Apache-2.0
#include "daemon/otp/recovery_codes.hpp"

#include <set>
#include <string>

#include "core/error.hpp"
#include "daemon/otp/written_code.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fixed.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

constexpr otp::Cost cheap{1, 8192};

std::string hex(core::ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes)
    for (const int digit : {byte >> 4, byte & 15}) text += "0123456789abcdef"[digit];
  return text;
}

}  // namespace

TEST_CASE("a hash is Argon2id's over the ten bytes of the code") {
  const core::Bytes code{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const core::Bytes salt(16, 0x5a);
  // python3-nacl: pwhash.argon2id.kdf(16, bytes(range(10)), b"Z" * 16, opslimit=2, memlimit=19 << 20)
  CHECK(hex(otp::hash_of(code, salt, otp::usual_cost)) == "5fa40a51d5c5836f30f9b6461d7f8ee9");
}

TEST_CASE("each line of a set is a code, and finds its own hash and no other") {
  CountingRandom random;
  const otp::Codes codes = otp::make_codes(50, random, cheap);
  REQUIRE(codes.text.size() == 50 * 20);
  REQUIRE(codes.hashes.size() == 50);
  std::set<std::string> lines;
  for (std::size_t i = 0; i < 50; ++i) {
    const std::string_view line = codes.text.text().substr(i * 20, 20);
    CHECK(line.back() == '\n');
    lines.emplace(line);
    const auto code = otp::read_code(line);
    REQUIRE(code);
    CHECK(otp::find_hash(codes.hashes, otp::hash_of(code->view(), codes.salt, cheap)) == i);
  }
  CHECK(lines.size() == 50);
}

TEST_CASE("salt and cost are part of what a hash says") {
  CountingRandom random;
  const otp::Codes codes = otp::make_codes(1, random, cheap);
  const auto code = otp::read_code(codes.text.text());
  core::Bytes other = codes.salt;
  other.back() ^= 1;
  CHECK_FALSE(otp::find_hash(codes.hashes, otp::hash_of(code->view(), other, cheap)));
  CHECK_FALSE(otp::find_hash(codes.hashes, otp::hash_of(code->view(), codes.salt, {2, 8192})));
  CHECK_FALSE(otp::find_hash(codes.hashes, {}));
  CHECK_FALSE(otp::find_hash({}, codes.hashes.front()));
}

TEST_CASE("a salt of another length and a cost that nobody can pay are refused") {
  const core::Bytes code(10, 1), salt(16, 2), short_salt(15, 2);
  CHECK_THROWS_AS(otp::hash_of(code, short_salt, cheap), core::Error);
  CHECK_THROWS_AS(otp::hash_of(code, salt, {1, std::uint64_t{1} << 62}), core::Error);
}
