// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/creation_options.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace factord;
using Json = nlohmann::json;

namespace {

webauthn::CreationOptions plain() {
  webauthn::CreationOptions options;
  options.rp_id = "example.org";
  options.rp_name = "Example";
  options.user_handle = {0xfb, 0xff, 0x01};
  options.user_name = "alice";
  options.user_display_name = "Alice";
  options.challenge = "AAECAw";
  options.algorithms = {-7, -257};
  return options;
}

Json written(const webauthn::CreationOptions& options) { return Json::parse(webauthn::to_json(options)); }

}  // namespace

TEST_CASE("creation options hold every required member, and what is off is not there") {
  CHECK(webauthn::to_json(plain()) ==
        R"({"rp":{"id":"example.org","name":"Example"},"user":{"id":"-_8B","name":"alice","displayName":"Alice"},)"
        R"("challenge":"AAECAw","pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],)"
        R"("excludeCredentials":[],"authenticatorSelection":{"residentKey":"discouraged","requireResidentKey":false,)"
        R"("userVerification":"required"},"attestation":"none"})");
}

TEST_CASE("creation options carry what is asked for") {
  auto options = plain();
  options.timeout_ms = 600'000;
  options.exclude = {{{1, 2}, {"usb", "nfc"}}, {{3}, {}}};
  options.attachment = "cross-platform";
  options.resident_key_preferred = true;
  options.user_verification = webauthn::UserVerification::discouraged;
  options.attestation = webauthn::AttestationConveyance::direct;
  options.appid_exclude = "https://example.org/app-id.json";
  options.ask_credential_properties = true;
  const Json json = written(options);
  CHECK(json["timeout"] == 600'000);
  CHECK(
      json["excludeCredentials"] ==
      Json::parse(R"([{"type":"public-key","id":"AQI","transports":["usb","nfc"]},{"type":"public-key","id":"Aw"}])"));
  CHECK(json["authenticatorSelection"] ==
        Json::parse(R"({"authenticatorAttachment":"cross-platform","residentKey":"preferred",)"
                    R"("requireResidentKey":false,"userVerification":"discouraged"})"));
  CHECK(json["attestation"] == "direct");
  CHECK(json["extensions"] == Json::parse(R"({"appidExclude":"https://example.org/app-id.json","credProps":true})"));
}

TEST_CASE("names come through whatever characters they hold") {
  auto options = plain();
  options.user_name = "a\"b\\c\n</script>";
  options.user_display_name = "J\xc3\xbcrgen \xe5\xb1\xb1 \xf0\x9f\x94\x91";
  const Json json = written(options);
  CHECK(json["user"]["name"] == options.user_name);
  CHECK(json["user"]["displayName"] == options.user_display_name);
}
