// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/outcome.hpp"

#include "core/failure.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"
#include "tools/factorctl/json.hpp"

using namespace factord;
using namespace factord::factorctl;
using factord::tests::same_json;

TEST_CASE("an error of factord becomes the mirrored Status with its detail") {
  const ipc::RemoteError error("org.factord1.Error.NotFound", "WebAuthN Token could not be found (COMMAND-DAfb2)");
  CHECK(
      same_json(to_json(status_of(error)), R"~({"code":5,"message":"WebAuthN Token could not be found (COMMAND-DAfb2)",
    "details":[{"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"COMMAND-DAfb2",
    "message":"WebAuthN Token could not be found"}]
})~"));
}

TEST_CASE("brackets within the text stay in the text") {
  const ipc::RemoteError error("org.factord1.Error.NotFound",
                               "Multifactor OTP (OneTimePassword) doesn't exist (COMMAND-Hd9sd)");
  zitadel::v1::ErrorDetail detail;
  REQUIRE(status_of(error).details_size() == 1);
  REQUIRE(status_of(error).details(0).UnpackTo(&detail));
  CHECK(detail.id() == "COMMAND-Hd9sd");
  CHECK(detail.message() == "Multifactor OTP (OneTimePassword) doesn't exist");
}

TEST_CASE("a message without an id gives a Status without a detail") {
  for (const char* message : {"plain", "", "ends in brackets (two words)", "()", " ()", "half (open", "shut)"}) {
    INFO(message);
    CHECK(status_of(ipc::RemoteError("org.factord1.Error.Internal", message)).details_size() == 0);
  }
}

TEST_CASE("each of the sixteen codes is known by its name") {
  for (int code = 1; code <= 16; ++code) {
    const std::string name(core::name(static_cast<core::Code>(code)));
    INFO(name);
    CHECK(static_cast<int>(code_of("org.factord1.Error." + name)) == code);
  }
  CHECK(code_of("org.factord1.Error.Ok") == core::Code::unknown);
  CHECK(code_of("org.factord1.Error.New") == core::Code::unknown);
}

TEST_CASE("names of the bus give the nearest code") {
  const auto code = [](const std::string& name) {
    return static_cast<int>(code_of("org.freedesktop.DBus.Error." + name));
  };
  CHECK(code("InvalidArgs") == 3);
  CHECK(code("UnknownMethod") == 12);
  CHECK(code("UnknownInterface") == 12);
  CHECK(code("UnknownObject") == 12);
  CHECK(code("AccessDenied") == 7);
  CHECK(code("LimitsExceeded") == 8);
  CHECK(code("NoMemory") == 8);
  CHECK(code("NoReply") == 4);
  CHECK(code("Timeout") == 4);
  CHECK(code("ServiceUnknown") == 14);
  CHECK(code("NameHasNoOwner") == 14);
  CHECK(code("Spawn.ExecFailed") == 14);
  CHECK(code("Disconnected") == 14);
  CHECK(code("Failed") == 2);
  CHECK(static_cast<int>(code_of("System.Error.EXFULL")) == 2);
}

TEST_CASE("an error of the bus has no detail, whatever its text looks like") {
  const auto status = status_of(ipc::RemoteError("org.freedesktop.DBus.Error.AccessDenied", "Rejected (AUTH-AWfge)"));
  CHECK(status.code() == 7);
  CHECK(status.details_size() == 0);
}

TEST_CASE("an error without a text is told by its name") {
  CHECK(status_of(ipc::RemoteError("org.freedesktop.DBus.Error.NoReply", "")).message() ==
        "org.freedesktop.DBus.Error.NoReply");
}

TEST_CASE("any other exception is Unknown") {
  const auto status = status_of(std::make_exception_ptr(std::runtime_error("odd")));
  CHECK(status.code() == 2);
  CHECK(status.message() == "odd");
}
