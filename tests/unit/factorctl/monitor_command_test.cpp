// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/struct.pb.h>

#include <regex>

#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"
#include "tools/factorctl/json.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

Stage daemon() {
  Stage stage;
  stage.answers["Subscribe"] = always({});
  stage.told = {{"bob", "local", "totp", "t1", "verified"}, {"bob", "local", "", "", "locked"}};
  return stage;
}

}  // namespace

TEST_CASE("monitor subscribes to oneself, or to all who are named") {
  Stage stage = daemon();
  CHECK(stage.run({"monitor"}).status == 0);
  CHECK(stage.only_call().arguments == ipc::Values{"", ipc::Dict{}});
  stage.calls.clear();
  CHECK(stage.run({"monitor", "--user", "bob,carol", "--user", "dave", "--org", "acme"}).status == 0);
  std::vector<std::string> users;
  for (const Call& call : stage.calls) {
    CHECK(call.method == "Subscribe");
    CHECK(call.arguments.at(1) == ipc::Value(ipc::Dict{{"org", "acme"}}));
    users.push_back(std::get<std::string>(call.arguments.at(0)));
  }
  CHECK(users == std::vector<std::string>{"bob", "carol", "dave"});
}

TEST_CASE("monitor prints a line for each change, and talks on the other stream") {
  Stage stage = daemon();
  const Run run = stage.run({"monitor"});
  const std::regex lines(R"((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)  bob  local  totp  verified  t1
\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  bob  local  -  locked  -
)");
  INFO(run.data);
  CHECK(std::regex_match(run.data, lines));
  CHECK(run.talk == "Waiting for changes; Ctrl-C ends\n");
}

TEST_CASE("monitor with --json prints an object a line") {
  Stage stage = daemon();
  const std::string data = stage.run({"--json", "monitor"}).data;
  google::protobuf::Struct first;
  factorctl::from_json(data.substr(0, data.find('\n')), first);
  const auto& fields = first.fields();
  CHECK(fields.at("time").string_value().ends_with("Z"));
  CHECK(fields.at("userId").string_value() == "bob");
  CHECK(fields.at("org").string_value() == "local");
  CHECK(fields.at("kind").string_value() == "totp");
  CHECK(fields.at("factorId").string_value() == "t1");
  CHECK(fields.at("change").string_value() == "verified");
  CHECK(std::count(data.begin(), data.end(), '\n') == 2);
}

TEST_CASE("monitor shows no control characters to a person") {
  Stage stage = daemon();
  stage.told = {{"b\x1b[2J", "local", "totp", "t1", "used"}};
  CHECK(stage.run({"monitor"}).data.find('\x1b') == std::string::npos);
}

TEST_CASE("monitor subscribes anew to a daemon that was restarted, and says that it missed something") {
  Stage stage = daemon();
  stage.restarts = true;
  const Run run = stage.run({"monitor"});
  CHECK(stage.calls.size() == 2);
  CHECK(run.talk ==
        "Waiting for changes; Ctrl-C ends\nfactord has left the bus; waiting until it is back\n"
        "factord is back; what happened meanwhile was not seen\n");
}

TEST_CASE("monitor ends with the code of what keeps it from subscribing") {
  Stage stage = daemon();
  stage.answers["Subscribe"] = failing("PermissionDenied", "No matching permissions found (AUTH-AWfge)");
  CHECK(stage.run({"monitor", "--user", "bob"}).status == 7);
}
