// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/attestation.hpp"

#include <algorithm>

#include "daemon/webauthn/certificate.hpp"

namespace factord::webauthn {
namespace {

using Verdict = AttestationVerdict;
using core::ByteView;

Refusal refused(const char* section, const char* reason) { return {Refusal::Kind::failed, section, reason}; }

// The members that the format's syntax names, and no others.
bool has_only(const CborValue& statement, std::initializer_list<std::string_view> names) {
  bool key = true;
  for (const CborValue& item : statement.items()) {
    const bool named =
        item.is(CborValue::Kind::text) && std::find(names.begin(), names.end(), item.text()) != names.end();
    if (key && !named) return false;
    key = !key;
  }
  return true;
}

Attestation vouched_for_by(CertificateChain chain) {
  Attestation out;
  out.trust_paths.push_back(std::move(chain));
  return out;
}

// Section 8.7.
Verdict judge_none(const CborValue& statement, const AttestedRegistration&) {
  if (statement.empty()) return Attestation{};
  return refused("8.7", "the statement of format none is not empty");
}

Verdict judge_packed_self(int algorithm, ByteView signature, const AttestedRegistration& made) {
  if (algorithm != made.key.algorithm()) return refused("8.2", "alg is not that of the credential's key");
  if (!made.key.verify({made.data.encoded, made.client_data_hash}, signature))
    return refused("8.2", "self attestation does not verify");
  return Attestation{};
}

Verdict judge_packed_chain(int algorithm, ByteView signature, const CborValue& x5c, const AttestedRegistration& made) {
  auto chain = read_chain(x5c);
  if (!chain) return refused("8.2", "x5c is not a list of certificates");
  const auto key = chain->front().key_for(algorithm);
  if (!key) return refused("8.2", "alg does not fit the attestation certificate's key");
  if (!key->verify({made.data.encoded, made.client_data_hash}, signature))
    return refused("8.2", "attestation signature does not verify");
  if (const char* defect = chain->front().packed_defect(made.data.attested->aaguid)) return refused("8.2.1", defect);
  return vouched_for_by(std::move(*chain));
}

// Section 8.2.
Verdict judge_packed(const CborValue& statement, const AttestedRegistration& made) {
  const auto algorithm = algorithm_number(statement.find("alg"));
  const auto signature = statement.find_bytes("sig");
  if (!has_only(statement, {"alg", "sig", "x5c"}) || !algorithm || !signature)
    return refused("8.2", "not a packed attestation statement");
  const auto x5c = statement.find("x5c");
  return x5c ? judge_packed_chain(*algorithm, *signature, *x5c, made) : judge_packed_self(*algorithm, *signature, made);
}

// Section 8.6. The AAGUID is not looked at: the text does not, and its own test vector has one that is not zero.
Verdict judge_u2f(const CborValue& statement, const AttestedRegistration& made) {
  const auto signature = statement.find_bytes("sig");
  const auto x5c = statement.find("x5c");
  auto chain = x5c ? read_chain(*x5c) : std::nullopt;
  if (!has_only(statement, {"sig", "x5c"}) || !signature || !chain || chain->size() != 1)
    return refused("8.6", "not a fido-u2f attestation statement with one certificate");
  const auto key = chain->front().key_for(algorithm::es256);
  if (!key) return refused("8.6", "the attestation certificate's key is not on P-256");
  if (made.key.algorithm() != algorithm::es256) return refused("8.6", "the credential's key is not on P-256");
  const auto& credential = *made.data.attested;
  static constexpr std::uint8_t reserved = 0x00, uncompressed = 0x04;
  const bool good = key->verify(
      {ByteView(&reserved, 1), made.data.rp_id_hash, made.client_data_hash, credential.credential_id,
       ByteView(&uncompressed, 1), *credential.public_key.find_bytes(-2), *credential.public_key.find_bytes(-3)},
      *signature);
  if (!good) return refused("8.6", "attestation signature does not verify");
  return vouched_for_by(std::move(*chain));
}

struct Format {
  std::string_view name;
  Verdict (*judge)(const CborValue& statement, const AttestedRegistration& made);
};

constexpr Format formats[] = {{"none", judge_none}, {"packed", judge_packed}, {"fido-u2f", judge_u2f}};

const Format* find_format(std::string_view name) {
  const auto* found = std::find_if(std::begin(formats), std::end(formats), [&](auto& one) { return one.name == name; });
  return found == std::end(formats) ? nullptr : found;
}

}  // namespace

bool known_attestation_format(std::string_view format) { return find_format(format) != nullptr; }

AttestationVerdict judge_attestation(std::string_view format, const CborValue& statement,
                                     const AttestedRegistration& registration) {
  if (!statement.is(CborValue::Kind::map)) return refused("22", "the statement is not a map");
  return find_format(format)->judge(statement, registration);
}

}  // namespace factord::webauthn
