// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

const std::string uri = "otpauth://totp/factord:alice?secret=JBSWY3DPEHPK3PXP&issuer=factord";

ipc::SharedFd passed(std::string_view content) { return std::make_shared<const core::Fd>(core::sealed_memfd(content)); }

// A daemon that takes the code 123456.
Stage daemon() {
  Stage stage;
  stage.answers["RegisterTOTP"] = always({"t1", passed(uri), details()});
  stage.answers["VerifyTOTPRegistration"] = [](const ipc::Values& arguments) {
    if (arguments[2] == ipc::Value("123456")) return ipc::Values{details()};
    return failing("InvalidArgument", "Invalid code (EVENT-8isk2)")(arguments);
  };
  return stage;
}

std::size_t verifications(const Stage& stage) {
  std::size_t count = 0;
  for (const auto& call : stage.calls) count += call.method == "VerifyTOTPRegistration";
  return count;
}

}  // namespace

TEST_CASE("totp register as JSON has the URI as a member") {
  Stage stage = daemon();
  const Run run = stage.run({"totp", "register", "--json", "--digits", "8", "--issuer", "x"});
  CHECK(run.status == 0);
  CHECK(same_json(run.data, R"({"details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
    "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"},"totpId":"t1","uri":")" +
                                uri + "\"}"));
  CHECK(stage.only_call().arguments == ipc::Values{"", ipc::Dict{{"digits", std::uint32_t{8}}, {"issuer", "x"}}});
}

TEST_CASE("totp register for people shows a QR code, the secret in groups and the id") {
  Stage stage = daemon();
  const Run run = stage.run({"totp", "register"});
  CHECK(run.data.find("█") != std::string::npos);
  CHECK(run.data.ends_with("Secret: JBSW Y3DP EHPK 3PXP\nt1\n"));
  CHECK(run.data.find('\033') == std::string::npos);
}

TEST_CASE("totp enroll reads the code from standard input where nobody can be asked") {
  Stage stage = daemon();
  stage.input = "123456\n";
  const Run run = stage.run({"totp", "enroll"});
  CHECK(run.status == 0);
  CHECK(run.talk.find("Code that") == std::string::npos);
  CHECK(verifications(stage) == 1);
}

TEST_CASE("totp enroll tries one code only where nobody can be asked") {
  Stage stage = daemon();
  stage.input = "000000\n123456\n";
  CHECK(stage.run({"totp", "enroll"}).status == 3);
  CHECK(verifications(stage) == 1);
}

TEST_CASE("totp enroll asks again after a mistyped code") {
  Stage stage = daemon();
  stage.kind_of_input = Input::terminal;
  stage.input = "000000\n123456\n";
  const Run run = stage.run({"totp", "enroll"});
  CHECK(run.status == 0);
  CHECK(run.talk.find("Invalid code") != std::string::npos);
  CHECK(verifications(stage) == 2);
}

TEST_CASE("totp enroll gives up after three wrong codes") {
  Stage stage = daemon();
  stage.kind_of_input = Input::terminal;
  stage.input = "000000\n000001\n000002\n123456\n";
  CHECK(stage.run({"totp", "enroll"}).status == 3);
  CHECK(verifications(stage) == 3);
}

TEST_CASE("totp enroll as JSON keeps the QR code out of the data") {
  Stage stage = daemon();
  stage.input = "123456\n";
  const Run run = stage.run({"--json", "totp", "enroll"});
  CHECK(same_json(run.data, R"({"details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
    "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"},"totpId":"t1"})"));
  CHECK(run.talk.find("JBSW Y3DP") != std::string::npos);
}

TEST_CASE("totp verify takes the code as an argument or from standard input") {
  Stage stage = daemon();
  CHECK(stage.run({"totp", "verify", "t1", "123456"}).status == 0);
  stage.input = " 123456 \n";
  CHECK(stage.run({"totp", "verify", "t1"}).status == 0);
  stage.input = "";
  CHECK(stage.run({"totp", "verify", "t1"}).status == 3);
  CHECK(verifications(stage) == 2);
}

TEST_CASE("totp import hands the URI over in a sealed memfd and nowhere else") {
  Stage stage;
  stage.input = uri + "\r\nnot for us\n";
  std::string received;
  bool sealed = false;
  stage.answers["ImportTOTP"] = [&](const ipc::Values& arguments) {
    const int fd = std::get<ipc::SharedFd>(arguments.at(1))->get();
    char text[4096];
    sealed = core::is_sealed_memfd(fd);
    received.assign(text, static_cast<std::size_t>(read(fd, text, sizeof text)));
    return ipc::Values{"t2", details()};
  };
  const Run run = stage.run({"totp", "import", "--name", "old phone"});
  CHECK(run.status == 0);
  CHECK(run.data == "t2\n");
  CHECK(sealed);
  CHECK(received == uri);
  CHECK(stage.only_call().arguments.at(2) == ipc::Value(ipc::Dict{{"name", "old phone"}}));
}

TEST_CASE("totp import refuses an empty or endless line without a call") {
  Stage stage;
  stage.input = GENERATE(std::string("  \n"), std::string(5000, 'a'));
  CHECK(stage.run({"totp", "import"}).status == 3);
  CHECK(stage.calls.empty());
}

TEST_CASE("a descriptor from the daemon that is empty or too long is an error") {
  Stage stage;
  stage.answers["RegisterTOTP"] = always({"t1", passed(GENERATE(std::string(), std::string(4097, 'a'))), details()});
  CHECK(stage.run({"totp", "register"}).status == 13);
}
