// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.hpp"

#include "tests/support/catch.hpp"

using namespace factord::core;

TEST_CASE("equal bytes are equal, others and other lengths are not") {
  CHECK(equal_in_constant_time({}, {}));
  CHECK(equal_in_constant_time(bytes_of("abc"), Bytes{'a', 'b', 'c'}));
  CHECK_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("abd")));
  CHECK_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("ab")));
  CHECK_FALSE(equal_in_constant_time(bytes_of(""), bytes_of("a")));
}

TEST_CASE("text and bytes are two views of the same memory") {
  const std::string_view text("a\0\xff", 3);
  CHECK(text_of(bytes_of(text)) == text);
  CHECK(text_of(bytes_of(text)).data() == text.data());
}
