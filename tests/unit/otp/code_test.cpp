// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "daemon/otp/totp.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using otp::Algorithm;
using otp::code_at;

namespace {

// The keys of RFC 6238 appendix B: the digits of RFC 4226's key, repeated to the size of the hash (erratum 2866).
std::string key_of_size(std::size_t size) {
  std::string key;
  while (key.size() < size) key += "1234567890";
  return key.substr(0, size);
}

struct Row {
  std::uint64_t time;
  const char* sha1;
  const char* sha256;
  const char* sha512;
};

}  // namespace

TEST_CASE("codes are those of RFC 4226 appendix D") {
  const char* const table[] = {"755224", "287082", "359152", "969429", "338314",
                               "254676", "287922", "162583", "399871", "520489"};
  const std::string key = key_of_size(20);
  for (std::uint64_t counter = 0; counter < 10; ++counter)
    CHECK(code_at(core::bytes_of(key), counter, {}) == table[counter]);
}

TEST_CASE("codes are those of RFC 6238 appendix B") {
  const Row table[] = {
      {59, "94287082", "46119246", "90693936"},         {1111111109, "07081804", "68084774", "25091201"},
      {1111111111, "14050471", "67062674", "99943326"}, {1234567890, "89005924", "91819424", "93441116"},
      {2000000000, "69279037", "90698825", "38618901"}, {20000000000, "65353130", "77737706", "47863826"}};
  const std::string sha1_key = key_of_size(20), sha256_key = key_of_size(32), sha512_key = key_of_size(64);
  for (const Row& row : table) {
    INFO(row.time);
    CHECK(code_at(core::bytes_of(sha1_key), row.time / 30, {Algorithm::sha1, 8, 30}) == row.sha1);
    CHECK(code_at(core::bytes_of(sha256_key), row.time / 30, {Algorithm::sha256, 8, 30}) == row.sha256);
    CHECK(code_at(core::bytes_of(sha512_key), row.time / 30, {Algorithm::sha512, 8, 30}) == row.sha512);
  }
}

TEST_CASE("a shorter code is the end of a longer one, leading zeros kept") {
  const std::string key = key_of_size(20);
  CHECK(code_at(core::bytes_of(key), 37037036, {Algorithm::sha1, 8, 30}) == "07081804");
  CHECK(code_at(core::bytes_of(key), 37037036, {Algorithm::sha1, 7, 30}) == "7081804");
  CHECK(code_at(core::bytes_of(key), 37037036, {Algorithm::sha1, 6, 30}) == "081804");
}

TEST_CASE("a counter above 32 bits counts in full") {
  const std::string key = key_of_size(20);
  CHECK(code_at(core::bytes_of(key), 2147483648, {Algorithm::sha1, 8, 30}) == "04197202");
  CHECK(code_at(core::bytes_of(key), 1ull << 32, {}) != code_at(core::bytes_of(key), 0, {}));
}

TEST_CASE("a key longer than the hash's block is hashed first, as HMAC says") {
  std::string key;
  for (int i = 0; i < 65; ++i) key += static_cast<char>(i);
  CHECK(code_at(core::bytes_of(key), 1234567890 / 30, {}) == "986357");
  CHECK(code_at(core::bytes_of(key), 1234567890 / 30, {Algorithm::sha256, 8, 30}) == "30223996");
}

TEST_CASE("a key of zeros is a key") { CHECK(code_at(core::Bytes(20), 1234567890 / 30, {}) == "712049"); }

TEST_CASE("keys and algorithms that take turns do not disturb each other") {
  const std::string first = key_of_size(20), second = key_of_size(32);
  const otp::Parameters sha256{Algorithm::sha256, 8, 30};
  for (int i = 0; i < 3; ++i) {
    CHECK(code_at(core::bytes_of(first), 0, {}) == "755224");
    CHECK(code_at(core::bytes_of(second), 1, sha256) == "46119246");
    CHECK(code_at(core::Bytes(20), 1234567890 / 30, {}) == "712049");
  }
}

TEST_CASE("several threads make codes at once without disturbing each other") {
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&right, key = key_of_size(20)] {
        for (int n = 0; n < 500; ++n) right += code_at(core::bytes_of(key), 1, {}) == "287082";
      });
  }
  CHECK(right == 2000);
}

TEST_CASE("code_at refuses an empty seed and impossible digits") {
  const std::string key = key_of_size(20);
  CHECK_THROWS_AS(code_at({}, 0, {}), core::Error);
  for (unsigned digits : {0u, 5u, 9u, 4294967295u})
    CHECK_THROWS_AS(code_at(core::bytes_of(key), 0, {Algorithm::sha1, digits, 30}), core::Error);
}

TEST_CASE("supported parameters have 6 to 8 digits and a period of 15 to 300 seconds") {
  CHECK(otp::supported({Algorithm::sha512, 6, 15}));
  CHECK(otp::supported({Algorithm::sha1, 8, 300}));
  CHECK_FALSE(otp::supported({Algorithm::sha1, 5, 30}));
  CHECK_FALSE(otp::supported({Algorithm::sha1, 9, 30}));
  CHECK_FALSE(otp::supported({Algorithm::sha1, 6, 14}));
  CHECK_FALSE(otp::supported({Algorithm::sha1, 6, 301}));
  CHECK_FALSE(otp::supported({Algorithm::sha1, 6, 0}));
}
