// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const std::string details_json = R"({"details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
  "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"}})";

ipc::Dict ready(const std::string& id) { return {{"id", id}, {"kind", "passkey"}, {"state", "ready"}, {"name", "n"}}; }

// A user with these ready factors, all of which may be removed.
Stage with_ready(ipc::Dicts factors) {
  Stage stage;
  stage.answers["ListAuthenticationFactors"] = always({std::move(factors), details()});
  stage.answers["RemovePasskey"] = stage.answers["RemoveMyPasskey"] = always({details()});
  stage.kind_of_input = Input::terminal;
  return stage;
}

}  // namespace

TEST_CASE("help and version need no bus") {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"--version"}, {"totp", "--help"}, {"passkey", "remove", "--help"}}) {
    Stage stage;
    const Run run = stage.run(words);
    INFO(words.front());
    CHECK(run.status == 0);
    CHECK_FALSE(run.data.empty());
    CHECK(run.talk.empty());
    CHECK(stage.opened.empty());
  }
}

TEST_CASE("a command line that is not understood ends with 64 before the bus is opened") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"passkey"},
                                             {"nonsense"},
                                             {"passkey", "remove"},
                                             {"passkey", "remove", "a", "b"},
                                             {"passkey", "list", "--nonsense"},
                                             {"passkey", "verify", "a", "-"},
                                             {"totp", "register", "--digits", "x"},
                                             {"--json", "user", "add", "bob"}}) {
    Stage stage;
    const Run run = stage.run(words);
    CHECK(run.status == 64);
    CHECK(run.data.empty());
    CHECK_FALSE(run.talk.empty());
    CHECK(stage.opened.empty());
  }
}

