// SPDX-License-Identifier: Apache-2.0
// The steps of WebAuthn Level 3 section 7.1, one after the other: everything is right but the one thing.
#include "daemon/webauthn/registration.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;

TEST_CASE("a registration is accepted with every algorithm, and the record holds what was signed") {
  const int algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  INFO(algorithm);
  Registration registration;
  registration.sign_count = 0xfffffffe;
  registration.aaguid = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  registration.transports = {"usb", "nfc", "carrier-pigeon", "usb"};
  registration.flags = {true, true, true, true};
  const auto verdict =
      webauthn::verify_registration(make_registration(key_of(algorithm), registration), registration_expectations());
  REQUIRE(outcome(verdict) == "ok");
  const auto& made = std::get<webauthn::NewCredential>(verdict);
  CHECK(made.credential_id == registration.credential_id);
  CHECK(made.public_key == key_of(algorithm).cose());
  CHECK(made.algorithm == algorithm);
  CHECK(made.sign_count == 0xfffffffe);
  CHECK(made.aaguid == "01020304-0506-0708-0102-030405060708");
  CHECK(made.attestation_format == "none");
  CHECK(made.transports == std::vector<std::string>{"nfc", "usb"});
  CHECK(made.user_verified);
  CHECK(made.backup_eligible);
  CHECK(made.backed_up);
}

