// SPDX-License-Identifier: Apache-2.0
// Section 8.3, TPM attestation statement format: a TPM 2.0 certifies with its attestation identity key (AIK) that it
// holds the credential's key. What of `sig` the text calls a TPMT_SIGNATURE everybody sends as a plain signature.
#include <algorithm>

#include "daemon/webauthn/attestation_formats.hpp"
#include "daemon/webauthn/tpm_structures.hpp"

namespace factord::webauthn {
namespace {

using Key = VerifyingKey::Key;

struct Statement {
  int algorithm;
  core::ByteView signature;
  core::ByteView certification;  // certInfo
  core::ByteView public_area;    // pubArea
};

std::optional<Statement> read(const CborValue& map) {
  const auto version = map.find("ver");
  const auto algorithm = algorithm_number(map.find("alg"));
  const auto signature = map.find_bytes("sig");
  const auto certification = map.find_bytes("certInfo");
  const auto public_area = map.find_bytes("pubArea");
  if (!has_only(map, {"ver", "alg", "x5c", "sig", "certInfo", "pubArea"}) || !version ||
      !version->is(CborValue::Kind::text) || version->text() != "2.0" || !algorithm || !signature || !certification ||
      !public_area)
    return std::nullopt;
  return Statement{*algorithm, *signature, *certification, *public_area};
}

core::Bytes padded(core::ByteView number, std::size_t size) {
  core::Bytes out(size - number.size());
  out.insert(out.end(), number.begin(), number.end());
  return out;
}

std::optional<Key> key_of(const TpmEccKey& key) {
  const std::size_t size = coordinate_size(key.curve);
  return EcKey::load(key.curve, padded(key.x, size), padded(key.y, size));
}

std::optional<Key> key_of(const TpmRsaKey& key) {
  core::Bytes exponent;
  for (std::uint32_t rest = key.exponent; rest != 0; rest >>= 8)
    exponent.insert(exponent.begin(), static_cast<std::uint8_t>(rest));
  return RsaKey::load(key.modulus, exponent);
}

// RS1 is what Windows lets TPMs sign with. A second message for a signature that exists is out of reach with SHA-1
// too, and a pair of them would have to be a TPM's own structures. No other format, and no credential, gets to use it.
std::optional<VerifyingKey> attestation_key(const Certificate& certificate, int algorithm) {
  if (algorithm != algorithm::rs1) return certificate.key_for(algorithm);
  auto key = certificate.rsa_key();
  return key ? std::optional(VerifyingKey(algorithm, std::move(*key))) : std::nullopt;
}

// Section 8.3.1, TPM attestation statement certificate requirements. The one that is broken, or null. Who made the
// device (TCG EK Credential Profile section 3.2.9) has to be said, but no register of vendors is asked.
const char* defect(const Certificate& certificate) {
  if (!certificate.has_version_3()) return "certificate is not of version 3";
  if (certificate.has_subject()) return "subject is not empty";
  for (const char* part : {"2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"})  // manufacturer, model, version
    if (certificate.device_entry(part).empty()) return "alternative name does not tell the TPM's maker, model, version";
  if (!certificate.serves("2.23.133.8.3")) return "certificate is not for a TPM's attestation identity key";
  return certificate.is_end_entity() ? nullptr : "Basic Constraints do not say CA false";
}

// What certInfo says of the object and of the registration.
const char* certification_defect(const Statement& statement, const TpmPublicArea& object, Hash hash,
                                 const AttestedRegistration& made) {
  const auto certification = read_tpm_certification(statement.certification);
  if (!certification) return "certInfo is not a certification by a TPM";
  const Digest attested(hash, {made.data.encoded, made.client_data_hash});
  if (!std::ranges::equal(certification->extra_data, attested.view()))
    return "extraData is not the hash of this registration";
  return is_name_of(certification->name, object, statement.public_area) ? nullptr : "name is not that of pubArea";
}

}  // namespace

AttestationVerdict judge_tpm(const CborValue& map, const AttestedRegistration& made) {
  const auto statement = read(map);
  auto chain = read_chain(map.find("x5c"));
  if (!statement || !chain) return refused("8.3", "not a tpm attestation statement of version 2.0 with certificates");
  const auto object = read_tpm_public_area(statement->public_area);
  if (!object) return refused("8.3", "pubArea is not the public area of a key that signs");
  if (std::visit([](const auto& key) { return key_of(key); }, object->key) != made.key.key())
    return refused("8.3", "pubArea is not for the credential's key");
  const auto hash = hash_of(statement->algorithm);
  const auto key = attestation_key(chain->front(), statement->algorithm);
  if (!hash || !key) return refused("8.3", "alg does not fit the attestation certificate's key");
  if (const char* broken = certification_defect(*statement, *object, *hash, made)) return refused("8.3", broken);
  if (!key->verify({statement->certification}, statement->signature))
    return refused("8.3", "attestation signature does not verify");
  if (const char* broken = defect(chain->front())) return refused("8.3.1", broken);
  if (const char* broken = chain->front().aaguid_defect(made.data.attested->aaguid)) return refused("8.3", broken);
  return vouched_for_by(std::move(*chain));
}

}  // namespace factord::webauthn
