// SPDX-License-Identifier: Apache-2.0
#include "core/base64url.hpp"

#include "tests/support/catch.hpp"

using namespace factord::core;

TEST_CASE("base64url writes the examples of RFC 4648 without padding") {
  CHECK(to_base64url(bytes_of("")) == "");
  CHECK(to_base64url(bytes_of("f")) == "Zg");
  CHECK(to_base64url(bytes_of("fo")) == "Zm8");
  CHECK(to_base64url(bytes_of("foobar")) == "Zm9vYmFy");
  CHECK(to_base64url(Bytes{0xfb, 0xff}) == "-_8");
}

TEST_CASE("base64url reads back what it wrote") {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::uint8_t(i * 37 + size);
    CHECK(from_base64url(to_base64url(bytes)) == bytes);
  }
}

TEST_CASE("base64url refuses padding, other alphabets, impossible lengths and stray bits") {
  for (auto text : {"Zg==", "Zm9v Ym", "+/8", "Z", "Zm9vY", "Zh", "Zm9", "Zg\n", "Z\0g"}) {
    INFO(text);
    CHECK_FALSE(from_base64url(text).has_value());
  }
}
