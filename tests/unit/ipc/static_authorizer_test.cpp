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

Explanation explain(std::vector<Allowance> allowances, const Question& question, bool self_service = true) {
  StaticAuthorizer authorizer(std::move(allowances), self_service);
  int answers = 0;
  Explanation told;
  authorizer.explain(question, [&](const Explanation& explanation) {
    ++answers;
    told = explanation;
  });
  CHECK(answers == 1);
  return told;
}

Allowance shown(std::string line, Allowance allowance) {
  allowance.line = std::move(line);
  return allowance;
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

TEST_CASE("an explanation says the same as the decision, whatever is asked") {
  const std::vector<Allowance> lines = {
      shown("1", to_uid(alice, {Permission::user_read}, "acme")),
      shown("2", {std::nullopt, keepers, {Permission::user_write, Permission::check}, "*"}),
      shown("3", to_uid(alice + 1, {Permission::user_read}))};
  const bool self_service = GENERATE(true, false), self_asked = GENERATE(true, false);
  const Self self = GENERATE(Self::never, Self::always, Self::service);
  const uid_t caller = GENERATE(uid_t{0}, alice, alice + 1, alice + 2);
  for (auto permission : every_permission)
    for (const char* organization : {"local", "acme", "globex"}) {
      Question question = within(organization, permission);
      question.self = self;
      question.about_self = self_asked;
      question.caller = {caller, caller == alice ? std::vector<gid_t>{keepers} : std::vector<gid_t>{}};
      const Explanation told = explain(lines, question, self_service);
      CHECK(told.allowed == decide(lines, question, self_service));
      CHECK(told.authorizer == "static");
      CHECK_FALSE(told.decided_by.empty());
      CHECK((told.allowed ? told.nearest.empty() : true));
    }
}

TEST_CASE("the explanation shows the line that decides, the first where several do") {
  const std::vector<Allowance> lines = {shown("1", to_uid(alice, {Permission::user_write})),
                                        shown("2", {std::nullopt, keepers, {Permission::user_read}, std::nullopt}),
                                        shown("3", to_uid(alice, {Permission::user_read}))};
  CHECK(explain(lines, ask()).decided_by == "2");
}

TEST_CASE("what needs no line is explained without one") {
  const std::vector<Allowance> lines = {shown("1", to_uid(alice, {Permission::user_write}))};
  CHECK(explain(lines, about_self(Self::always)).decided_by == "own factors: reading them needs no permission");
  CHECK(explain(lines, about_self(Self::service)).decided_by == "own factors: SelfService=yes");
  Question question = ask();
  question.caller = {0, {}};
  CHECK(explain(lines, question).decided_by == "uid 0");
}

TEST_CASE("the permission is self.write for one's own exactly where self service is on") {
  CHECK(explain({}, about_self(Self::service), true).permission == "self.write");
  CHECK(explain({}, about_self(Self::service), false).permission == "user.write");
  CHECK(explain({}, about_self(Self::never), true).permission == "user.write");
  CHECK(explain({}, ask(Permission::user_write, Self::service), true).permission == "user.write");
}

TEST_CASE("who is allowed nothing is told for what and where no line was found") {
  CHECK(explain({}, within("acme", Permission::check)).decided_by ==
        "no Allow= line names this caller for check in organization acme");
  CHECK(explain({}, about_self(Self::service), false).decided_by ==
        "SelfService=no, and no Allow= line names this caller for user.write in organization local");
}

TEST_CASE("the nearest line has the permission elsewhere; else it is one with other permissions here") {
  const Allowance elsewhere = shown("E", to_uid(alice, {Permission::user_read}, "acme"));
  const Allowance others_here = shown("H", to_uid(alice, {Permission::check}));
  const Allowance others_elsewhere = shown("O", {std::nullopt, keepers, {Permission::check}, "acme"});
  CHECK(explain({others_elsewhere, others_here, elsewhere}, ask()).nearest == "E (another organization)");
  CHECK(explain({others_elsewhere, others_here}, ask()).nearest == "H (other permissions)");
  CHECK(explain({others_elsewhere}, ask()).nearest == "O (other permissions)");
}

TEST_CASE("lines that name somebody else are never told of") {
  const std::vector<Allowance> lines = {shown("1", to_uid(alice + 1, {Permission::user_read})),
                                        shown("2", {std::nullopt, keepers + 1, {Permission::user_read}, "*"})};
  const Explanation told = explain(lines, ask());
  CHECK_FALSE(told.allowed);
  CHECK(told.nearest.empty());
  CHECK(told.decided_by == "no Allow= line names this caller for user.read in organization local");
}

TEST_CASE("an explanation travels with what was asked, without what there is nothing to say about") {
  Question question = within("acme", Permission::user_write);
  question.method = "RemovePasskey";
  question.user_id = "bob";
  const Dict told =
      describe({.allowed = false, .authorizer = "static", .permission = "p", .decided_by = "d"}, question);
  CHECK(told == Dict{{"allowed", false},
                     {"method", "RemovePasskey"},
                     {"userId", "bob"},
                     {"org", "acme"},
                     {"authorizer", "static"},
                     {"permission", "p"},
                     {"decidedBy", "d"}});
}
