// SPDX-License-Identifier: Apache-2.0
// What a TPM of software puts into a tpm attestation: the two structures field by field, each as encoded, so that a
// test can put anything in the place of one; and the profile of its attestation identity key's certificate.
#pragma once

#include <cstdint>
#include <functional>

#include "core/bytes.hpp"
#include "tests/support/attestation_certificate.hpp"
#include "tests/support/soft_key.hpp"

namespace factord::tests {

core::Bytes big_endian(std::uint64_t value, int size);
// A TPM2B structure: two bytes of size, then the content.
core::Bytes tpm_sized(core::ByteView content);

// TPMT_PUBLIC.
struct SoftTpmPublicArea {
  core::Bytes type;
  core::Bytes name_algorithm = {0x00, 0x0b};  // SHA-256
  core::Bytes attributes = {0x00, 0x06, 0x04, 0x72};
  core::Bytes policy = tpm_sized(core::Bytes(32, 0x9d));
  core::Bytes symmetric = {0x00, 0x10};  // none, as the next
  core::Bytes scheme = {0x00, 0x10};
  core::Bytes parameters;  // RSA: bits and exponent; ECC: curve and scheme of key derivation
  core::Bytes unique;
  core::Bytes after;

  core::Bytes encoded() const;
};

// TPMS_ATTEST.
struct SoftTpmCertification {
  core::Bytes magic = {0xff, 0x54, 0x43, 0x47};
  core::Bytes type = {0x80, 0x17};
  core::Bytes signer = tpm_sized(core::Bytes(34, 0x01));
  core::Bytes extra_data;
  core::Bytes clock = core::Bytes(17, 0x02);
  core::Bytes firmware = core::Bytes(8, 0x03);
  core::Bytes name;
  core::Bytes qualified_name = tpm_sized(core::Bytes(34, 0x04));
  core::Bytes after;

  core::Bytes encoded() const;
};

// A test's changes, before anything is computed from what is changed.
struct TpmEdits {
  std::function<void(SoftTpmPublicArea&)> public_area;
  std::function<void(SoftTpmCertification&)> certification;
};

// Of EC and RSA keys.
SoftTpmPublicArea tpm_public_area(const SoftKey& key);
// `attested` is hashed as signatures with `algorithm` are; for EdDSA, which does not hash, with SHA-256.
SoftTpmCertification tpm_certification(const SoftTpmPublicArea& object, core::ByteView attested, int algorithm);

// WebAuthn Level 3 section 8.3.1. The maker, as name and OID's last arc: 1 manufacturer, 2 model, 3 version.
struct TpmDevice {
  std::vector<std::pair<std::uint8_t, std::string>> entries = {{1, "id:FFFFF1D0"}, {2, "Soft TPM"}, {3, "id:00010002"}};
  bool one_set = false;  // all in one relative name, as some makers do
};
CertificateExtension alternative_name(const TpmDevice& device);
CertificateProfile attestation_identity_profile();

}  // namespace factord::tests
