// SPDX-License-Identifier: Apache-2.0
// Recovery codes, registration codes, and enrolling by one.
#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const std::string details_json = R"("details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
  "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"})";
const std::string uri = "otpauth://totp/factord:alice?secret=JBSWY3DPEHPK3PXP&issuer=factord";

ipc::SharedFd passed(std::string_view content) { return std::make_shared<const core::Fd>(core::sealed_memfd(content)); }

// What the last call's options say about a registration code.
std::pair<std::string, std::string> presented(const Call& call) {
  const auto& options = std::get<ipc::Dict>(call.arguments.back());
  return {std::get<std::string>(options.at("code_id")), handed_over(options.at("code_fd"))};
}

}  // namespace

TEST_CASE("recovery generate prints the codes, one a line, and says that it is once") {
  Stage stage;
  stage.answers["GenerateRecoveryCodes"] = always({passed("aaaa-bbbb\ncccc-dddd"), details()});
  const Run run = stage.run({"recovery", "generate", "--user", "bob", "--count", "2"});
  CHECK(run.status == 0);
  CHECK(run.data == "aaaa-bbbb\ncccc-dddd\n");
  CHECK_FALSE(run.talk.empty());
  CHECK(stage.only_call().arguments == ipc::Values{"bob", std::uint32_t{2}, ipc::Dict{}});
  CHECK(stage.run({"recovery", "generate"}).status == 0);
  CHECK(stage.calls.back().arguments == ipc::Values{"", std::uint32_t{10}, ipc::Dict{}});
}

TEST_CASE("recovery generate as JSON has the codes as an array") {
  Stage stage;
  stage.answers["GenerateRecoveryCodes"] = always({passed("aaaa-bbbb\ncccc-dddd\n"), details()});
  CHECK(same_json(stage.run({"recovery", "generate", "--json"}).data,
                  "{" + details_json + R"(,"recoveryCodes":["aaaa-bbbb","cccc-dddd"]})"));
}

TEST_CASE("codes with characters that JSON would have to escape are an error and not printed") {
  Stage stage;
  stage.answers["GenerateRecoveryCodes"] = always({passed("aaaa\"bbbb\n"), details()});
  const Run run = stage.run({"recovery", "generate", "--json"});
  CHECK(run.status == 2);
  CHECK(run.data.find("bbbb") == std::string::npos);
}

TEST_CASE("recovery remove names the user") {
  Stage stage;
  stage.answers["RemoveRecoveryCodes"] = always({details()});
  CHECK(stage.run({"recovery", "remove", "--user", "bob", "--org", "acme"}).status == 0);
  CHECK(stage.only_call().arguments == ipc::Values{"bob", ipc::Dict{{"org", "acme"}}});
}

TEST_CASE("code create prints id and code") {
  Stage stage;
  stage.answers["CreateRegistrationCode"] = always({"k1", passed("ABCD1234\n"), details()});
  const Run run = stage.run({"code", "create", "--user", "bob", "--lifetime", "600", "--kind", "totp"});
  CHECK(run.status == 0);
  CHECK(run.data == "k1\nABCD1234\n");
  CHECK(stage.only_call().arguments ==
        ipc::Values{"bob", ipc::Dict{{"kind", "totp"}, {"lifetime", std::uint64_t{600}}}});
  CHECK(same_json(stage.run({"code", "create", "--json"}).data,
                  "{" + details_json + R"(,"codeId":"k1","code":"ABCD1234"})"));
}

TEST_CASE("every verb that enrols presents a registration code by descriptor") {
  Stage stage;
  stage.answers["RegisterPasskey"] = stage.answers["RegisterU2F"] = always({"p1", "{}", details()});
  stage.answers["VerifyPasskeyRegistration"] = stage.answers["VerifyU2FRegistration"] = always({details()});
  stage.answers["RegisterTOTP"] = always({"t1", passed(uri), details()});
  stage.answers["VerifyTOTPRegistration"] = always({details()});
  std::vector<std::string> words = GENERATE(values<std::vector<std::string>>(
      {{"passkey", "register"}, {"u2f", "register"}, {"totp", "register"}, {"totp", "verify", "t1", "123456"}}));
  words.insert(words.end(), {"--user", "bob", "--code-id", "k1"});
  stage.input = "ABCD1234\n";
  CHECK(stage.run(words).status == 0);
  CHECK(presented(stage.only_call()) == std::pair<std::string, std::string>{"k1", "ABCD1234"});
}

TEST_CASE("code and credential may both come by standard input, the code's line first") {
  Stage stage;
  stage.answers["VerifyPasskeyRegistration"] = always({details()});
  stage.input = "ABCD1234\n{\"id\":\"x\"}\n";
  CHECK(stage.run({"passkey", "verify", "p1", "-", "--name", "n", "--code-id", "k1"}).status == 0);
  CHECK(presented(stage.only_call()).second == "ABCD1234");
  CHECK(stage.only_call().arguments.at(2) == ipc::Value("{\"id\":\"x\"}\n"));
}

TEST_CASE("totp enroll asks for the registration code once and presents it twice") {
  Stage stage;
  stage.answers["RegisterTOTP"] = always({"t1", passed(uri), details()});
  stage.answers["VerifyTOTPRegistration"] = always({details()});
  stage.input = "ABCD1234\n123456\n";
  CHECK(stage.run({"totp", "enroll", "--code-id", "k1"}).status == 0);
  REQUIRE(stage.calls.size() == 2);
  for (const Call& call : stage.calls) CHECK(presented(call).second == "ABCD1234");
  CHECK(stage.calls[1].arguments.at(2) == ipc::Value("123456"));
}

TEST_CASE("a file with a code without the code's id is no command") {
  Stage stage;
  CHECK(stage.run({"totp", "register", "--code-file", "x"}).status == 64);
}
