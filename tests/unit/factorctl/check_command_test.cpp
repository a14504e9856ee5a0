// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

ipc::Dict result(const char* kind, ipc::Texts proven) {
  return {{"userId", "bob"},     {"org", "local"},    {"factorId", "f1"},
          {"kind", kind},        {"factors", proven}, {"userVerified", proven.size() == 2},
          {"details", details()}};
}

const std::string details_json = R"("details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
  "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"})";

Stage daemon() {
  Stage stage;
  stage.answers["CheckTOTP"] = always({result("totp", {"possession"})});
  stage.answers["CheckRecoveryCode"] = always({result("recovery-codes", {"knowledge"})});
  stage.answers["StartPasskeyCheck"] = always({"c1", R"({"challenge":"AAAA"})", details()});
  stage.answers["CheckPasskey"] = always({result("passkey", {"possession", "user-verification"})});
  return stage;
}

struct File {
  std::filesystem::path path;
  explicit File(const std::string& content)
      : path(std::filesystem::temp_directory_path() / ("factorctl-test-" + std::to_string(getpid()))) {
    std::ofstream(path) << content;
  }
  ~File() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("check totp takes the code as an argument or a line of input, and tells what it proves") {
  Stage stage = daemon();
  const Run run = stage.run({"check", "totp", "123456", "--user", "bob", "--source", "sshd"});
  CHECK(run.status == 0);
  CHECK(run.data == "f1\n");
  CHECK(run.talk == "Right: totp of bob, proves possession\n");
  CHECK(stage.only_call().interface == "org.factord1.Checks");
  CHECK(stage.only_call().arguments == ipc::Values{"bob", "123456", ipc::Dict{{"source", "sshd"}}});
  stage.input = "654321\n";
  CHECK(stage.run({"check", "totp", "--user", "bob"}).status == 0);
  CHECK(stage.calls.back().arguments == ipc::Values{"bob", "654321", ipc::Dict{}});
}

TEST_CASE("a check without --user names the own account, as an empty id is nobody there") {
  Stage stage = daemon();
  CHECK(stage.run({"check", "totp", "123456"}).status == 0);
  CHECK(stage.only_call().arguments.at(0) == ipc::Value(getpwuid(geteuid())->pw_name));
}

TEST_CASE("a check in an organization has to name the user") {
  Stage stage = daemon();
  CHECK(stage.run({"check", "totp", "123456", "--org", "acme"}).status == 64);
  CHECK(stage.calls.empty());
  CHECK(stage.run({"check", "totp", "123456", "--org", "acme", "--user", "bob"}).status == 0);
  CHECK(stage.calls.back().arguments == ipc::Values{"bob", "123456", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("the result of a check as JSON has all that the bus says") {
  Stage stage = daemon();
  CHECK(same_json(stage.run({"--json", "check", "totp", "123456", "--user", "bob"}).data,
                  "{" + details_json + R"(,"userId":"bob","org":"local","factorId":"f1","kind":"totp",
                  "factors":["possession"]})"));
}

TEST_CASE("a wrong code and a throttled one end with their codes") {
  Stage stage = daemon();
  stage.answers["CheckTOTP"] = failing("InvalidArgument", "Invalid code (EVENT-8isk2)");
  CHECK(stage.run({"check", "totp", "1", "--user", "bob"}).status == 3);
  stage.answers["CheckTOTP"] = failing("ResourceExhausted", "Too many attempts: wait 30 seconds (FACTORD-Thr1)");
  const Run run = stage.run({"check", "totp", "1", "--user", "bob"});
  CHECK(run.status == 8);
  CHECK(run.talk == "factorctl: Too many attempts: wait 30 seconds (FACTORD-Thr1)\n");
}

TEST_CASE("check recovery hands the code over by descriptor and never as an argument") {
  Stage stage = daemon();
  const bool from_file = GENERATE(true, false);
  const File file("abcd-efgh\n");
  stage.input = from_file ? "" : " abcd-efgh \n";
  std::vector<std::string> words{"check", "recovery", "--user", "bob"};
  if (from_file) words.insert(words.begin() + 2, file.path);
  const Run run = stage.run(words);
  CHECK(run.status == 0);
  CHECK(run.talk == "Right: recovery-codes of bob, proves knowledge\n");
  CHECK(stage.only_call().method == "CheckRecoveryCode");
  CHECK(handed_over(stage.only_call().arguments.at(1)) == "abcd-efgh");
}

TEST_CASE("check passkey prints what is to be answered, then checks the answer, over one connection") {
  Stage stage = daemon();
  stage.input = R"({"id":"x"})";
  const Run run = stage.run({"check", "passkey", "--user", "bob", "--domain", "example.org", "--user-verification",
                             "required", "--source", "sshd"});
  CHECK(run.status == 0);
  CHECK(run.data == "{\"challenge\":\"AAAA\"}\nf1\n");
  CHECK(run.talk.ends_with("Right: passkey of bob, proves possession, user-verification\n"));
  CHECK(stage.opened.size() == 1);
  REQUIRE(stage.calls.size() == 2);
  CHECK(stage.calls[0].arguments ==
        ipc::Values{"bob", ipc::Dict{{"domain", "example.org"}, {"user_verification", "required"}}});
  CHECK(stage.calls[1].arguments == ipc::Values{"c1", stage.input, ipc::Dict{{"source", "sshd"}}});
}

TEST_CASE("check passkey as JSON prints two lines: the challenge, then the result") {
  Stage stage = daemon();
  const File file(R"({"id":"x"})");
  const Run run = stage.run({"--json", "check", "passkey", file.path, "--user", "bob"});
  const auto end = run.data.find('\n');
  CHECK(same_json(
      run.data.substr(0, end),
      "{" + details_json + R"(,"challengeId":"c1","publicKeyCredentialRequestOptions":{"challenge":"AAAA"}})"));
  CHECK(same_json(run.data.substr(end + 1),
                  "{" + details_json + R"(,"userId":"bob","org":"local","factorId":"f1","kind":"passkey",
                  "factors":["possession","user-verification"],"userVerified":true})"));
  CHECK(stage.calls[1].arguments.at(1) == ipc::Value(R"({"id":"x"})"));
}

TEST_CASE("check passkey --discoverable names nobody, unless somebody is named") {
  Stage stage = daemon();
  stage.input = "{}";
  CHECK(stage.run({"check", "passkey", "--discoverable", "--org", "acme"}).status == 0);
  CHECK(stage.calls[0].arguments == ipc::Values{"", ipc::Dict{{"discoverable", true}, {"org", "acme"}}});
}

TEST_CASE("on a terminal check passkey waits until the file holds the answer") {
  Stage stage = daemon();
  const File file("{}");
  stage.kind_of_input = Input::terminal;
  stage.input = "\n";
  const Run run = stage.run({"check", "passkey", file.path, "--user", "bob"});
  CHECK(run.status == 0);
  CHECK(run.talk.find("Enter, once") != std::string::npos);
}

TEST_CASE("a challenge that is not answered is not checked") {
  Stage stage = daemon();
  CHECK(stage.run({"check", "passkey", "--user", "bob"}).status == 3);
  CHECK(stage.only_call().method == "StartPasskeyCheck");
}
