// SPDX-License-Identifier: Apache-2.0
// The steps of WebAuthn Level 3 section 7.2: everything is right but the one thing.
#include "daemon/webauthn/assertion.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/expectations.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

struct Login {
  int algorithm = es256;
  Assertion assertion;
  webauthn::CredentialRecord record{Assertion().credential_id, {}, 0, false, core::Bytes{1, 2, 3}};
  webauthn::AssertionExpectations expected{
      Assertion().challenge, example_org(), webauthn::UserVerification::required, {}, true, ""};
  webauthn::KeyCache keys;

  webauthn::AssertionVerdict verdict() {
    if (record.public_key.empty()) record.public_key = key_of(algorithm).cose();
    const auto read = webauthn::read_assertion(make_assertion(key_of(algorithm), assertion));
    if (const auto* refusal = std::get_if<webauthn::Refusal>(&read)) return *refusal;
    return webauthn::verify_assertion(std::get<webauthn::ReadAssertion>(read), record, expected, keys);
  }
  std::string outcome() { return tests::outcome(verdict()); }
};

}  // namespace

TEST_CASE("an assertion is accepted with every algorithm, and tells what to store") {
  Login login;
  login.algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  login.assertion.sign_count = 8;
  login.record.sign_count = 7;
  login.record.backup_eligible = true;
  login.assertion.flags = {true, true, true, true};
  const auto verdict = login.verdict();
  REQUIRE(outcome(verdict) == "ok");
  const auto& verified = std::get<webauthn::VerifiedAssertion>(verdict);
  CHECK(verified.sign_count == 8);
  CHECK(verified.user_verified);
  CHECK(verified.backed_up);
  CHECK_FALSE(verified.appid_used);
}

TEST_CASE("step 7 of an assertion: flags that announce what does not follow are refused") {
  Login login;
  const int flag = GENERATE(0x40, 0x80);
  login.assertion.edit_authenticator_data = [=](core::Bytes& data) { data[32] |= std::uint8_t(flag); };
  CHECK(login.outcome() == "7");
}

TEST_CASE("step 15 of an assertion: no AppID stands for none that was sent, the empty one neither") {
  Login login;
  login.assertion.appid = "";
  CHECK(login.outcome() == "15");
}

TEST_CASE("step 3 of an assertion: members are there and base64url") {
  Login login;
  SECTION("authenticatorData") {
    login.assertion.edit_credential = [](Json& outer) { outer["response"].erase("authenticatorData"); };
  }
  SECTION("signature") {
    login.assertion.edit_credential = [](Json& outer) { outer["response"]["signature"] = "AA=="; };
  }
  SECTION("userHandle") {
    login.assertion.edit_credential = [](Json& outer) { outer["response"]["userHandle"] = 7; };
  }
  CHECK(login.outcome() == "3");
}

TEST_CASE("step 5: the credential is one of the allowed ones") {
  Login login;
  login.expected.allow_credentials = {core::Bytes{1}, login.record.credential_id};
  CHECK(login.outcome() == "ok");
  login.expected.allow_credentials.pop_back();
  CHECK(login.outcome() == "5");
}

TEST_CASE("step 6: the record is that of the credential") {
  Login login;
  login.record.credential_id.back() ^= 1;
  CHECK(login.outcome() == "6");
}

TEST_CASE("step 6: a user handle is that of the record's user") {
  Login login;
  login.assertion.user_handle = core::Bytes{1, 2, 3};
  CHECK(login.outcome() == "ok");
  login.assertion.user_handle = GENERATE(core::Bytes{}, core::Bytes{1, 2}, core::Bytes{1, 2, 4});
  CHECK(login.outcome() == "6");
}

TEST_CASE("step 6: without an identified user the user handle must be there and right") {
  Login login;
  login.expected.user_identified = false;
  CHECK(login.outcome() == "6");
  login.assertion.user_handle = core::Bytes{1, 2, 3};
  CHECK(login.outcome() == "ok");
  login.record.user_handle.reset();
  CHECK(login.outcome() == "6");
}

TEST_CASE("step 7: authenticator data is as long as its flags say") {
  Login login;
  SECTION("longer") {
    login.assertion.edit_authenticator_data = [](core::Bytes& data) { data.push_back(0); };
  }
  SECTION("shorter") {
    login.assertion.edit_authenticator_data = [](core::Bytes& data) { data.pop_back(); };
  }
  CHECK(login.outcome() == "7");
}

