// SPDX-License-Identifier: Apache-2.0
// Functions are named after the steps of WebAuthn Level 3 section 7.2. Steps 1, 2 and 4 are the browser's, 20 is a hash
// that the signature needs, 23 leaves a choice: extension outputs that nobody reads are ignored.
#include "daemon/webauthn/assertion.hpp"

#include <algorithm>
#include <array>

#include "daemon/webauthn/authenticator_data.hpp"
#include "daemon/webauthn/client_data.hpp"
#include "daemon/webauthn/digest.hpp"
#include "daemon/webauthn/openssl.hpp"

namespace factord::webauthn {
namespace {

struct Ceremony {
  const ReadAssertion& given;
  const CredentialRecord& record;
  const AssertionExpectations& expected;
  KeyCache& keys;
  AuthenticatorData data{};
  bool appid_used = false;
};

using Verdict = std::optional<Refusal>;

Verdict unreadable(const char* step, const char* reason) { return Refusal{Refusal::Kind::unreadable, step, reason}; }

Verdict failed(const char* step, const char* reason) { return Refusal{Refusal::Kind::failed, step, reason}; }

Verdict step_5_allowed(Ceremony& made) {
  const auto& allowed = made.expected.allow_credentials;
  const bool right =
      allowed.empty() || std::find(allowed.begin(), allowed.end(), made.given.credential.id) != allowed.end();
  return right ? std::nullopt : failed("5", "credential is not among the allowed ones");
}

Verdict step_6_user(Ceremony& made) {
  if (made.given.credential.id != made.record.credential_id) return failed("6", "credential is not the user's");
  if (!made.given.user_handle)
    return made.expected.user_identified ? std::nullopt : failed("6", "no user handle in a discoverable login");
  // A record without a handle leaves nothing to compare, which is good enough only if the user is known already
  if (!made.record.user_handle && made.expected.user_identified) return std::nullopt;
  return made.given.user_handle == made.record.user_handle ? std::nullopt
                                                           : failed("6", "user handle is another user's");
}

Verdict step_7_authenticator_data(Ceremony& made) {
  auto data = read_authenticator_data(made.given.authenticator_data);
  if (!data) return unreadable("7", "authenticator data is not well-formed");
  made.data = std::move(*data);
  return std::nullopt;
}

Verdict steps_8_to_14_client_data(Ceremony& made) {
  return judge_client_data(made.given.credential.client_data_json, ClientDataType::get, made.expected.challenge,
                           made.expected.relying_party);
}

// Section 10.1.1: a client that used the AppID says so, and may do so only if it was asked.
Verdict step_15_rp_id(Ceremony& made) {
  const JsonValue& output = made.given.credential.members["clientExtensionResults.appid"];
  if (!output.is(JsonValue::Kind::boolean) && !output.is(JsonValue::Kind::absent))
    return failed("15", "output of the appid extension is not a boolean");
  made.appid_used = output.truth;
  if (made.appid_used && made.expected.appid.empty()) return failed("15", "AppID used, but was not sent");
  const std::string& scope = made.appid_used ? made.expected.appid : made.expected.relying_party.id;
  const Digest hash(Hash::sha256, {core::bytes_of(scope)});
  return core::equal_in_constant_time(made.data.rp_id_hash, hash.view()) ? std::nullopt
                                                                         : failed("15", "made for another RP ID");
}

Verdict step_16_user_present(Ceremony& made) {
  return made.data.user_present ? std::nullopt : failed("16", "user not present");
}

Verdict step_17_user_verified(Ceremony& made) {
  const bool needed = made.expected.user_verification == UserVerification::required;
  return made.data.user_verified || !needed ? std::nullopt : failed("17", "user not verified");
}

Verdict step_18_backup_flags(Ceremony& made) {
  return made.data.backup_eligible || !made.data.backed_up ? std::nullopt
                                                           : failed("18", "backed up, but not eligible for backup");
}

Verdict step_19_backup_eligible(Ceremony& made) {
  return made.data.backup_eligible == made.record.backup_eligible ? std::nullopt
                                                                  : failed("19", "eligibility for backup has changed");
}

Verdict step_21_signature(Ceremony& made) {
  const auto key = made.keys.load(made.record.public_key);
  if (!key) return failed("21", "the record's public key is not valid");
  const Digest hash(Hash::sha256, {made.given.credential.client_data_json});  // step 20
  return key->verify({made.data.encoded, hash.view()}, made.given.signature)
             ? std::nullopt
             : failed("21", "signature does not verify");
}

Verdict step_22_counter(Ceremony& made) {
  // A record of 0 was made by an authenticator that does not count, or that counts from now on
  if (made.record.sign_count == 0 || made.data.sign_count > made.record.sign_count) return std::nullopt;
  return Refusal{Refusal::Kind::counter_regressed, "22", "counter did not go up"};
}

constexpr std::array steps{step_5_allowed,
                           step_6_user,
                           step_7_authenticator_data,
                           steps_8_to_14_client_data,
                           step_15_rp_id,
                           step_16_user_present,
                           step_17_user_verified,
                           step_18_backup_flags,
                           step_19_backup_eligible,
                           step_21_signature,
                           step_22_counter};

}  // namespace

std::variant<ReadAssertion, Refusal> read_assertion(std::string_view credential) {
  auto read = read_credential(credential);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  ReadAssertion out{std::move(std::get<Credential>(read)), {}, {}, {}};
  const JsonObject& members = out.credential.members;
  auto data = base64url_bytes(members["response.authenticatorData"]);
  auto signature = base64url_bytes(members["response.signature"]);
  if (!data || !signature) return *unreadable("3", "authenticatorData or signature is not base64url");
  const JsonValue& handle = members["response.userHandle"];
  if (!handle.is(JsonValue::Kind::absent) && !handle.is(JsonValue::Kind::null)) {
    out.user_handle = base64url_bytes(handle);
    if (!out.user_handle) return *unreadable("3", "userHandle is not base64url");
  }
  out.authenticator_data = std::move(*data);
  out.signature = std::move(*signature);
  return out;
}

AssertionVerdict verify_assertion(const ReadAssertion& assertion, const CredentialRecord& record,
                                  const AssertionExpectations& expected, KeyCache& keys) {
  const ErrorsForgotten errors;
  Ceremony made{assertion, record, expected, keys};
  for (const auto step : steps)
    if (auto refusal = step(made)) return std::move(*refusal);
  return VerifiedAssertion{made.data.sign_count, made.data.user_verified, made.data.backed_up, made.appid_used};
}

}  // namespace factord::webauthn
