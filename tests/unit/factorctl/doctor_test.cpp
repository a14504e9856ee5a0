// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

// Nobody has to be left for oneself, so these run as whoever runs the tests.
std::string oneself() { return getpwuid(geteuid())->pw_name; }

const ipc::Dict denied{{"allowed", false},
                       {"method", "RemovePasskey"},
                       {"userId", "bob"},
                       {"org", "acme"},
                       {"authorizer", "static"},
                       {"permission", "user.write"},
                       {"decidedBy", "no Allow= line names this caller for user.write in organization acme"},
                       {"nearest", "factord.conf:3: Allow=user:portal user.read org:acme (other permissions)"}};

Stage answering(const ipc::Dict& told) {
  Stage stage;
  stage.answers["ExplainAccess"] = always({told});
  return stage;
}

}  // namespace

TEST_CASE("doctor --why asks about oneself, or about who is named, in the organization that is named") {
  Stage stage = answering(denied);
  CHECK(stage.run({"doctor", "--why", oneself(), "RemovePasskey"}).status == 0);
  CHECK(stage.run({"--org", "acme", "doctor", "--why", oneself(), "ListU2F", "--about", "bob"}).status == 0);
  REQUIRE(stage.calls.size() == 2);
  CHECK(stage.calls[0].interface == "org.factord1.Admin");
  CHECK(stage.calls[0].method == "ExplainAccess");
  CHECK(stage.calls[0].arguments == ipc::Values{"", "RemovePasskey", ipc::Dict{}});
  CHECK(stage.calls[1].arguments == ipc::Values{"bob", "ListU2F", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("that somebody is not allowed is a good answer, told in lines for people") {
  const Run run = answering(denied).run({"doctor", "--why", oneself(), "RemovePasskey", "--about", "bob"});
  CHECK(run.status == 0);
  CHECK(run.talk.empty());
  CHECK(run.data == oneself() + " may not call RemovePasskey about bob in organization acme\n" +
                        "Authorizer:  static\n"
                        "Permission:  user.write\n"
                        "Decided by:  no Allow= line names this caller for user.write in organization acme\n"
                        "Nearest:     factord.conf:3: Allow=user:portal user.read org:acme (other permissions)\n");
}

TEST_CASE("what there is nothing to say about has no line") {
  const Run run = answering({{"allowed", true},
                             {"method", "ListUsers"},
                             {"org", "local"},
                             {"authorizer", "polkit"},
                             {"permission", "user.read"},
                             {"decidedBy", "uid 0"}})
                      .run({"doctor", "--why", oneself(), "ListUsers"});
  CHECK(run.data == oneself() + " may call ListUsers in organization local\n" +
                        "Authorizer:  polkit\nPermission:  user.read\nDecided by:  uid 0\n");
}

TEST_CASE("that a password would help is neither a yes nor a no") {
  const Run run = answering({{"allowed", false}, {"method", "ListUsers"}, {"org", "local"}, {"answer", "challenge"}})
                      .run({"doctor", "--why", oneself(), "ListUsers"});
  CHECK(run.data.starts_with(oneself() + " would have to authenticate to call ListUsers in organization local\n"));
}

TEST_CASE("as JSON a no is there to be read, not left out") {
  const Run run = answering(denied).run({"--json", "doctor", "--why", oneself(), "RemovePasskey", "--about", "bob"});
  const std::string expected = R"json("allowed":false,"method":"RemovePasskey","userId":"bob","org":"acme",
    "authorizer":"static","permission":"user.write",
    "decidedBy":"no Allow= line names this caller for user.write in organization acme",
    "nearest":"factord.conf:3: Allow=user:portal user.read org:acme (other permissions)"})json";
  CHECK(same_json(run.data, "{\"caller\":\"" + oneself() + "\"," + expected));
}

TEST_CASE("what a terminal must not be shown is not shown by the doctor either") {
  ipc::Dict told = denied;
  told["decidedBy"] = "\x1b[2J";
  CHECK(answering(told).run({"doctor", "--why", oneself(), "RemovePasskey"}).data.find('\x1b') == std::string::npos);
}

TEST_CASE("the doctor needs to be told what to examine") {
  Stage stage;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"doctor"}, {"doctor", "--why"}, {"doctor", "--why", "bob"}, {"doctor", "--about", "bob"}}) {
    const Run run = stage.run(words);
    CHECK(run.status == 64);
    CHECK(run.data.empty());
    CHECK(run.talk.find("--why") != std::string::npos);
  }
  CHECK(stage.opened.empty());
}

TEST_CASE("whom nobody knows is nobody's question, before the bus is opened") {
  Stage stage;
  const Run run = stage.run({"doctor", "--why", "no-such-account", "RemovePasskey"});
  CHECK(run.status == (geteuid() == 0 ? 5 : 7));
  CHECK(stage.opened.empty());
}