TEST_CASE("steps 5 and 6: client data is UTF-8 and one JSON object") {
  Registration registration;
  std::string expected = "6";
  SECTION("not UTF-8") {
    registration.edit_client_data_text = [](std::string& text) { text.insert(1, "\"a\":\"\xc0\xaf\","); };
    expected = "5";
  }
  SECTION("too long") {
    registration.edit_client_data = [](Json& data) { data["pad"] = std::string(40'000, 'x'); };
    expected = "5";
  }
  SECTION("as long as it may be") {
    registration.edit_client_data_text = [](std::string& text) { text.append(32'768 - text.size(), ' '); };
    expected = "ok";
  }
  SECTION("a byte longer") {
    registration.edit_client_data_text = [](std::string& text) { text.append(32'769 - text.size(), ' '); };
    expected = "5";
  }
  SECTION("a byte order mark is dropped") {
    registration.edit_client_data_text = [](std::string& text) { text.insert(0, "\xef\xbb\xbf"); };
    expected = "ok";
  }
  SECTION("challenge twice") {
    registration.edit_client_data_text = [](std::string& text) { text.insert(1, R"("chall\u0065nge":"AAAA",)"); };
  }
  SECTION("an array") {
    registration.edit_client_data_text = [](std::string& text) { text = "[" + text + "]"; };
  }
  SECTION("empty") {
    registration.edit_client_data_text = [](std::string& text) { text.clear(); };
  }
  CHECK(register_with(registration) == expected);
}

TEST_CASE("step 7: the type is that of a registration") {
  Registration registration;
  registration.edit_client_data = [](Json& data) { data["type"] = "webauthn.get"; };
  CHECK(register_with(registration) == "7");
}

TEST_CASE("step 8: the challenge is the text that was sent") {
  Registration registration;
  SECTION("another one") { registration.challenge[0] = 'B'; }
  SECTION("padded") { registration.challenge += "="; }
  SECTION("a prefix") { registration.challenge.pop_back(); }
  SECTION("missing") {
    registration.edit_client_data = [](Json& data) { data.erase("challenge"); };
  }
  CHECK(register_with(registration) == "8");
}

TEST_CASE("step 9: the origin is one of the relying party's") {
  Registration registration;
  registration.origin = GENERATE("http://example.org", "https://example.org/", "https://example.org.evil.example",
                                 "https://sub.example.org", "https://example.org:8443", "");
  INFO(registration.origin);
  CHECK(register_with(registration) == "9");
}

TEST_CASE("step 9: an origin with any port takes ports as browsers write them") {
  auto expected = registration_expectations();
  expected.relying_party.origins = {{"https://example.org", true}};
  Registration registration;
  for (auto good : {"", ":8443", ":1", ":65535", ":80"}) {
    INFO(good);
    registration.origin = std::string("https://example.org") + good;
    CHECK(register_with(registration, expected) == "ok");
  }
  for (auto bad : {":", ":443", ":0", ":08443", ":65536", ":+1", ":1/", ":1@evil.example", ".evil.example:1", "8443",
                   "x8443", ":99999999999", ":4294967297"}) {
    INFO(bad);
    registration.origin = std::string("https://example.org") + bad;
    CHECK(register_with(registration, expected) == "9");
  }
}

TEST_CASE("step 9: with any port, the scheme's own one is left out and all else is as it stands") {
  auto expected = registration_expectations();
  expected.relying_party.origins = {{"http://localhost", true}};
  Registration registration;
  for (auto [origin, verdict] : {std::pair{"http://localhost:8080", "ok"},
                                 {"http://localhost:443", "ok"},
                                 {"http://localhost:80", "9"},
                                 {"http://localhosu:8080", "9"},
                                 {"https://localhost:8443", "9"},
                                 {"http://localhorst:8080", "9"}}) {
    INFO(origin);
    registration.origin = origin;
    CHECK(register_with(registration, expected) == verdict);
  }
}

TEST_CASE("step 10: a page framed by another origin is refused unless that is expected") {
  Registration registration;
  registration.edit_client_data = [](Json& data) { data["crossOrigin"] = true; };
  auto expected = registration_expectations();
  CHECK(register_with(registration, expected) == "10");
  expected.relying_party.allow_cross_origin = true;
  CHECK(register_with(registration, expected) == "ok");
  registration.edit_client_data = [](Json& data) { data["crossOrigin"] = "true"; };
  CHECK(register_with(registration, expected) == "10");
}

TEST_CASE("step 11: a top origin is refused unless it is expected") {
  Registration registration;
  registration.edit_client_data = [](Json& data) { data["topOrigin"] = "https://frame.example"; };
  auto expected = registration_expectations();
  CHECK(register_with(registration, expected) == "11");
  expected.relying_party.top_origins = {"https://frame.example"};
  CHECK(register_with(registration, expected) == "11");
  expected.relying_party.allow_cross_origin = true;
  CHECK(register_with(registration, expected) == "ok");
  expected.relying_party.top_origins = {"https://other.example"};
  CHECK(register_with(registration, expected) == "11");
  expected.relying_party.top_origins = {""};
  registration.edit_client_data = [](Json& data) { data["topOrigin"] = 7; };
  CHECK(register_with(registration, expected) == "11");
}

TEST_CASE("step 13: the attestation object is one map with what it must hold") {
  Registration registration;
  SECTION("a byte after it") {
    registration.edit_credential = [](Json& outer) {
      outer["response"]["attestationObject"] = outer["response"]["attestationObject"].get<std::string>() + "AAAA";
    };
  }
  SECTION("an array") {
    registration.edit_credential = [](Json& outer) { outer["response"]["attestationObject"] = "gA"; };
  }
  SECTION("fmt is no text") {
    registration.edit_attestation_object = [](cbor::Entries& entries) {
      entries.front().second = cbor::bytes(core::Bytes{'n', 'o', 'n', 'e'});
    };
  }
  SECTION("no fmt") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries.erase(entries.begin()); };
  }
  SECTION("no attStmt") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries.erase(entries.begin() + 1); };
  }
  SECTION("no authData") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries.pop_back(); };
  }
  SECTION("fmt twice") {
    registration.edit_attestation_object = [](cbor::Entries& entries) { entries.push_back(entries.front()); };
  }
  CHECK(register_with(registration) == "13");
}

TEST_CASE("step 13: the order of keys is free, and more keys are allowed") {
  Registration registration;
  registration.edit_attestation_object = [](cbor::Entries& entries) {
    std::swap(entries.front(), entries.back());
    entries.emplace_back(cbor::text("more"), cbor::array({}));
  };
  CHECK(register_with(registration) == "ok");
}

