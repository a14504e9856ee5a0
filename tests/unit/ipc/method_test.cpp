// SPDX-License-Identifier: Apache-2.0
#include "ipc/method.hpp"

#include <stdexcept>

#include "tests/support/call_mint.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::ipc;
using factord::tests::CallMint;
using factord::tests::Mint;

namespace {

const auto alice = Mint::account("alice", 1000);

}  // namespace

TEST_CASE("signatures follow from the row, options at the end") {
  const Method method{.interface = "org.example",
                      .name = "Import",
                      .in = {{"user_id"}, {"uri", Type::fd}},
                      .options = {},
                      .out = {{"items", Type::dicts}, {"types", Type::texts}, {"details", Type::dict}},
                      .permission = Permission::user_read,
                      .self = Self::never,
                      .subject = Subject::user,
                      .effect = Effect::reads,
                      .use_case = {}};
  CHECK(in_signature(method) == "sha{sv}");
  CHECK(out_signature(method) == "aa{sv}asa{sv}");
}

TEST_CASE("a method without options takes no dictionary") {
  const Method method{.interface = "org.example",
                      .name = "Nothing",
                      .in = {},
                      .options = {},
                      .takes_options = false,
                      .out = {},
                      .permission = Permission::user_read,
                      .self = Self::never,
                      .subject = Subject::user,
                      .effect = Effect::reads,
                      .use_case = {}};
  CHECK(in_signature(method).empty());
  CHECK(out_signature(method).empty());
}

TEST_CASE("each type has the signature of its place") {
  const std::vector<std::pair<Value, std::string_view>> all = {
      {false, "b"},    {std::int32_t{}, "i"}, {std::uint32_t{}, "u"}, {std::uint64_t{}, "t"}, {"", "s"},
      {Texts{}, "as"}, {SharedFd{}, "h"},     {Dict{}, "a{sv}"},      {Dicts{}, "aa{sv}"}};
  for (const auto& [value, signature] : all) CHECK(signature_of(type_of(value)) == signature);
}

TEST_CASE("a call gives what was decoded, and defaults for what was not given") {
  const Call call = CallMint::about(
      alice,
      {{"user_id", "alice"}, {"org", "acme"}, {"digits", std::uint32_t{8}}, {"kinds", Texts{"totp"}}, {"force", true}});
  CHECK(call.text("user_id") == "alice");
  CHECK(call.option_text("org") == "acme");
  CHECK(call.option_text("org", "local") == "acme");
  CHECK(call.option_text("domain", "example.org") == "example.org");
  CHECK_FALSE(call.option_text("domain"));
  CHECK(call.option_number("digits", 6) == 8);
  CHECK(call.option_number("period", 30) == 30);
  CHECK(call.option_texts("kinds") == Texts{"totp"});
  CHECK(call.option_texts("states").empty());
  CHECK(call.option_flag("force"));
  CHECK_FALSE(call.option_flag("discoverable"));
}

TEST_CASE("asking for an argument that the row does not have is a fault of ours") {
  const Call call = CallMint::about(alice, {});
  CHECK_THROWS_AS(call.text("user_id"), std::logic_error);
  CHECK_THROWS_AS(call.secret("uri"), std::logic_error);
}
