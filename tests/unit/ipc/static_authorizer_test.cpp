// SPDX-License-Identifier: Apache-2.0
#include "ipc/static_authorizer.hpp"

#include "tests/support/catch.hpp"

using namespace factord::ipc;

namespace {

constexpr uid_t alice = 1000;
constexpr gid_t keepers = 2000;
constexpr auto every_permission = {
    Permission::user_read,          Permission::user_write, Permission::user_credential_write,
    Permission::user_passkey_write, Permission::check,      Permission::store_admin};

// About somebody else, in the default organization.
Question ask(Permission permission = Permission::user_read, Self self = Self::always) {
  return {{alice, {alice, keepers}}, permission, self, false, "local", true};
}

Question within(const std::string& organization, Permission permission = Permission::user_read) {
  Question question = ask(permission);
  question.organization = organization;
  question.default_organization = organization == "local";
  return question;
}

Question about_self(Self self) {
  Question question = ask(Permission::user_write, self);
  question.about_self = true;
  return question;
}

Allowance to_uid(uid_t uid, std::vector<Permission> permissions, std::optional<std::string> organization = {}) {
  return {uid, std::nullopt, std::move(permissions), std::move(organization)};
}

bool decide(std::vector<Allowance> allowances, const Question& question, bool self_service = true) {
  StaticAuthorizer authorizer(std::move(allowances), self_service);
  int answers = 0;
  bool allowed = false;
  authorizer.decide(question, [&](bool yes) {
    ++answers;
    allowed = yes;
  });
  CHECK(answers == 1);
  return allowed;
}

}  // namespace

TEST_CASE("without a line nobody may read about others") { CHECK_FALSE(decide({}, ask())); }

TEST_CASE("uid 0 may do everything, also in organizations that no line names") {
  for (auto permission : every_permission) {
    Question question = within("acme", permission);
    question.self = Self::never;
    question.caller = {0, {}};
    CHECK(decide({}, question, false));
  }
}

TEST_CASE("group 0 is nobody special") {
  Question question = ask();
  question.caller = {alice, {0}};
  CHECK_FALSE(decide({}, question));
}

TEST_CASE("reading one's own needs no line, and is no matter of self service") {
  CHECK(decide({}, about_self(Self::always), true));
  CHECK(decide({}, about_self(Self::always), false));
}

TEST_CASE("changing one's own is allowed exactly where self service is on") {
  CHECK(decide({}, about_self(Self::service), true));
  CHECK_FALSE(decide({}, about_self(Self::service), false));
}

TEST_CASE("without self service a permission still lets one change one's own") {
  CHECK(decide({to_uid(alice, {Permission::user_write})}, about_self(Self::service), false));
}

TEST_CASE("what is never for oneself needs the permission") {
  CHECK_FALSE(decide({}, about_self(Self::never)));
  CHECK(decide({to_uid(alice, {Permission::user_write})}, about_self(Self::never)));
}

TEST_CASE("rights over oneself do not reach to others") {
  for (Self self : {Self::always, Self::service}) CHECK_FALSE(decide({}, ask(Permission::user_write, self)));
}

TEST_CASE("a line for a uid holds for that uid alone") {
  CHECK(decide({to_uid(alice, {Permission::user_read})}, ask()));
  CHECK_FALSE(decide({to_uid(alice + 1, {Permission::user_read})}, ask()));
}

TEST_CASE("a line for a group holds for its members, whichever of their groups it is") {
  const Allowance members{std::nullopt, keepers, {Permission::user_read}, std::nullopt};
  CHECK(decide({members}, ask()));
  Question stranger = ask();
  stranger.caller.groups = {alice};
  CHECK_FALSE(decide({members}, stranger));
}

TEST_CASE("a uid is not taken for a group of the same number") {
  const Allowance group{std::nullopt, gid_t{alice}, {Permission::user_read}, std::nullopt};
  Question question = ask();
  question.caller.groups = {keepers};
  CHECK_FALSE(decide({group}, question));
  question.caller = {uid_t{keepers} + 5, {keepers}};
  CHECK_FALSE(decide({to_uid(keepers, {Permission::user_read})}, question));
}

TEST_CASE("each permission is granted by its own name alone") {
  for (auto held : every_permission)
    for (auto asked : every_permission) CHECK(decide({to_uid(alice, {held})}, ask(asked)) == (held == asked));
}

TEST_CASE("permissions of several lines add up, and none takes away") {
  const std::vector<Allowance> lines = {to_uid(alice, {Permission::user_read}),
                                        to_uid(alice, {Permission::user_write}, "acme"),
                                        to_uid(alice, {Permission::user_write})};
  CHECK(decide(lines, ask(Permission::user_read)));
  CHECK(decide(lines, ask(Permission::user_write)));
  CHECK_FALSE(decide(lines, ask(Permission::user_credential_write)));
}

TEST_CASE("a line without an organization holds in the default one only") {
  CHECK(decide({to_uid(alice, {Permission::user_read})}, within("local")));
  CHECK_FALSE(decide({to_uid(alice, {Permission::user_read})}, within("acme")));
}

TEST_CASE("a line with an organization holds in that one only") {
  CHECK(decide({to_uid(alice, {Permission::user_read}, "acme")}, within("acme")));
  CHECK_FALSE(decide({to_uid(alice, {Permission::user_read}, "acme")}, within("local")));
  CHECK_FALSE(decide({to_uid(alice, {Permission::user_read}, "acme")}, within("Acme")));
}

TEST_CASE("a line that names the default organization holds in it") {
  CHECK(decide({to_uid(alice, {Permission::user_read}, "local")}, within("local")));
}

TEST_CASE("org:* holds in all organizations") {
  for (const char* organization : {"local", "acme", "*"})
    CHECK(decide({to_uid(alice, {Permission::user_read}, "*")}, within(organization)));
}

TEST_CASE("an organization of the name * gives no right in others") {
  CHECK_FALSE(decide({to_uid(alice, {Permission::user_read}, "acme")}, within("*")));
}

TEST_CASE("names and permissions belong together both ways") {
  for (auto permission : every_permission) {
    const auto found = permission_named(name(permission));
    REQUIRE(found);
    CHECK(*found == permission);
  }
}

TEST_CASE("no other word names a permission") {
  for (const char* word : {"", "user", "user.read ", "USER.READ", "user.read,user.write", "self.write"})
    CHECK_FALSE(permission_named(word));
}
