// SPDX-License-Identifier: Apache-2.0
// Section 8.2, packed attestation statement format.
#include <openssl/objects.h>

#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {
namespace {

AttestationVerdict judge_self(int algorithm, core::ByteView signature, const AttestedRegistration& made) {
  if (algorithm != made.key.algorithm()) return refused("8.2", "alg is not that of the credential's key");
  if (!made.key.verify({made.data.encoded, made.client_data_hash}, signature))
    return refused("8.2", "self attestation does not verify");
  return Attestation{};
}

// Section 8.2.1, requirements on packed attestation statement certificates. The one that is broken, or null.
const char* defect(const Certificate& certificate, core::ByteView aaguid) {
  if (!certificate.has_version_3()) return "certificate is not of version 3";
  if (certificate.subject_entry(NID_countryName).size() != 2) return "subject has no country code";
  if (certificate.subject_entry(NID_organizationName).empty()) return "subject has no organization";
  if (certificate.subject_entry(NID_organizationalUnitName) != "Authenticator Attestation")
    return "subject's unit is not Authenticator Attestation";
  if (certificate.subject_entry(NID_commonName).empty()) return "subject has no common name";
  if (const char* broken = certificate.aaguid_defect(aaguid)) return broken;
  return certificate.is_end_entity() ? nullptr : "Basic Constraints do not say CA false";
}

AttestationVerdict judge_chain(int algorithm, core::ByteView signature, std::optional<CertificateChain> chain,
                               const AttestedRegistration& made) {
  if (!chain) return refused("8.2", "x5c is not a list of certificates");
  const auto key = chain->front().key_for(algorithm);
  if (!key) return refused("8.2", "alg does not fit the attestation certificate's key");
  if (!key->verify({made.data.encoded, made.client_data_hash}, signature))
    return refused("8.2", "attestation signature does not verify");
  if (const char* broken = defect(chain->front(), made.data.attested->aaguid)) return refused("8.2.1", broken);
  return vouched_for_by(std::move(*chain));
}

}  // namespace

AttestationVerdict judge_packed(const CborValue& statement, const AttestedRegistration& made) {
  const auto algorithm = algorithm_number(statement.find("alg"));
  const auto signature = statement.find_bytes("sig");
  if (!has_only(statement, {"alg", "sig", "x5c"}) || !algorithm || !signature)
    return refused("8.2", "not a packed attestation statement");
  const auto x5c = statement.find("x5c");
  return x5c ? judge_chain(*algorithm, *signature, read_chain(x5c), made) : judge_self(*algorithm, *signature, made);
}

}  // namespace factord::webauthn