TEST_CASE("steps 8 to 14: client data is judged as at registration") {
  Login login;
  std::string expected;
  Assertion& assertion = login.assertion;
  SECTION("8") {
    assertion.edit_client_data_text = [](std::string& text) { text = "\xff"; };
    expected = "8";
  }
  SECTION("9") {
    assertion.edit_client_data_text = [](std::string& text) { text += "}"; };
    expected = "9";
  }
  SECTION("10") {
    assertion.edit_client_data = [](Json& data) { data["type"] = "webauthn.create"; };
    expected = "10";
  }
  SECTION("11") {
    assertion.challenge += "A";
    expected = "11";
  }
  SECTION("12") {
    assertion.origin = "https://evil.example";
    expected = "12";
  }
  SECTION("13") {
    assertion.edit_client_data = [](Json& data) { data["crossOrigin"] = true; };
    expected = "13";
  }
  SECTION("14") {
    assertion.edit_client_data = [](Json& data) { data["topOrigin"] = "https://example.org"; };
    expected = "14";
  }
  CHECK(login.outcome() == expected);
}

TEST_CASE("step 15: the RP ID is the relying party's") {
  Login login;
  login.assertion.rp_id = "evil.example";
  CHECK(login.outcome() == "15");
}

TEST_CASE("step 15: an AppID counts only if it was sent and used") {
  Login login;
  login.assertion.appid = "https://example.org/app-id.json";
  CHECK(login.outcome() == "15");
  login.expected.appid = "https://example.org/other.json";
  CHECK(login.outcome() == "15");
  login.expected.appid = "https://example.org/app-id.json";
  const auto verdict = login.verdict();
  REQUIRE(outcome(verdict) == "ok");
  CHECK(std::get<webauthn::VerifiedAssertion>(verdict).appid_used);
  login.assertion.appid.reset();
  login.assertion.client_extension_results["appid"] = false;
  CHECK(login.outcome() == "ok");
  login.assertion.client_extension_results["appid"] = true;
  CHECK(login.outcome() == "15");
  login.assertion.client_extension_results["appid"] = "yes";
  CHECK(login.outcome() == "15");
}

TEST_CASE("step 16: the user is present") {
  Login login;
  login.assertion.flags.user_present = false;
  CHECK(login.outcome() == "16");
}

TEST_CASE("step 17: the user is verified where that is required") {
  Login login;
  login.assertion.flags.user_verified = false;
  CHECK(login.outcome() == "17");
  login.expected.user_verification = webauthn::UserVerification::preferred;
  CHECK(login.outcome() == "ok");
}

TEST_CASE("step 18: nothing is backed up that is not eligible for backup") {
  Login login;
  login.assertion.flags.backed_up = true;
  CHECK(login.outcome() == "18");
}

TEST_CASE("step 19: eligibility for backup never changes") {
  Login login;
  const bool before = GENERATE(true, false);
  login.record.backup_eligible = before;
  login.assertion.flags.backup_eligible = !before;
  CHECK(login.outcome() == "19");
}

TEST_CASE("step 21: the signature is the record's key's") {
  Login login;
  login.algorithm = GENERATE(es256, eddsa, rs256, es384, es512);
  INFO(login.algorithm);
  SECTION("a flipped bit") {
    login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.back() ^= 1; };
  }
  SECTION("a byte more") {
    login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.push_back(0); };
  }
  SECTION("a byte less") {
    login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.pop_back(); };
  }
  SECTION("nothing") {
    login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.clear(); };
  }
  SECTION("another key") { login.record.public_key = SoftKey::generate(es256).cose(); }
  SECTION("no key") { login.record.public_key = {0xa0}; }
  CHECK(login.outcome() == "21");
}

TEST_CASE("the record's key is kept for the next assertion, and a bad signature is none with it") {
  Login login;
  REQUIRE(login.outcome() == "ok");
  CHECK(login.keys.holds(login.record.public_key));
  CHECK(login.outcome() == "ok");
  login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.back() ^= 1; };
  CHECK(login.outcome() == "21");
  CHECK(login.keys.size() == 1);
}

TEST_CASE("step 22: the counter goes up, unless there is none") {
  Login login;
  const auto counts = [&](std::uint32_t stored, std::uint32_t given) {
    login.record.sign_count = stored;
    login.assertion.sign_count = given;
    return login.outcome();
  };
  CHECK(counts(0, 0) == "ok");
  CHECK(counts(0, 1) == "ok");
  CHECK(counts(0x7fffffff, 0x80000000) == "ok");
  CHECK(counts(5, 5) == "22");
  CHECK(counts(5, 4) == "22");
  CHECK(counts(5, 0) == "22");
  CHECK(counts(0xffffffff, 0) == "22");
}

TEST_CASE("step 22: only a valid signature tells of a clone") {
  Login login;
  login.record.sign_count = 5;
  CHECK(std::get<webauthn::Refusal>(login.verdict()).kind == webauthn::Refusal::Kind::counter_regressed);
  login.assertion.edit_signature = [](core::Bytes& bytes) { bytes.back() ^= 1; };
  CHECK(std::get<webauthn::Refusal>(login.verdict()).kind == webauthn::Refusal::Kind::failed);
}