TEST_CASE("step 13: authenticator data is as long as its flags say") {
  Registration registration;
  std::string expected = "13";
  SECTION("a byte after it") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data.push_back(0); };
  }
  SECTION("nothing after the hash") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data.resize(32); };
  }
  SECTION("a byte less") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data.pop_back(); };
  }
  SECTION("only the head") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data.resize(37); };
  }
  SECTION("an AAGUID that is cut") {
    registration.edit_authenticator_data = [](core::Bytes& data) {
      data.resize(37);
      data.insert(data.end(), {0x00, 0x00, 0xa0});  // a credential id of no bytes, and a key
    };
  }
  SECTION("a credential id that is cut") {
    registration.edit_authenticator_data = [](core::Bytes& data) {
      data.resize(37 + 16);
      data.insert(data.end(), {0x00, 0x05, 0xa0});
    };
  }
  SECTION("nothing") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data.clear(); };
  }
  SECTION("AT clear") {
    registration.edit_authenticator_data = [](core::Bytes& data) {
      data.resize(37);
      data[32] &= 0xbf;
    };
  }
  SECTION("ED set with nothing there") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data[32] |= 0x80; };
  }
  SECTION("ED clear with something there") {
    registration.extensions = cbor::map({});
    registration.edit_authenticator_data = [](core::Bytes& data) { data[32] &= 0x7f; };
  }
  SECTION("extensions that are no map") { registration.extensions = cbor::array({}); }
  SECTION("extension outputs") {
    registration.extensions = cbor::map({{cbor::text("credProtect"), cbor::integer(2)}});
    expected = "ok";
  }
  SECTION("reserved bits") {
    registration.edit_authenticator_data = [](core::Bytes& data) { data[32] |= 0x22; };
    expected = "ok";
  }
  CHECK(register_with(registration) == expected);
}

TEST_CASE("step 13: the id outside is that of the credential inside") {
  Registration registration;
  registration.edit_credential = [](Json& outer) { outer["id"] = outer["rawId"] = "AAAA"; };
  CHECK(register_with(registration) == "13");
}

TEST_CASE("step 13: the public key is a valid one, though nothing is verified with it") {
  Registration registration;
  core::Bytes key = key_of(es256).cose();
  SECTION("off the curve") { key.back() ^= 1; }
  SECTION("algorithm of another curve") { key[4] = 0x38, key.insert(key.begin() + 5, 0x22); }
  SECTION("no algorithm") { key = cbor::map({{cbor::integer(1), cbor::integer(2)}}); }
  registration.cose_key = key;
  CHECK(register_with(registration) == "13");
}

TEST_CASE("step 14: the RP ID is the relying party's") {
  Registration registration;
  registration.rp_id = GENERATE("evil.example", "sub.example.org", "https://example.org", "");
  CHECK(register_with(registration) == "14");
}

TEST_CASE("step 15: the user is present, but for a conditional create") {
  Registration registration;
  registration.flags.user_present = false;
  auto expected = registration_expectations();
  CHECK(register_with(registration, expected) == "15");
  expected.conditional_create = true;
  CHECK(register_with(registration, expected) == "ok");
}

TEST_CASE("step 16: the user is verified where that is required") {
  Registration registration;
  registration.flags.user_verified = false;
  auto expected = registration_expectations();
  CHECK(register_with(registration, expected) == "16");
  expected.user_verification = GENERATE(webauthn::UserVerification::preferred, webauthn::UserVerification::discouraged);
  CHECK(register_with(registration, expected) == "ok");
}

TEST_CASE("step 17: nothing is backed up that is not eligible for backup") {
  Registration registration;
  registration.flags.backed_up = true;
  CHECK(register_with(registration) == "17");
}

TEST_CASE("step 20: the algorithm is one of the offered ones, and supported") {
  auto expected = registration_expectations();
  expected.algorithms = {eddsa, rs256};
  CHECK(register_with({}, expected) == "20");
  Registration unknown;
  unknown.cose_key = cbor::map({{cbor::integer(1), cbor::integer(7)}, {cbor::integer(3), cbor::integer(-49)}});
  CHECK(register_with(unknown, expected) == "20");
  expected.algorithms = {-49};
  CHECK(register_with(unknown, expected) == "20");
}

TEST_CASE("step 21: an attestation format that is not known is refused") {
  const char* name = GENERATE("android-safetynet", "fido_u2f", "Packed", "");
  Registration registration;
  registration.edit_attestation_object = [name](cbor::Entries& entries) { entries[0].second = cbor::text(name); };
  CHECK(register_with(registration) == "21");
}

TEST_CASE("step 21: a format that is known and left out is refused by its name") {
  Registration registration;
  registration.edit_attestation_object = [](cbor::Entries& entries) {
    entries[0].second = cbor::text("android-safetynet");
  };
  CHECK(reason_with(registration, registration_expectations()) ==
        "21: attestation format android-safetynet is not supported");
}

TEST_CASE("step 25: credential ids have at most 1,023 bytes") {
  Registration registration;
  registration.credential_id.resize(1'023, 7);
  CHECK(register_with(registration) == "ok");
  registration.credential_id.resize(1'024, 7);
  CHECK(register_with(registration) == "25");
}
