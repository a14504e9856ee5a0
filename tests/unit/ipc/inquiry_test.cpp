// SPDX-License-Identifier: Apache-2.0
#include "ipc/inquiry.hpp"

#include "tests/support/call_mint.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::ipc;

namespace {

Method row(std::string_view interface, std::string_view name, std::vector<Parameter> in, std::vector<Option> options) {
  return {.interface = interface,
          .name = name,
          .in = std::move(in),
          .options = std::move(options),
          .out = {},
          .permission = Permission::user_read,
          .self = Self::never,
          .subject = Subject::user,
          .effect = Effect::reads,
          .use_case = {}};
}

const std::vector<Method> table = {row("a.b.C", "RemovePasskey", {{"user_id"}, {"passkey_id"}}, {{.name = "org"}}),
                                   row("a.b.C", "RemoveMyPasskey", {{"passkey_id"}}, {}),
                                   row("a.b.D", "ListUsers", {}, {{.name = "org"}})};

// The name of the row that is found; or what is wrong.
std::string asked(const char* method, const char* user_id = "", ipc::Dict options = {}) try {
  options.insert({{"method", method}, {"user_id", user_id}});
  return std::string(
      inquired(table, tests::CallMint::within(tests::Mint::account("alice", 1000).organization(), options)).name);
} catch (const core::Error& error) {
  return error.what();
}

const std::string unknown = "Argument method names no method (FACTORD-Arg1)";

}  // namespace

TEST_CASE("a method is asked about by its name, bare or with its interface") {
  CHECK(asked("RemovePasskey") == "RemovePasskey");
  CHECK(asked("RemoveMyPasskey") == "RemoveMyPasskey");
  CHECK(asked("a.b.C.RemovePasskey", "bob", {{"org", "acme"}}) == "RemovePasskey");
  CHECK(asked("a.b.D.ListUsers", "", {{"org", "acme"}}) == "ListUsers");
}

TEST_CASE("no other name is a method's") {
  for (const char* name :
       {"Passkey", "removepasskey", "RemovePasskey ", "RemovePasskeys", ".RemovePasskey", "C.RemovePasskey",
        "a.b.D.RemovePasskey", "a.b.CRemovePasskey", "xRemovePasskey", "a.b.C.", "a.b.C"})
    CHECK(asked(name) == unknown);
}

TEST_CASE("a user or an organization is refused where the method takes none") {
  CHECK(asked("RemoveMyPasskey", "bob") == "Argument user_id must be empty: the method takes none (FACTORD-Arg1)");
  CHECK(asked("ListUsers", "bob") == "Argument user_id must be empty: the method takes none (FACTORD-Arg1)");
  CHECK(asked("RemoveMyPasskey", "", {{"org", "acme"}}) ==
        "Option org must be left out: the method does not take it (FACTORD-Arg1)");
}