TEST_CASE("global options may stand before the noun or behind the verb") {
  const bool first = GENERATE(true, false);
  Stage stage;
  stage.answers["ListPasskeys"] = always({ipc::Dicts(), details()});
  const Run run = first
                      ? stage.run({"--json", "--bus", "session", "--org", "acme", "passkey", "list", "--user", "bob"})
                      : stage.run({"passkey", "list", "--user", "bob", "--json", "--bus", "session", "--org", "acme"});
  CHECK(run.status == 0);
  CHECK(same_json(run.data, details_json));
  CHECK(stage.opened == std::vector<std::string>{"session"});
  CHECK(stage.only_call().arguments == ipc::Values{"bob", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("an error ends with its canonical code, told in one line of talk") {
  Stage stage;
  stage.answers["RemoveU2F"] = failing("NotFound", "WebAuthN Token could not be found (COMMAND-DAfb2)");
  const Run run = stage.run({"u2f", "remove", "x"});
  CHECK(run.status == 5);
  CHECK(run.data.empty());
  CHECK(run.talk == "factorctl: WebAuthN Token could not be found (COMMAND-DAfb2)\n");
}

TEST_CASE("with --json an error is a Status among the data") {
  Stage stage;
  stage.answers["RemoveU2F"] = failing("PermissionDenied", "No matching permissions found (AUTH-AWfge)");
  const Run run = stage.run({"--json", "u2f", "remove", "x"});
  CHECK(run.status == 7);
  CHECK(run.talk.empty());
  CHECK(same_json(run.data, R"~({"code":7,"message":"No matching permissions found (AUTH-AWfge)","details":[
    {"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"AUTH-AWfge",
    "message":"No matching permissions found"}]
})~"));
}

TEST_CASE("an answer of another shape is an error, not a crash") {
  Stage stage;
  stage.answers["ListPasskeys"] = always({"surprise"});
  stage.answers["RemoveTOTP"] = always({});
  CHECK(stage.run({"passkey", "list"}).status == 2);
  CHECK(stage.run({"totp", "remove", "x"}).status == 2);
}

TEST_CASE("without --user one's own passkey is removed by RemoveMyPasskey") {
  Stage stage;
  stage.answers["RemoveMyPasskey"] = always({details()});
  CHECK(same_json(stage.run({"--json", "passkey", "remove", "p"}).data, details_json));
  CHECK(stage.only_call().arguments == ipc::Values{"p", ipc::Dict{}});
}

TEST_CASE("with --user or --org a passkey is removed by RemovePasskey") {
  Stage stage;
  stage.answers["RemovePasskey"] = always({details()});
  CHECK(stage.run({"passkey", "remove", "p", "--user", "bob"}).status == 0);
  CHECK(stage.run({"passkey", "remove", "p", "--org", "acme"}).status == 0);
  REQUIRE(stage.calls.size() == 2);
  CHECK(stage.calls[0].arguments == ipc::Values{"bob", "p", ipc::Dict{}});
  CHECK(stage.calls[1].arguments == ipc::Values{"", "p", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("removing the last ready factor asks on a terminal, and no is no") {
  Stage stage = with_ready({ready("p")});
  stage.input = GENERATE("n\n", "\n", "\x04", "yess\n");
  const Run run = stage.run({"passkey", "remove", "p"});
  CHECK(run.status == 1);
  CHECK(run.talk.find("Really remove") != std::string::npos);
  CHECK(stage.only_call().method == "ListAuthenticationFactors");
}

TEST_CASE("removing the last ready factor goes on after a yes") {
  Stage stage = with_ready({ready("p")});
  stage.input = GENERATE("y\n", "yes\n");
  CHECK(stage.run({"passkey", "remove", "p"}).status == 0);
  CHECK(stage.calls.back().method == "RemoveMyPasskey");
}

TEST_CASE("nothing is asked with --yes, without a terminal, and while another factor is ready") {
  Stage stage = with_ready({ready("p")});
  std::vector<std::string> words{"passkey", "remove", "p"};
  SECTION("--yes") { words.push_back("--yes"); }
  SECTION("no terminal") { stage.kind_of_input = Input::pipe; }
  SECTION("another factor") {
    stage.answers["ListAuthenticationFactors"] = always({ipc::Dicts{ready("p"), ready("q")}, details()});
  }
  SECTION("the ready one is another") {
    stage.answers["ListAuthenticationFactors"] = always({ipc::Dicts{ready("q")}, details()});
  }
  SECTION("who may remove may not list") {
    stage.answers["ListAuthenticationFactors"] = failing("PermissionDenied", "No matching permissions found");
  }
  const Run run = stage.run(words);
  CHECK(run.status == 0);
  CHECK(run.talk == "Passkey removed\n");
}

TEST_CASE("a registration prints its id and the creation options as JSON") {
  Stage stage;
  const std::string options = R"({"challenge":"AAAA","pubKeyCredParams":[{"type":"public-key","alg":-7}]})";
  stage.answers["RegisterU2F"] = always({"u1", options, details()});
  const Run run = stage.run({"--json", "u2f", "register", "--appid", "https://x", "--domain", "x"});
  CHECK(run.status == 0);
  CHECK(stage.only_call().arguments == ipc::Values{"", ipc::Dict{{"appid", "https://x"}, {"domain", "x"}}});
  CHECK(same_json(run.data, details_json.substr(0, details_json.size() - 1) +
                                R"(,"u2fId":"u1","publicKeyCredentialCreationOptions":)" + options + "}"));
}

TEST_CASE("a credential is read from standard input and passed on unchanged") {
  Stage stage;
  stage.input = "{\"id\": \"ä\"}\n";
  stage.answers["VerifyPasskeyRegistration"] = always({details()});
  CHECK(stage.run({"passkey", "verify", "p", "-", "--name", "my key"}).status == 0);
  CHECK(stage.only_call().arguments == ipc::Values{"", "p", stage.input, "my key", ipc::Dict{}});
}

TEST_CASE("a credential that cannot be sent is refused without a call") {
  Stage stage;
  stage.input = GENERATE(std::string(), std::string("\xff"), std::string("a\0b", 3), std::string((4u << 20) + 1, 'x'));
  const Run run = stage.run({"passkey", "verify", "p", "-", "--name", "n"});
  CHECK(run.status == 3);
  CHECK(stage.calls.empty());
}

TEST_CASE("a list's filters are sent as arrays, from commas or repetition") {
  Stage stage;
  stage.answers["ListAuthenticationFactors"] = always({ipc::Dicts(), details()});
  stage.run({"factor", "list", "--state", "ready,suspended", "--kind", "totp", "--kind", "u2f"});
  CHECK(stage.only_call().arguments ==
        ipc::Values{"", ipc::Dict{{"kinds", ipc::Texts{"totp", "u2f"}}, {"states", ipc::Texts{"ready", "suspended"}}}});
}

TEST_CASE("a list as JSON has details and result") {
  Stage stage;
  stage.answers["ListU2F"] = always({ipc::Dicts{ready("p")}, ipc::Dict{{"totalResult", std::uint64_t{1}}}});
  CHECK(same_json(
      stage.run({"u2f", "list", "--json"}).data,
      R"({"details":{"totalResult":"1"},"result":[{"id":"p","kind":"passkey","state":"ready","name":"n"}]})"));
}

TEST_CASE("the store's status is made of properties") {
  Stage stage;
  stage.properties = {{"Version", "1"}, {"StoreState", "locked"}, {"Organization", "local"}, {"Domain", "host"}};
  CHECK(same_json(stage.run({"store", "status", "--json"}).data,
                  R"({"version":"1","storeState":"locked","organization":"local","domain":"host"})"));
  CHECK(stage.run({"store", "status"}).data.find("locked") != std::string::npos);
}

TEST_CASE("a user is added to the organization that is named") {
  Stage stage;
  stage.answers["AddUser"] = always({details()});
  CHECK(stage.run({"user", "add", "bob", "--org", "acme", "--display-name", "Bob"}).status == 0);
  CHECK(stage.only_call().interface == "org.factord1.Admin");
  CHECK(stage.only_call().arguments == ipc::Values{"bob", ipc::Dict{{"display_name", "Bob"}, {"org", "acme"}}});
}
