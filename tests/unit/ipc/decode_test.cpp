// SPDX-License-Identifier: Apache-2.0
#include "ipc/decode.hpp"

#include "core/failure.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/ipc/wire.hpp"

using namespace factord;
using namespace factord::ipc;
using factord::tests::must;
using factord::tests::Wire;
using Content = TextRule::Content;

namespace {

Method row(std::vector<Parameter> in, std::vector<Option> options = {}) {
  return {.interface = "org.example",
          .name = "Method",
          .in = std::move(in),
          .options = std::move(options),
          .out = {},
          .permission = Permission::user_read,
          .self = Self::never,
          .subject = Subject::user,
          .effect = Effect::reads,
          .use_case = {}};
}

const Parameter id{"factor_id", Type::text, {1, 200, Content::any}};
const Option org{"org", Type::text, {1, 200, Content::identifier}};
const Option digits{.name = "digits", .type = Type::uint32, .least = 6, .most = 8};
const Option state{"state", Type::text, {}, {"ready", "any"}};
const Option states{"states", Type::texts, {}, {"ready", "any"}};

Decoded decode_values(const Method& method, const Values& values) {
  const Wire wire;
  return decode(wire.message(values).get(), method);
}

Decoded decode_text(const TextRule& rule, const std::string& text) {
  return decode_values(row({{"text", Type::text, rule}}), {text, Dict{}});
}

Decoded decode_options(std::vector<Option> options, Dict given) {
  return decode_values(row({}, std::move(options)), {std::move(given)});
}

std::string refusal(const Decoded& decoded) {
  if (!decoded.refusal) return "";
  CHECK(decoded.refusal->id() == core::failure::bad_argument.id);
  CHECK(decoded.refusal->code() == core::Code::invalid_argument);
  return decoded.refusal->text();
}

}  // namespace

TEST_CASE("arguments and options are found by their names") {
  const Decoded decoded = decode_values(row({id, {"uri", Type::fd}}, {org, digits}),
                                        {"abc", std::make_shared<const core::Fd>(core::sealed_memfd("")),
                                         Dict{{"org", "acme"}, {"digits", std::uint32_t{7}}}});
  CHECK_FALSE(decoded.refusal);
  CHECK(decoded.arguments.size() == 4);
  CHECK(decoded.arguments.at("factor_id") == Value("abc"));
  CHECK(decoded.arguments.at("org") == Value("acme"));
  CHECK(decoded.arguments.at("digits") == Value(std::uint32_t{7}));
  CHECK(type_of(decoded.arguments.at("uri")) == Type::fd);
}

TEST_CASE("options that are not given are not there") {
  const Decoded decoded = decode_options({org, digits}, {});
  CHECK_FALSE(decoded.refusal);
  CHECK(decoded.arguments.empty());
}

TEST_CASE("lengths count code points, not bytes") {
  std::string keys;
  for (int i = 0; i < 200; ++i) keys += "\xf0\x9f\x94\x91";  // four bytes each
  CHECK(refusal(decode_text({1, 200, Content::any}, keys)).empty());
  CHECK(refusal(decode_text({1, 200, Content::any}, std::string(200, 'x'))).empty());
  CHECK(refusal(decode_text({1, 200, Content::any}, std::string(201, 'x'))) ==
        "Argument text must have 1 to 200 characters");
}

TEST_CASE("a text too long to be copied is refused by its name") {
  CHECK(refusal(decode_text({1, 200, Content::any}, std::string(801, 'x'))) ==
        "Argument text is refused: a text is too long");
}

TEST_CASE("a text may be empty only where its rule says so") {
  CHECK(refusal(decode_text({1, 200, Content::any}, "")) == "Argument text must have 1 to 200 characters");
  CHECK(refusal(decode_text({0, 200, Content::identifier}, "")).empty());
}

TEST_CASE("the least length is counted too") {
  CHECK(refusal(decode_text({55, 1'048'576, Content::any}, std::string(54, '{'))) ==
        "Argument text must have 55 to 1048576 characters");
  CHECK(refusal(decode_text({55, 1'048'576, Content::any}, std::string(55, '{'))).empty());
}

TEST_CASE("the longest credential is taken whole") {
  const Decoded decoded = decode_text({55, 1'048'576, Content::any}, std::string(1'048'576, 'x'));
  CHECK_FALSE(decoded.refusal);
  CHECK(std::get<std::string>(decoded.arguments.at("text")).size() == 1'048'576);
  CHECK_FALSE(refusal(decode_text({55, 1'048'576, Content::any}, std::string(1'048'577, 'x'))).empty());
}

