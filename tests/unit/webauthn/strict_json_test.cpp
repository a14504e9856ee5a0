// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/strict_json.hpp"

#include "tests/support/catch.hpp"

using factord::webauthn::JsonValue;
using factord::webauthn::read_json_object;

TEST_CASE("strict JSON reads values of every kind") {
  const auto value =
      read_json_object(R"( {"a":"\u00e9\n\ud83d\ude00","b":[true,false,null,-1.5e+3,{}],"c":{"d":"x"}} )");
  REQUIRE(value.has_value());
  CHECK(*value->find_string("a") == "\xc3\xa9\n\xf0\x9f\x98\x80");
  const JsonValue* list = value->find("b");
  REQUIRE((list != nullptr && list->items.size() == 5));
  CHECK(list->items[0].truth);
  CHECK_FALSE(list->items[1].truth);
  CHECK(list->items[2].is(JsonValue::Kind::null));
  CHECK(list->items[3].is(JsonValue::Kind::number));
  CHECK(*value->find("c")->find_string("d") == "x");
  CHECK(value->find("e") == nullptr);
  CHECK(value->find_string("b") == nullptr);
}

TEST_CASE("strict JSON takes numbers of any size, since nobody reads them") {
  CHECK(read_json_object(R"({"a":1e999,"b":)" + std::string(400, '9') + "}").has_value());
}

TEST_CASE("strict JSON takes escaped names for what they are, and refuses them twice") {
  CHECK(read_json_object(R"({"\u0061":"x"})")->find_string("a") != nullptr);
  CHECK_FALSE(read_json_object(R"({"\u0061":"x","a":"x"})").has_value());
  CHECK_FALSE(read_json_object(R"({"o":{"a":1,"b":2,"a":3}})").has_value());
}

TEST_CASE("strict JSON refuses what is not exactly one object") {
  for (auto text : {"",          " ",           "null",     "1",       "\"a\"", "[]",          "[{}]",
                    "{}x",       "{}{}",        "{",        "}",       "{]",    R"({"a":1,})", R"({"a"})",
                    R"({"a":})", R"({,"a":1})", R"({a:1})", "{'a':1}", "{}//",  "{} /**/",     "\xef\xbb\xbf{}"}) {
    INFO(text);
    CHECK_FALSE(read_json_object(text).has_value());
  }
  CHECK_FALSE(read_json_object(std::string_view("{}\0", 3)).has_value());
}

TEST_CASE("strict JSON refuses values that are not JSON") {
  for (auto value :
       {"NaN",    "Infinity", "-",           "01",        "1.",       ".5",   "+1",  "1e",       "0x1",       "tru",
        "truex",  "nullx",    "True",        "[1,]",      "[1 2]",    "[,1]", "[",   "[1}",      "{\"a\":1]", "\"",
        "\"\t\"", "\"\\x\"",  "\"\\ud800\"", "\"\\u12\"", "\"\xff\"", "1 2",  "'a'", "undefined"}) {
    INFO(value);
    CHECK_FALSE(read_json_object(std::string("{\"m\":") + value + "}").has_value());
  }
}

TEST_CASE("strict JSON refuses depth and number of values beyond its limits, quickly") {
  const auto nested = [](int depth) { return "{\"m\":" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
  CHECK(read_json_object(nested(20)).has_value());
  CHECK_FALSE(read_json_object(nested(40)).has_value());
  CHECK_FALSE(read_json_object(nested(500'000)).has_value());
  CHECK_FALSE(read_json_object("{\"m\":" + std::string(500'000, '[')).has_value());
  std::string many = "{\"m\":[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  CHECK_FALSE(read_json_object(many + "]}").has_value());
}
