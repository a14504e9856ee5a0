// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace factord::core;

TEST_CASE("lengths count code points, not bytes") {
  CHECK(code_points("") == 0);
  CHECK(code_points("abc") == 3);
  CHECK(code_points("J\u00fcrgen") == 6);
  CHECK(code_points("\u65e5\u672c") == 2);
  CHECK(code_points("\U0001f511") == 1);
  CHECK(code_points("e\u0301") == 2);
}

TEST_CASE("the edges of each UTF-8 length are valid") {
  for (auto text :
       {"", "\x7f", "\u0080", "\u07ff", "\u0800", "\xed\x9f\xbf", "\uE000", "\uFFFF", "\U00010000", "\U0010ffff"}) {
    INFO(text);
    CHECK(valid_utf8(text));
  }
  CHECK(valid_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("overlong forms, surrogates and what lies above U+10FFFF are no UTF-8") {
  for (auto text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
                    "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe"}) {
    INFO(std::string(text).size() << " bytes");
    CHECK_FALSE(valid_utf8(text));
  }
}

TEST_CASE("cut and stray bytes are no UTF-8") {
  for (auto text : {"\x80", "\xbf", "\xc3", "a\xe2\x82", "\xf0\x9f\x94", "\xc3(", "\xe2\x28\xa1", "\xe2\x82(",
                    "\xf0\x9f\x94(", "ok\xc3\xbc\x80"}) {
    INFO(text);
    CHECK_FALSE(valid_utf8(text));
  }
}

TEST_CASE("letters of every script and ordinary signs are printable") {
  for (auto text : {"", "alice", "Alice Smith", "J\u00fcrgen", "\u0645\u062d\u0645\u062f", "\u65e5\u672c\u8a9e",
                    "\U0001f511", "a:b/c\\d\"e'", "\u00a0"}) {
    INFO(text);
    CHECK(printable(text));
  }
}

TEST_CASE("control characters and line separators are not printable") {
  for (auto text : {"a\nb", "\r", "\t", "\x1b[31m", "\x1f", "\x7f", "\u0080", "\u0085", "\u009f", "\u2028", "\u2029"}) {
    INFO(code_points(text) << " code points");
    CHECK_FALSE(printable(text));
  }
  CHECK_FALSE(printable(std::string_view("a\0b", 3)));
}

TEST_CASE("no bidirectional control is printable, and its neighbours are") {
  for (auto text : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067",
                    "\u2068", "\u2069"})
    CHECK_FALSE(printable("a" + std::string(text) + "b"));
  for (auto text : {"\u061b", "\u200d", "\u2010", "\u202f", "\u2065", "\u206a"}) CHECK(printable(text));
}

TEST_CASE("what is no UTF-8 is not printable") {
  CHECK_FALSE(printable("a\xff"));
  CHECK_FALSE(printable("\xe2\x82"));
}

TEST_CASE("an identifier has 1 to 200 code points") {
  CHECK_FALSE(valid_identifier(""));
  CHECK(valid_identifier("a"));
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += "\U0001f511";
  CHECK(valid_identifier(longest));
  CHECK_FALSE(valid_identifier(longest + "a"));
  CHECK_FALSE(valid_identifier(std::string(1'000'000, 'a')));
}

TEST_CASE("an identifier holds no colon, control character or bidi mark") {
  for (auto text : {"a:b", ":", "a\nb", "a\u202eb", "\x7f", "a\xff"}) {
    INFO(code_points(text) << " code points");
    CHECK_FALSE(valid_identifier(text));
  }
  for (auto text : {"alice", "alice@example.org", "DOMAIN\\alice", "alice smith", "\u00e5sa", "0"}) {
    INFO(text);
    CHECK(valid_identifier(text));
  }
}
