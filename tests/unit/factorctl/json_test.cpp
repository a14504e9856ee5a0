// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/json.hpp"

#include <stdexcept>

#include "status.pb.h"
#include "tests/support/catch.hpp"
#include "tests/unit/factorctl/stage.hpp"

using namespace factord;
using namespace factord::factorctl;
using factord::tests::same_json;

namespace {

std::string factor_json(const ipc::Dict& values) {
  zitadel::v1::Factor factor;
  fill(factor, values);
  return to_json(factor);
}

}  // namespace

TEST_CASE("details become the mirrored JSON: camelCase, uint64 as text, dates as RFC 3339 UTC") {
  zitadel::v1::DetailsResponse response;
  fill(response, {{"details", tests::details()}});
  CHECK(same_json(to_json(response), R"({"details":{"sequence":"2","changeDate":"2025-03-25T16:32:59.073Z",
    "resourceOwner":"local","creationDate":"2025-03-25T16:32:59Z"}})"));
}

TEST_CASE("zeros are left out") {
  CHECK(factor_json(
            {{"lastUsed", std::uint64_t{0}}, {"useCount", std::uint64_t{0}}, {"backedUp", false}, {"name", ""}}) ==
        "{}");
}

TEST_CASE("the last digit of a uint64 and of a microsecond survives") {
  CHECK(factor_json({{"useCount", std::uint64_t{18'446'744'073'709'551'615u}}}) ==
        R"({"useCount":"18446744073709551615"})");
  CHECK(factor_json({{"lastUsed", std::uint64_t{1'742'920'379'073'001}}}) ==
        R"({"lastUsed":"2025-03-25T16:32:59.073001Z"})");
}

TEST_CASE("an algorithm is a COSE number for keys and a name for TOTP") {
  CHECK(factor_json({{"algorithm", std::int32_t{-7}}}) == R"({"algorithm":-7})");
  CHECK(factor_json({{"algorithm", "SHA1"}}) == R"({"algorithm":"SHA1"})");
}

TEST_CASE("keys that the message does not know are left out") {
  CHECK(factor_json({{"id", "a"}, {"fromTheFuture", "x"}, {"texts", ipc::Texts{"y"}}}) == R"({"id":"a"})");
}

TEST_CASE("a value of another type than its field is refused") {
  CHECK_THROWS_AS(factor_json({{"id", std::uint32_t{1}}}), std::runtime_error);
  CHECK_THROWS_AS(factor_json({{"transports", "usb"}}), std::runtime_error);
  CHECK_THROWS_AS(factor_json({{"name", ipc::Texts{"a", "b"}}}), std::runtime_error);
  CHECK_THROWS_AS(factor_json({{"lastUsed", "today"}}), std::runtime_error);
  CHECK_THROWS_AS(factor_json({{"signCount", ipc::SharedFd()}}), std::runtime_error);
}

TEST_CASE("a date that JSON has no form for is refused") {
  CHECK_THROWS_AS(factor_json({{"lastUsed", std::uint64_t{0xffff'ffff'ffff'ffff}}}), std::runtime_error);
  CHECK_THROWS_AS(factor_json({{"lastUsed", std::uint64_t{0x7fff'ffff'ffff'ffff}}}), std::runtime_error);
}

TEST_CASE("a list keeps its order and its items' arrays") {
  zitadel::v1::ListFactorsResponse response;
  fill(response, {{"result", ipc::Dicts{{{"id", "b"}, {"transports", ipc::Texts{"usb", "nfc"}}}, {{"id", "a"}}}}});
  CHECK(to_json(response) == R"({"result":[{"id":"b","transports":["usb","nfc"]},{"id":"a"}]})");
}