TEST_CASE("control and direction characters are refused in names and ids") {
  const std::string bad = GENERATE(as<std::string>(), "a\nb", "a\x7f", "\x1b[31m",
                                   "\xe2\x80\xae"
                                   "abc",
                                   "\xc2\x85");
  CHECK(refusal(decode_text({1, 200, Content::printable}, bad)) ==
        "Argument text must not hold control or direction characters");
  CHECK(refusal(decode_text({1, 200, Content::identifier}, bad)) ==
        "Argument text must not hold control or direction characters or ':'");
  CHECK(refusal(decode_text({1, 200, Content::any}, bad)).empty());
}

TEST_CASE("a colon is refused in ids and taken in names") {
  CHECK(refusal(decode_text({1, 200, Content::printable}, "a:b")).empty());
  CHECK_FALSE(refusal(decode_text({1, 200, Content::identifier}, "a:b")).empty());
}

TEST_CASE("what was refused is not among the arguments") {
  const Decoded decoded = decode_text({1, 2, Content::any}, "xyz");
  CHECK(decoded.refusal);
  CHECK(decoded.arguments.empty());
}

TEST_CASE("what is right is decoded also beside what is wrong, for the permission to be judged with it") {
  const Decoded decoded =
      decode_values(row({id, {"name"}}, {org}), {"", "fob", Dict{{"org", "acme"}, {"unknown", true}}});
  CHECK(refusal(decoded) == "Argument factor_id must have 1 to 200 characters");
  CHECK(decoded.arguments.at("name") == Value("fob"));
  CHECK(decoded.arguments.at("org") == Value("acme"));
}

TEST_CASE("an unknown option is refused without an echo of it") {
  CHECK(refusal(decode_options({org}, {{"orgg", "acme"}})) == "An option is not known to this method");
}

TEST_CASE("an option of another type is refused by name and type") {
  CHECK(refusal(decode_options({org}, {{"org", std::uint32_t{1}}})) == "Option org must be of type s");
  CHECK(refusal(decode_options({digits}, {{"digits", "6"}})) == "Option digits must be of type u");
  CHECK(refusal(decode_options({digits}, {{"digits", std::uint64_t{6}}})) == "Option digits must be of type u");
  CHECK(refusal(decode_options({digits}, {{"digits", std::int32_t{6}}})) == "Option digits must be of type u");
  CHECK(refusal(decode_options({states}, {{"states", "ready"}})) == "Option states must be of type as");
}

TEST_CASE("a number argument is held to its bounds") {
  const auto decoded = [](std::uint32_t number) {
    return decode_values(row({{.name = "count", .type = Type::uint32, .least = 1, .most = 50}}), {number, Dict{}});
  };
  for (std::uint32_t good : {1u, 50u}) {
    CHECK(refusal(decoded(good)).empty());
    CHECK(decoded(good).arguments.at("count") == Value(good));
  }
  for (std::uint32_t bad : {0u, 51u, UINT32_MAX}) {
    CHECK(refusal(decoded(bad)) == "Argument count must be 1 to 50");
    CHECK_FALSE(decoded(bad).arguments.contains("count"));
  }
}

TEST_CASE("a number option is held to its bounds") {
  for (std::uint32_t good : {6u, 7u, 8u}) CHECK(refusal(decode_options({digits}, {{"digits", good}})).empty());
  for (std::uint32_t bad : {0u, 5u, 9u, UINT32_MAX})
    CHECK(refusal(decode_options({digits}, {{"digits", bad}})) == "Option digits must be 6 to 8");
}

TEST_CASE("an option of words takes one of them, and no other spelling") {
  CHECK(refusal(decode_options({state}, {{"state", "any"}})).empty());
  for (const char* bad : {"", "Ready", "ready ", "not-ready"})
    CHECK(refusal(decode_options({state}, {{"state", bad}})) == "Option state must be one of ready, any");
}

TEST_CASE("every entry of a list option is held to its words") {
  CHECK(refusal(decode_options({states}, {{"states", Texts{}}})).empty());
  CHECK(refusal(decode_options({states}, {{"states", Texts{"any", "ready"}}})).empty());
  CHECK(refusal(decode_options({states}, {{"states", Texts{"any", "gone"}}})) ==
        "Option states must be one of ready, any");
}

TEST_CASE("a list option of too many entries is refused") {
  CHECK(refusal(decode_options({states}, {{"states", Texts(65, "any")}})) ==
        "Argument options is refused: an array is too long");
}

TEST_CASE("an option given twice is refused") {
  const Wire wire;
  const auto message = wire.message([](sd_bus_message* raw) {
    must(sd_bus_message_append(raw, "a{sv}", 2, "org", "s", "acme", "org", "s", "acme"));
  });
  CHECK(refusal(decode(message.get(), row({}, {org}))) == "Argument options is refused: a key stands twice");
}

TEST_CASE("the first thing that is wrong is the one that is told") {
  const Decoded decoded = decode_values(row({id, {"name"}}), {std::string(300, 'x'), "", Dict{{"unknown", true}}});
  CHECK(refusal(decoded) == "Argument factor_id must have 1 to 200 characters");
}
