// SPDX-License-Identifier: Apache-2.0
// Section 8.8, Apple anonymous attestation statement format. Nothing is signed but the certificate, which Apple makes
// for this one credential and which names what it was made for.
#include <algorithm>
#include <array>

#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {
namespace {

constexpr const char* nonce_extension = "1.2.840.113635.100.8.2";

// SEQUENCE { [1] EXPLICIT OCTET STRING }, which has one encoding in DER
bool holds_nonce(core::ByteView extension, core::ByteView nonce) {
  static constexpr std::array<std::uint8_t, 6> before{0x30, 0x24, 0xa1, 0x22, 0x04, 0x20};
  return extension.size() == before.size() + nonce.size() &&
         std::equal(before.begin(), before.end(), extension.begin()) &&
         std::equal(nonce.begin(), nonce.end(), extension.begin() + before.size());
}

}  // namespace

// The first iPhones that did this, with iOS 14, also sent `alg`, as the drafts had it. Nobody needs it.
AttestationVerdict judge_apple(const CborValue& statement, const AttestedRegistration& made) {
  auto chain = read_chain(statement.find("x5c"));
  if (!has_only(statement, {"alg", "x5c"}) || !chain)
    return refused("8.8", "not an apple attestation statement with certificates");
  const Certificate& certificate = chain->front();
  const Digest nonce(Hash::sha256, {made.data.encoded, made.client_data_hash});
  const auto extension = certificate.extension(nonce_extension);
  if (!extension || !holds_nonce(*extension, nonce.view()))
    return refused("8.8", "the certificate was not made for this registration");
  const auto key = certificate.key_for(made.key.algorithm());
  if (!key || key->key() != made.key.key()) return refused("8.8", "the certificate is not for the credential's key");
  return vouched_for_by(std::move(*chain));
}

}  // namespace factord::webauthn
