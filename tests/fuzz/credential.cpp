// SPDX-License-Identifier: Apache-2.0
// The credential JSON of both ceremonies, from its text to the verdict. Input: a first line with challenge, RP ID,
// origin and the record's COSE key ("-": none), blanks between them, then the JSON. So that real ceremonies can pass.
#include <array>
#include <nlohmann/json.hpp>

#include "core/base64url.hpp"
#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/key_cache.hpp"
#include "daemon/webauthn/registration.hpp"
#include "daemon/webauthn/verifying_key.hpp"
#include "tests/fuzz/oracle.hpp"
#include "tests/support/fixed.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;
using Json = nlohmann::json;

struct Asked {
  std::string challenge;
  RelyingParty relying_party;
  core::Bytes key;
};

std::string_view take_until(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

Asked take_asked(std::string_view& text) {
  std::string_view line = take_until(text, '\n');
  Asked asked;
  asked.challenge = take_until(line, ' ');
  asked.relying_party.id = take_until(line, ' ');
  asked.relying_party.origins = {{std::string(take_until(line, ' ')), false}};
  asked.key = core::from_base64url(line).value_or(core::Bytes());
  return asked;
}

// What another reader of JSON finds under `path`, bytes that is.
core::Bytes bytes_at(std::string_view text, const char* path) {
  try {
    const auto bytes = core::from_base64url(Json::parse(text).at(Json::json_pointer(path)).get<std::string>());
    promise(bytes.has_value(), "what was accepted is base64url");
    return *bytes;
  } catch (const Json::out_of_range& error) {
    promise(error.id == 406, "what was accepted is there");  // 406: a number that has no place in a double
  } catch (const Json::exception& error) {
    promise(false, error.what());
  }
  return {};
}

bool differs(const core::Bytes& other, const core::Bytes& own) { return !other.empty() && other != own; }

void check_signed(std::string_view text, const Asked& asked) {
  const core::Bytes client_data = bytes_at(text, "/response/clientDataJSON");
  const bool told = core::text_of(client_data).find(asked.challenge) != std::string_view::npos;
  const bool escaped = core::text_of(client_data).find('\\') != std::string_view::npos;
  promise(client_data.empty() || told || escaped, "the challenge was signed");
}

void check_registration(std::string_view text, const Asked& asked) {
  RegistrationExpectations expected;
  expected.challenge = asked.challenge;
  expected.relying_party = asked.relying_party;
  expected.user_verification = UserVerification::preferred;
  expected.algorithms = {-7, -8, -35, -36, -37, -257};
  expected.at = tests::FixedClock().at;
  const auto verdict = verify_registration(text, expected);
  const auto* made = std::get_if<NewCredential>(&verdict);
  if (made == nullptr) return promise(!std::get<Refusal>(verdict).step.empty(), "a refusal names its step");
  check_signed(text, asked);
  promise(!differs(bytes_at(text, "/rawId"), made->credential_id), "the id is that of the text");
  promise(!made->credential_id.empty() && made->credential_id.size() <= 1023, "the id has a length that is allowed");
  const auto key = VerifyingKey::from_cose(made->public_key);
  promise(key && key->algorithm() == made->algorithm, "the record holds a good key");
  promise(made->backup_eligible || !made->backed_up, "what is backed up is eligible for it");
}

void check_assertion(std::string_view text, const Asked& asked) {
  auto read = read_assertion(text);
  auto* given = std::get_if<ReadAssertion>(&read);
  if (given == nullptr) return;
  CredentialRecord record;
  record.credential_id = given->credential.id;
  record.public_key = asked.key;
  record.backup_eligible = given->authenticator_data.size() > 32 && (given->authenticator_data[32] & 0x08) != 0;
  AssertionExpectations expected;
  expected.challenge = asked.challenge;
  expected.relying_party = asked.relying_party;
  expected.user_verification = UserVerification::preferred;
  static KeyCache keys(8);  // small, so that keys come and go
  const auto accepted = [&] {
    return std::holds_alternative<VerifiedAssertion>(verify_assertion(*given, record, expected, keys));
  };
  if (!accepted()) return;
  check_signed(text, asked);
  promise(!differs(bytes_at(text, "/response/signature"), given->signature), "the signature is that of the text");
  given->authenticator_data[33] ^= 0x40;  // of the counter, which any value but a lower one is good for
  promise(!accepted(), "the counter is signed");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = factord::core::text_of({data, size});
  const auto asked = factord::fuzz::take_asked(text);
  factord::fuzz::check_registration(text, asked);
  factord::fuzz::check_assertion(text, asked);
  return 0;
}
