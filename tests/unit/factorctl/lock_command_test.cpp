// SPDX-License-Identifier: Apache-2.0
// Putting factors aside, the guard of the last one, and what is shown of locks.
#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

constexpr std::uint64_t until = 1'742'920'379'000'000;

ipc::Dict factor(const char* id, const char* kind) {
  return {{"id", id}, {"kind", kind}, {"state", "ready"}, {"name", "n"}};
}

ipc::Dict locked(ipc::Dict item) {
  item["lockedUntil"] = until;
  item["drift"] = std::int32_t{-1};
  return item;
}

}  // namespace

TEST_CASE("factor suspend and resume name user and factor") {
  Stage stage;
  stage.answers["SuspendFactor"] = stage.answers["ResumeFactor"] = always({details()});
  CHECK(stage.run({"factor", "suspend", "f1", "--user", "bob"}).talk == "Suspended\n");
  CHECK(stage.run({"factor", "resume", "f1", "--user", "bob", "--org", "acme"}).talk == "Ready again\n");
  REQUIRE(stage.calls.size() == 2);
  CHECK(stage.calls[0].arguments == ipc::Values{"bob", "f1", ipc::Dict{}});
  CHECK(stage.calls[1].arguments == ipc::Values{"bob", "f1", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("--force is passed on by all that may take the last factor away") {
  struct Way {
    std::vector<std::string> words;
    const char* method;
  };
  const auto way = GENERATE(values<Way>({{{"passkey", "remove", "f1"}, "RemoveMyPasskey"},
                                         {{"passkey", "remove", "f1", "--user", "bob"}, "RemovePasskey"},
                                         {{"u2f", "remove", "f1"}, "RemoveU2F"},
                                         {{"totp", "remove", "f1"}, "RemoveTOTP"},
                                         {{"factor", "suspend", "f1"}, "SuspendFactor"}}));
  Stage stage;
  stage.answers[way.method] = always({details()});
  auto words = way.words;
  CHECK(stage.run(words).status == 0);
  words.emplace_back("--force");
  CHECK(stage.run(words).status == 0);
  REQUIRE(stage.calls.size() == 2);
  CHECK(std::get<ipc::Dict>(stage.calls[0].arguments.back()).empty());
  CHECK(stage.calls[1].method == way.method);
  CHECK(std::get<ipc::Dict>(stage.calls[1].arguments.back()) == ipc::Dict{{"force", true}});
}

TEST_CASE("suspending the last factor asks on a terminal; recovery codes are no other one") {
  Stage stage;
  stage.kind_of_input = Input::terminal;
  stage.answers["ListAuthenticationFactors"] =
      always({ipc::Dicts{factor("f1", "totp"), factor("r", "recovery-codes")}, details()});
  stage.answers["SuspendFactor"] = always({details()});
  stage.input = "n\n";
  const Run run = stage.run({"factor", "suspend", "f1"});
  CHECK(run.status == 1);
  CHECK(run.talk.find("Really suspend it?") != std::string::npos);
  stage.input = "y\n";
  CHECK(stage.run({"factor", "suspend", "f1"}).status == 0);
  CHECK(stage.run({"factor", "suspend", "f1", "--yes"}).status == 0);
}

TEST_CASE("that the guard refuses ends with 9") {
  Stage stage;
  stage.answers["RemoveTOTP"] =
      failing("FailedPrecondition", "The last usable factor of a user is protected (FACTORD-Last1)");
  CHECK(stage.run({"totp", "remove", "f1"}).status == 9);
}

TEST_CASE("user lock and unlock name the user") {
  Stage stage;
  stage.answers["LockUser"] = stage.answers["UnlockUser"] = always({details()});
  CHECK(stage.run({"user", "lock", "bob"}).status == 0);
  CHECK(stage.run({"user", "unlock", "bob", "--org", "acme"}).status == 0);
  REQUIRE(stage.calls.size() == 2);
  CHECK(stage.calls[0].interface == "org.factord1.Admin");
  CHECK(stage.calls[0].arguments == ipc::Values{"bob", ipc::Dict{}});
  CHECK(stage.calls[1].arguments == ipc::Values{"bob", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("factor list shows which codes are locked, and until when") {
  Stage stage;
  stage.answers["ListAuthenticationFactors"] =
      always({ipc::Dicts{locked(factor("f1", "totp")), factor("f2", "passkey")}, details()});
  const Run run = stage.run({"factor", "list"});
  CHECK(run.data.find("ready, locked") != std::string::npos);
  CHECK(run.data.find("ready, locked") == run.data.rfind("ready, locked"));
  CHECK(run.talk.starts_with("Too many wrong codes: totp is locked until 2025-03-2"));
}

TEST_CASE("lists as JSON have lock and drift") {
  Stage stage;
  stage.answers["ListTOTP"] = always({ipc::Dicts{locked(factor("f1", "totp"))}, ipc::Dict{}});
  CHECK(same_json(stage.run({"totp", "list", "--json"}).data,
                  R"({"details":{},"result":[{"id":"f1","kind":"totp","state":"ready","name":"n","drift":-1,
                  "lockedUntil":"2025-03-25T16:32:59Z"}]})"));
}

TEST_CASE("user show tells who is locked, and JSON keeps that it is root") {
  Stage stage;
  const ipc::Dicts locks{{{"kind", "totp"}, {"caller", std::uint32_t{0}}, {"source", "ssh\x1b"}, {"until", until}},
                         {{"kind", "totp"}, {"until", until}}};
  stage.answers["GetUser"] = always({ipc::Dict{{"userId", "bob"}, {"locked", true}, {"locks", locks}}});
  const std::string lines = stage.run({"user", "show", "bob"}).data;
  CHECK(lines.find("Locked:       by an administrator\n") != std::string::npos);
  CHECK(lines.find("Locked:       totp for uid 0 (ssh\xef\xbf\xbd) until 2025-03-2") != std::string::npos);
  CHECK(lines.find("totp for all who have not been right lately until") != std::string::npos);
  CHECK(same_json(stage.run({"user", "show", "bob", "--json"}).data,
                  R"({"user":{"userId":"bob","locked":true,"locks":[
                  {"kind":"totp","caller":0,"source":"ssh\u001b","until":"2025-03-25T16:32:59Z"},
                  {"kind":"totp","until":"2025-03-25T16:32:59Z"}]}})"));
}

TEST_CASE("who is not locked has no line about it") {
  Stage stage;
  stage.answers["GetUser"] = always({ipc::Dict{{"userId", "bob"}, {"locked", false}, {"locks", ipc::Dicts()}}});
  CHECK(stage.run({"user", "show", "bob"}).data.find("Locked") == std::string::npos);
}
