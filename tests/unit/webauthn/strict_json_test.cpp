// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/strict_json.hpp"

#include <array>

#include "tests/support/catch.hpp"

using namespace std::string_literals;
using Kind = factord::webauthn::JsonValue::Kind;

namespace {

constexpr std::array<std::string_view, 6> wanted{"a", "b", "c", "c.d", "c.d.e", "f"};

auto read(std::string_view text) { return factord::webauthn::read_json_object(text, wanted); }

bool good(std::string_view text) { return read(text).has_value(); }

// Judged the same, whether it is kept or not.
bool good_value(std::string_view value) {
  const bool dropped = good("{\"m\":" + std::string(value) + "}");
  CHECK(good("{\"a\":" + std::string(value) + "}") == dropped);
  return dropped;
}

}  // namespace

TEST_CASE("strict JSON keeps values of every kind") {
  const auto value = read(R"( {"a":"\u00e9\n\ud83d\ude00\"","b":["x","\u0079",""],"c":{"d":{"e":true}},"f":-1.5e+3} )");
  REQUIRE(value.has_value());
  CHECK((*value)["a"].is(Kind::string));
  CHECK((*value)["a"].text == "\xc3\xa9\n\xf0\x9f\x98\x80\"");
  CHECK((*value)["b"].is(Kind::strings));
  CHECK((*value)["b"].items == std::vector<std::string_view>{"x", "y", ""});
  CHECK((*value)["c"].is(Kind::object));
  CHECK((*value)["c.d"].is(Kind::object));
  CHECK((*value)["c.d.e"].is(Kind::boolean));
  CHECK((*value)["c.d.e"].truth);
  CHECK((*value)["f"].is(Kind::number));
}

TEST_CASE("strict JSON tells apart what is not there, null, false and an empty array") {
  const auto value = read(R"({"a":null,"b":false,"c":[]})");
  REQUIRE(value.has_value());
  CHECK((*value)["a"].is(Kind::null));
  CHECK((*value)["b"].is(Kind::boolean));
  CHECK_FALSE((*value)["b"].truth);
  CHECK((*value)["c"].is(Kind::strings));
  CHECK((*value)["c.d"].is(Kind::absent));
  CHECK((*value)["f"].is(Kind::absent));
}

TEST_CASE("strict JSON calls an array one of strings only if all its items are") {
  const std::string item = GENERATE("null", "1", "true", "{}", "[\"x\"]", "{\"a\":\"x\"}");
  INFO(item);
  for (const auto& list : {"[" + item + "]", "[\"x\"," + item + "]", "[" + item + ",\"x\"]"}) {
    const auto value = read("{\"a\":" + list + "}");
    REQUIRE(value.has_value());
    CHECK((*value)["a"].is(Kind::array));
  }
}

TEST_CASE("strict JSON looks for a path at its place and nowhere else") {
  const auto value = read(R"({"c.d":1,"x":{"a":1,"d":1,"c":{"d":1}},"c":[{"d":1},[{"a":1}]],"d":1})");
  REQUIRE(value.has_value());
  CHECK((*value)["c"].is(Kind::array));
  for (const std::string_view path : {"a", "c.d", "c.d.e"}) CHECK((*value)[path].is(Kind::absent));
  const auto beside = read(R"({"a":{"d":1},"c":{}})");
  REQUIRE(beside.has_value());
  CHECK((*beside)["c.d"].is(Kind::absent));
}

TEST_CASE("strict JSON takes a path for a member's only where a dot stands between the names") {
  constexpr std::array<std::string_view, 3> alike{"a", "abc", "a.c"};
  const auto value = factord::webauthn::read_json_object(R"({"a":{"c":1}})", alike);
  REQUIRE(value.has_value());
  CHECK((*value)["a.c"].is(Kind::number));
  CHECK((*value)["abc"].is(Kind::absent));
}

TEST_CASE("strict JSON has nothing to say of a path that was not named") {
  const auto value = read(R"({"x":1})");
  REQUIRE(value.has_value());
  CHECK_THROWS_AS((*value)["x"], std::logic_error);
}

TEST_CASE("what strict JSON kept may move with its object") {
  auto value = read(R"({"a":"short"})");
  REQUIRE(value.has_value());
  const auto moved = std::move(*value);
  value.reset();
  CHECK(moved["a"].text == "short");
}

TEST_CASE("strict JSON takes numbers of any size, since nobody reads them") {
  for (const char* number : {"-1e999", "1.5e999", "1e+999", "1E+999", "-0.25e+999", "0e999"}) CHECK(good_value(number));
  CHECK(good(R"({"a":1e999,"b":)" + std::string(400, '9') + R"(,"c":-0,"d":[0.5E-99999999999,12e+7]})"));
}

TEST_CASE("strict JSON keeps numbers in strings as they are, behind escapes too") {
  for (const char* text : {R"(1.50)", R"(x\"12\"34)", R"(\\)", R"(\\12)", R"(\\\"12)", R"(\"\\\\12)"}) {
    INFO(text);
    std::string meant;
    for (const char* at = text; *at != '\0'; ++at) meant += *at == '\\' ? *++at : *at;
    const auto value = read(std::string("{\"m\":12,\"a\":\"") + text + "\",\"b\":\"56\",\"f\":78}");
    REQUIRE(value.has_value());
    CHECK((*value)["a"].text == meant);
    CHECK((*value)["b"].text == "56");
  }
}

TEST_CASE("strict JSON leaves what looks like a number in a string alone") {
  const auto value = read(R"({"a":"01 \"-x\\","12":34,"b":"\\\"1.\\\\"})");
  REQUIRE(value.has_value());
  CHECK((*value)["a"].text == R"(01 "-x\)");
  CHECK((*value)["b"].text == R"(\"1.\\)");
}

