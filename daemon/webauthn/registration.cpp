// SPDX-License-Identifier: Apache-2.0
// Functions are named after the steps of WebAuthn Level 3 section 7.1. Steps 1, 2 and 4 are the browser's, 12 is a hash
// that the signatures need, 18, 19, 23 and 28 leave a choice that is taken here as "accept": the RP keeps what it is
// told. 26 needs the store, so it is the caller's.
#include "daemon/webauthn/registration.hpp"

#include <algorithm>
#include <array>

#include "daemon/webauthn/attestation.hpp"
#include "daemon/webauthn/client_data.hpp"
#include "daemon/webauthn/credential.hpp"
#include "daemon/webauthn/digest.hpp"
#include "daemon/webauthn/openssl.hpp"
#include "daemon/webauthn/trust.hpp"

namespace factord::webauthn {
namespace {

constexpr std::size_t max_credential_id = 1'023;
constexpr std::array<std::string_view, 6> known_transports{"ble", "hybrid", "internal", "nfc", "smart-card", "usb"};

// What the steps have found out so far. Later members view into earlier ones, so it stays where it is.
struct Ceremony {
  const RegistrationExpectations& expected;
  Credential credential;
  core::Bytes attestation_object{};
  CborValue object{};  // decoded
  AuthenticatorData data{};
  int algorithm = 0;
  std::optional<VerifyingKey> key{};
  Attestation attestation{};
};

using Verdict = std::optional<Refusal>;

Verdict unreadable(const char* step, const char* reason) { return Refusal{Refusal::Kind::unreadable, step, reason}; }

Verdict failed(const char* step, const char* reason) { return Refusal{Refusal::Kind::failed, step, reason}; }

Verdict step_3_response(Ceremony& made) {
  const JsonValue& transports = made.credential.members["response.transports"];
  if (!transports.is(JsonValue::Kind::strings) && !transports.is(JsonValue::Kind::absent))
    return unreadable("3", "transports is not a list of strings");
  auto object = base64url_bytes(made.credential.members["response.attestationObject"]);
  if (!object) return unreadable("3", "attestationObject is not base64url");
  made.attestation_object = std::move(*object);
  return std::nullopt;
}

Verdict steps_5_to_11_client_data(Ceremony& made) {
  return judge_client_data(made.credential.client_data_json, ClientDataType::create, made.expected.challenge,
                           made.expected.relying_party);
}

// Members beyond the three are allowed for, as newer formats of the object add some.
Verdict step_13_attestation_object(Ceremony& made) {
  auto object = read_whole_cbor(made.attestation_object);
  if (!object || !object->is(CborValue::Kind::map)) return unreadable("13", "attestationObject is not one CBOR map");
  made.object = *object;
  const auto format = made.object.find("fmt");
  if (!format || !format->is(CborValue::Kind::text) || !made.object.find("attStmt"))
    return unreadable("13", "attestationObject lacks fmt or attStmt");
  const auto bytes = made.object.find_bytes("authData");
  auto data = bytes ? read_authenticator_data(*bytes) : std::nullopt;
  if (!data) return unreadable("13", "authenticator data is not well-formed");
  made.data = std::move(*data);
  return std::nullopt;
}

// The id outside the signed bytes must not name another credential than the one inside.
Verdict step_13_attested_credential(Ceremony& made) {
  if (!made.data.attested) return unreadable("13", "no attested credential data");
  if (!std::ranges::equal(made.data.attested->credential_id, made.credential.id))
    return failed("13", "id is not that of the attested credential");
  return std::nullopt;
}

// An algorithm that is not supported is left to step 20, which names the reason.
Verdict step_13_public_key(Ceremony& made) {
  const auto algorithm = cose_algorithm(made.data.attested->public_key);
  if (!algorithm) return unreadable("13", "public key names no algorithm");
  made.algorithm = *algorithm;
  made.key = VerifyingKey::from_cose(made.data.attested->public_key);
  if (supported(*algorithm) && !made.key) return failed("13", "public key is not valid");
  return std::nullopt;
}

Verdict step_14_rp_id(Ceremony& made) {
  const Digest hash(Hash::sha256, {core::bytes_of(made.expected.relying_party.id)});
  return core::equal_in_constant_time(made.data.rp_id_hash, hash.view()) ? std::nullopt
                                                                         : failed("14", "made for another RP ID");
}

Verdict step_15_user_present(Ceremony& made) {
  return made.data.user_present || made.expected.conditional_create ? std::nullopt : failed("15", "user not present");
}

Verdict step_16_user_verified(Ceremony& made) {
  const bool needed = made.expected.user_verification == UserVerification::required;
  return made.data.user_verified || !needed ? std::nullopt : failed("16", "user not verified");
}

Verdict step_17_backup_flags(Ceremony& made) {
  return made.data.backup_eligible || !made.data.backed_up ? std::nullopt
                                                           : failed("17", "backed up, but not eligible for backup");
}

Verdict step_20_algorithm(Ceremony& made) {
  const auto& offered = made.expected.algorithms;
  if (std::find(offered.begin(), offered.end(), made.algorithm) == offered.end())
    return failed("20", "algorithm was not offered");
  return made.key ? std::nullopt : failed("20", "algorithm is not supported");
}

// android-safetynet is known and left out: Google has shut the service, and what it signed is for a web server.
Verdict step_21_format(Ceremony& made) {
  const auto format = made.object.find("fmt")->text();
  if (format == "android-safetynet") return failed("21", "attestation format android-safetynet is not supported");
  return known_attestation_format(format) ? std::nullopt : failed("21", "attestation format not known");
}

Verdict step_22_statement(Ceremony& made) {
  const Digest hash(Hash::sha256, {made.credential.client_data_json});  // step 12
  auto verdict = judge_attestation(made.object.find("fmt")->text(), *made.object.find("attStmt"),
                                   {made.data, *made.key, hash.view()});
  if (auto* refusal = std::get_if<Refusal>(&verdict)) return std::move(*refusal);
  made.attestation = std::get<Attestation>(std::move(verdict));
  return std::nullopt;
}

Verdict step_24_trust(Ceremony& made) {
  return judge_trust(made.attestation, made.data.attested->aaguid, made.expected.attestation_policy.get(),
                     made.expected.at);
}

Verdict step_25_credential_id(Ceremony& made) {
  return made.data.attested->credential_id.size() <= max_credential_id ? std::nullopt
                                                                       : failed("25", "credential id is too long");
}

constexpr std::array steps{step_3_response,
                           steps_5_to_11_client_data,
                           step_13_attestation_object,
                           step_13_attested_credential,
                           step_13_public_key,
                           step_14_rp_id,
                           step_15_user_present,
                           step_16_user_verified,
                           step_17_backup_flags,
                           step_20_algorithm,
                           step_21_format,
                           step_22_statement,
                           step_24_trust,
                           step_25_credential_id};

std::vector<std::string> known_among(const std::vector<std::string_view>& transports) {
  std::vector<std::string> out;
  for (const std::string_view known : known_transports)
    if (std::find(transports.begin(), transports.end(), known) != transports.end()) out.emplace_back(known);
  return out;
}

NewCredential step_27_record(const Ceremony& made) {
  const AttestedCredential& attested = *made.data.attested;
  NewCredential record;
  record.credential_id.assign(attested.credential_id.begin(), attested.credential_id.end());
  record.public_key.assign(attested.public_key.encoded.begin(), attested.public_key.encoded.end());
  record.algorithm = made.algorithm;
  record.sign_count = made.data.sign_count;
  record.aaguid = to_uuid(attested.aaguid);
  record.attestation_format = made.object.find("fmt")->text();
  record.transports = known_among(made.credential.members["response.transports"].items);
  record.user_verified = made.data.user_verified;
  record.backup_eligible = made.data.backup_eligible;
  record.backed_up = made.data.backed_up;
  return record;
}

}  // namespace

RegistrationVerdict verify_registration(std::string_view credential, const RegistrationExpectations& expected) {
  const ErrorsForgotten errors;
  auto read = read_credential(credential);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  Ceremony made{expected, std::move(std::get<Credential>(read))};
  for (const auto step : steps)
    if (auto refusal = step(made)) return std::move(*refusal);
  return step_27_record(made);
}

}  // namespace factord::webauthn
