// SPDX-License-Identifier: Apache-2.0
// Section 8.6, FIDO U2F attestation statement format. The AAGUID is not looked at: the text does not, and its own test
// vector has one that is not zero.
#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {

AttestationVerdict judge_fido_u2f(const CborValue& statement, const AttestedRegistration& made) {
  const auto signature = statement.find_bytes("sig");
  auto chain = read_chain(statement.find("x5c"));
  if (!has_only(statement, {"sig", "x5c"}) || !signature || !chain || chain->size() != 1)
    return refused("8.6", "not a fido-u2f attestation statement with one certificate");
  const auto key = chain->front().key_for(algorithm::es256);
  if (!key) return refused("8.6", "the attestation certificate's key is not on P-256");
  if (made.key.algorithm() != algorithm::es256) return refused("8.6", "the credential's key is not on P-256");
  const auto& credential = *made.data.attested;
  static constexpr std::uint8_t reserved = 0x00, uncompressed = 0x04;
  const bool verified = key->verify(
      {core::ByteView(&reserved, 1), made.data.rp_id_hash, made.client_data_hash, credential.credential_id,
       core::ByteView(&uncompressed, 1), *credential.public_key.find_bytes(-2), *credential.public_key.find_bytes(-3)},
      *signature);
  if (!verified) return refused("8.6", "attestation signature does not verify");
  Attestation good = vouched_for_by(std::move(*chain));
  good.leaves_aaguid_out = true;
  return good;
}

}  // namespace factord::webauthn
