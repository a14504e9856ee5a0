// SPDX-License-Identifier: Apache-2.0
// Step 3 of WebAuthn Level 3 section 7.1: the outer JSON of a registration. Everything is right but the one thing.
#include "daemon/webauthn/credential.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("step 3: the outer object is read strictly") {
  std::string text = make_registration(key_of(es256), {});
  auto expected = registration_expectations();
  const auto verdict = [&](const std::string& changed) { return webauthn::verify_registration(changed, expected); };
  REQUIRE(outcome(verdict(text)) == "ok");
  SECTION("text after it") { text += "x"; }
  SECTION("a byte order mark before it") { text.insert(0, "\xef\xbb\xbf"); }
  SECTION("a member twice") { text.insert(1, R"("type":"public-key",)"); }
  SECTION("cut") { text.pop_back(); }
  SECTION("nothing") { text.clear(); }
  const auto refused = verdict(text);
  CHECK(outcome(refused) == "3");
  CHECK(std::get<webauthn::Refusal>(refused).kind == webauthn::Refusal::Kind::unreadable);
}

TEST_CASE("step 3: members of the outer object must be what they should be") {
  Registration registration;
  SECTION("id") {
    registration.edit_credential = [](Json& outer) { outer["id"] = "AAAA"; };
  }
  SECTION("rawId") {
    registration.edit_credential = [](Json& outer) { outer["rawId"] = "AAAA"; };
  }
  SECTION("id and rawId are not base64url") {
    registration.edit_credential = [](Json& outer) { outer["id"] = outer["rawId"] = "AAA="; };
  }
  SECTION("id and rawId are empty") {
    registration.edit_credential = [](Json& outer) { outer["id"] = outer["rawId"] = ""; };
  }
  SECTION("no type") {
    registration.edit_credential = [](Json& outer) { outer.erase("type"); };
  }
  SECTION("no rawId") {
    registration.edit_credential = [](Json& outer) { outer.erase("rawId"); };
  }
  SECTION("type") {
    registration.edit_credential = [](Json& outer) { outer["type"] = "password"; };
  }
  SECTION("response") {
    registration.edit_credential = [](Json& outer) { outer["response"] = nullptr; };
  }
  SECTION("extensions") { registration.client_extension_results = Json::array(); }
  SECTION("attachment") {
    registration.edit_credential = [](Json& outer) { outer["authenticatorAttachment"] = 1; };
  }
  SECTION("transports") {
    registration.edit_credential = [](Json& outer) { outer["response"]["transports"] = "usb"; };
  }
  SECTION("padded base64url") {
    registration.edit_credential = [](Json& outer) {
      outer["response"]["clientDataJSON"] = outer["response"]["clientDataJSON"].get<std::string>() + "=";
    };
  }
  SECTION("attestationObject") {
    registration.edit_credential = [](Json& outer) { outer["response"].erase("attestationObject"); };
  }
  CHECK(register_with(registration) == "3");
}

TEST_CASE("step 3: an attachment may be null, missing or a word that nobody knows") {
  Registration registration;
  for (const Json& said : {Json(), Json("telepathic")}) {
    registration.edit_credential = [&](Json& outer) { outer["authenticatorAttachment"] = said; };
    CHECK(register_with(registration) == "ok");
  }
  registration.edit_credential = [](Json& outer) { outer.erase("authenticatorAttachment"); };
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("step 3: a text of 131,072 bytes is read, and a longer one is not") {
  Registration registration;
  const auto outcome_of_size = [&](std::size_t size) {
    registration.edit_credential = nullptr;
    const std::size_t bare = make_registration(key_of(es256), registration).size();
    registration.edit_credential = [&](Json& outer) { outer["pad"] = std::string(size - bare - 9, 'x'); };
    REQUIRE(make_registration(key_of(es256), registration).size() == size);
    return register_with(registration);
  };
  CHECK(outcome_of_size(131'072) == "ok");
  CHECK(outcome_of_size(131'073) == "3");
}

TEST_CASE("step 3: spaces around the text may fill it up to what the bus takes") {
  const std::string text = make_registration(key_of(es256), {});
  const std::string spaces(GENERATE(100, 131'072, 132'999, 1'000'000), ' ');
  const auto verdict = [](const std::string& given) {
    return outcome(webauthn::verify_registration(given, registration_expectations()));
  };
  CHECK(verdict(text + spaces) == "ok");
  CHECK(verdict(spaces + text) == "ok");
  CHECK(verdict(spaces + text + "\t\r\n" + spaces) == "ok");
  CHECK(verdict(spaces + text + spaces + "x") == "3");
  CHECK(verdict(spaces + "\v" + text + spaces) == "3");
  CHECK(verdict(spaces) == "3");
}

TEST_CASE("step 3: no authenticator has more than 32 transports") {
  Registration registration;
  registration.transports.assign(32, "usb");
  CHECK(register_with(registration) == "ok");
  registration.transports.emplace_back("usb");
  CHECK(register_with(registration) == "3");
}

TEST_CASE("step 3: unknown members are allowed, and outer copies of signed values are not looked at") {
  Registration registration;
  registration.edit_credential = [](Json& outer) {
    outer["novelty"] = {{"deep", {1, 2, 3}}};
    outer["response"]["authenticatorData"] = "AAAA";
    outer["response"]["publicKeyAlgorithm"] = -257;
    outer["response"].erase("transports");
    outer.erase("clientExtensionResults");
  };
  CHECK(register_with(registration) == "ok");
}
