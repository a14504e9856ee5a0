// SPDX-License-Identifier: Apache-2.0
// What holds for every row of the table, whichever method it is.
#include "daemon/methods.hpp"

#include <algorithm>
#include <set>

#include "ipc/names.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/daemon/room.hpp"

using namespace factord;
using namespace factord::tests;
using ipc::Method;
using ipc::Subject;

namespace {

bool takes_user_id(const Method& method) { return !method.in.empty() && method.in.front().name == "user_id"; }

}  // namespace

TEST_CASE("no method stands twice in the table, and each has a use case") {
  Room room;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const Method& method : room.table) {
    INFO(method.name);
    CHECK(names.emplace(method.interface, method.name).second);
    CHECK((method.interface == ipc::names::factors || method.interface == ipc::names::checks ||
           method.interface == ipc::names::admin));
    CHECK(bool(method.use_case) == (method.subject != Subject::own_rights));
  }
  CHECK(names.size() >= 22);
}

TEST_CASE("a method's name alone says which it is") {
  Room room;
  std::set<std::string_view> names;
  for (const Method& method : room.table) {
    INFO(method.name);
    CHECK(names.insert(method.name).second);
  }
}

TEST_CASE("methods about a user take user_id first, others take none") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    CHECK(takes_user_id(method) == (method.subject == Subject::user || method.subject == Subject::named_user ||
                                    method.subject == Subject::user_or_all || method.subject == Subject::own_rights));
  }
}

TEST_CASE("the calling user may be meant by an empty user_id in Factors, and nowhere else") {
  Room room;
  for (const Method& method : room.table) {
    if (!takes_user_id(method) || method.subject == Subject::own_rights) continue;
    if (method.subject == Subject::user_or_all) continue;
    INFO(method.name);
    const bool may_be_empty = method.in.front().rule.least == 0;
    CHECK(may_be_empty == (method.interface == ipc::names::factors));
    CHECK(may_be_empty == (method.subject == Subject::user));
  }
}

TEST_CASE("every method takes options at the end, known by distinct names that no argument has") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    CHECK(method.takes_options);
    std::set<std::string_view> names;
    for (const auto& parameter : method.in) CHECK(names.insert(parameter.name).second);
    for (const auto& option : method.options) CHECK(names.insert(option.name).second);
  }
}

TEST_CASE("every method whose user may be in an organization has the option org") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    const bool has_org = std::ranges::find(method.options, "org", &ipc::Option::name) != method.options.end();
    CHECK(has_org == (method.subject != Subject::calling_user && method.subject != Subject::challenge));
  }
}

TEST_CASE("every method but those of subscriptions answers with details last, or within its only dictionary") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    if (method.subscribing != ipc::Subscribing::no) {
      CHECK(method.out.empty());
      continue;
    }
    REQUIRE_FALSE(method.out.empty());
    CHECK(method.out.back().type == ipc::Type::dict);
    CHECK((method.out.back().name == "details" || method.interface == ipc::names::checks || method.name == "GetUser" ||
           method.name == "ExplainAccess"));
  }
}

TEST_CASE("what changes a user's factors for oneself depends on self service, what reads them does not") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    CHECK((method.permission == ipc::Permission::check) == (method.interface == ipc::names::checks));
    if (method.self == ipc::Self::never || method.permission == ipc::Permission::check) continue;
    CHECK((method.self == ipc::Self::service) == (method.effect == ipc::Effect::writes));
    CHECK((method.permission == ipc::Permission::user_read) == (method.effect == ipc::Effect::reads));
  }
}

TEST_CASE("no secret comes as a text: what holds one has type h") {
  Room room;
  for (const Method& method : room.table)
    for (const auto& parameters : {method.in, method.out})
      for (const auto& parameter : parameters) {
        INFO(method.name << " " << parameter.name);
        if (parameter.name == "uri" || parameter.name == "codes") CHECK(parameter.type == ipc::Type::fd);
        // A TOTP code is spent when it is read; those that are not travel as any secret does.
        if (parameter.name == "code" && !method.name.ends_with("TOTP") && !method.name.starts_with("VerifyTOTP"))
          CHECK(parameter.type == ipc::Type::fd);
      }
}

TEST_CASE("a registration code stands in where one's own factors are registered and verified, and nowhere else") {
  Room room;
  for (const Method& method : room.table) {
    INFO(method.name);
    const bool registers = method.permission == ipc::Permission::user_credential_write &&
                           (method.name.starts_with("Register") || method.name.starts_with("Verify"));
    CHECK(method.code_stands_in == registers);
    for (const char* name : {"code_id", "code_fd"})
      CHECK((std::ranges::find(method.options, name, &ipc::Option::name) != method.options.end()) == registers);
  }
}

TEST_CASE("every use case gives what its row promises, in types and number") {
  Room room;
  const auto alice = Mint::account("alice", 1000);
  for (const char* name :
       {"RegisterPasskey", "RegisterU2F", "RegisterTOTP", "ListPasskeys", "ListU2F", "ListTOTP",
        "ListAuthenticationFactors", "ListAuthenticationMethodTypes", "GetUser", "CreateRegistrationCode"}) {
    const auto values = room.call(name, alice);
    const auto& promised = room.row(name).out;
    INFO(name);
    REQUIRE(values.size() == promised.size());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(type_of(values[i]) == promised[i].type);
  }
}