TEST_CASE("strict JSON takes escaped names for what they are, and refuses them twice") {
  CHECK((*read(R"({"\u0061":"x"})"))["a"].is(Kind::string));
  CHECK_FALSE(good(R"({"\u0061":"x","a":"x"})"));
  CHECK_FALSE(good(R"({"o":{"a":1,"b":2,"a":3}})"));
  CHECK_FALSE(good(R"({"o":[{"a":1,"b":2,"a":3}]})"));
  CHECK_FALSE(good(R"({"a":1,"o":{"b":{},"c":[]},"a":1})"));
  CHECK_FALSE(good(R"({"":1,"":1})"));
}

TEST_CASE("strict JSON takes a name twice that is not twice in one object") {
  CHECK(good(R"({"a":{"a":{"a":1},"b":1},"b":[{"a":1},{"a":1}],"":0})"));
  CHECK(good(R"({"a\u0000b":1,"a\u0000c":1,"a":1,"A":1})"));
}

TEST_CASE("strict JSON refuses what is not exactly one object") {
  for (auto text : {"",          " ",           "null",     "1",       "\"a\"", "[]",          "[{}]",
                    "{}x",       "{}{}",        "{",        "}",       "{]",    R"({"a":1,})", R"({"a"})",
                    R"({"a":})", R"({,"a":1})", R"({a:1})", "{'a':1}", "{}//",  "{} /**/",     "\xef\xbb\xbf{}"}) {
    INFO(text);
    CHECK_FALSE(good(text));
  }
  CHECK_FALSE(good("{}\0"s));
  CHECK_FALSE(good("{}\0{}"s));
  CHECK_FALSE(good("{\0}"s));
}

TEST_CASE("strict JSON refuses values that are not JSON") {
  for (auto value :
       {"NaN",    "Infinity", "-",           "01",        "1.",       ".5",   "+1",  "1e",       "0x1",       "tru",
        "truex",  "nullx",    "True",        "[1,]",      "[1 2]",    "[,1]", "[",   "[1}",      "{\"a\":1]", "\"",
        "\"\t\"", "\"\\x\"",  "\"\\ud800\"", "\"\\u12\"", "\"\xff\"", "1 2",  "'a'", "undefined"}) {
    INFO(value);
    CHECK_FALSE(good_value(value));
  }
}

TEST_CASE("strict JSON refuses lone surrogates, wherever they are") {
  for (auto text : {R"("\ud800")", R"("\udc00")", R"("\udc00\ud800")", R"("\ud800x")", R"("\ud800\u0061")",
                    R"("\ud83d\ud83d")", "\"\xed\xa0\x80\"", R"({"\udc00":1})", R"(["\udfff"])"}) {
    INFO(text);
    CHECK_FALSE(good_value(text));
  }
}

TEST_CASE("strict JSON refuses bytes that are not UTF-8, also around escapes") {
  for (auto text : {"\"\xc3\"", "\"\xc3\\u00a9\"", "\"\\u00e9\xa9\"", "\"\xed\\u0080\"", "\"\xc0\xaf\"", "\xc3\xa9"}) {
    INFO(text);
    CHECK_FALSE(good_value(text));
  }
  CHECK(good_value("\"\xc3\xa9\""));
}

TEST_CASE("strict JSON refuses more than 32 levels") {
  const auto arrays = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(good_value(arrays(31)));
  CHECK_FALSE(good_value(arrays(32)));
  CHECK_FALSE(good_value(arrays(500'000)));
  CHECK_FALSE(good("{\"m\":" + std::string(500'000, '[')));
  std::string objects = "0";
  for (int i = 0; i < 31; ++i) objects = "{\"" + std::to_string(i) + "\":" + objects + "}";
  CHECK(good_value(objects));
  CHECK_FALSE(good_value("{\"31\":" + objects + "}"));
}

TEST_CASE("strict JSON refuses more than 65,536 values") {
  const auto zeros = [](int count) {
    std::string list = "[0";
    for (int i = 1; i < count; ++i) list += ",0";
    return "{\"m\":" + list + "]}";
  };
  CHECK(good(zeros(65'534)));  // with the array and the object around them
  CHECK_FALSE(good(zeros(65'535)));
  for (const char* last : {"true", "null", "{}", "[]", "\"\""}) {
    const std::string full = zeros(65'533);
    CHECK(good(full.substr(0, full.size() - 2) + ',' + last + "]}"));
    const std::string over = zeros(65'534);
    CHECK_FALSE(good(over.substr(0, over.size() - 2) + ',' + last + "]}"));
  }
}

TEST_CASE("strict JSON refuses more than 32 items where it keeps them") {
  const auto list = [](const char* name, int count) {
    std::string text = "\"\"";
    for (int i = 1; i < count; ++i) text += ",\"\"";
    return "{\"" + std::string(name) + "\":[" + text + "]}";
  };
  CHECK(good(list("a", 32)));
  CHECK_FALSE(good(list("a", 33)));
  CHECK(good(list("m", 33)));
  std::string members = "\"x\":\"\"";
  for (int i = 1; i < 40; ++i) members += ",\"" + std::to_string(i) + "\":\"\"";
  CHECK(good("{\"c\":{" + members + "}}"));  // no items, though strings
}

TEST_CASE("strict JSON takes many members, and finds one that is there twice") {
  std::string text = "{\"m\":0";
  for (int i = 0; i < 10'000; ++i) text += ",\"" + std::to_string(i) + "\":" + std::to_string(i);
  CHECK(good(text + "}"));
  CHECK_FALSE(good(text + ",\"4711\":0}"));
}
