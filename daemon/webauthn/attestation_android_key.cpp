// SPDX-License-Identifier: Apache-2.0
// Section 8.4, Android key attestation statement format. The text leaves it to the relying party whether software may
// vouch for the key: it may, so both lists of authorizations count together.
#include <algorithm>

#include "daemon/webauthn/android_key_description.hpp"
#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {
namespace {

constexpr const char* description_extension = "1.3.6.1.4.1.11129.2.1.17";  // section 8.4.1

const char* defect(const Certificate& certificate, core::ByteView client_data_hash) {
  const auto extension = certificate.extension(description_extension);
  const auto description = extension ? read_android_key_description(*extension) : std::nullopt;
  if (!description) return "the certificate does not describe the key";
  if (!std::ranges::equal(description->challenge, client_data_hash))
    return "attestationChallenge is not the client data hash";
  if (description->for_all_applications) return "the key is for all applications";
  if (!description->generated) return "the key was not generated where it is kept";
  return description->signs ? nullptr : "the key is not for signing";
}

}  // namespace

AttestationVerdict judge_android_key(const CborValue& statement, const AttestedRegistration& made) {
  const auto algorithm = algorithm_number(statement.find("alg"));
  const auto signature = statement.find_bytes("sig");
  auto chain = read_chain(statement.find("x5c"));
  if (!has_only(statement, {"alg", "sig", "x5c"}) || !algorithm || !signature || !chain)
    return refused("8.4", "not an android-key attestation statement with certificates");
  const auto key = chain->front().key_for(*algorithm);
  if (!key) return refused("8.4", "alg does not fit the certificate's key");
  if (!key->verify({made.data.encoded, made.client_data_hash}, *signature))
    return refused("8.4", "attestation signature does not verify");
  if (key->key() != made.key.key()) return refused("8.4", "the certificate is not for the credential's key");
  if (const char* broken = defect(chain->front(), made.client_data_hash)) return refused("8.4", broken);
  return vouched_for_by(std::move(*chain));
}

}  // namespace factord::webauthn
