// SPDX-License-Identifier: Apache-2.0
// The two structures of a TPM 2.0 that a tpm attestation carries (Trusted Platform Module Library, Part 2: Structures).
// Numbers are big-endian. Every length is checked against what is left, nothing may follow, nothing is allocated; the
// views are into the bytes read. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/bytes.hpp"
#include "daemon/webauthn/digest.hpp"
#include "daemon/webauthn/ec_key.hpp"

namespace factord::webauthn {

// TPMS_RSA_PARMS and TPM2B_PUBLIC_KEY_RSA, sections 12.2.3.5 and 11.2.4.5.
struct TpmRsaKey {
  core::ByteView modulus;
  std::uint32_t exponent = 0;  // 0 in the encoding stands for 65,537
};

// TPMS_ECC_PARMS and TPMS_ECC_POINT, sections 12.2.3.6 and 11.2.5.2. No coordinate is longer than the curve's; older
// TPMs leave out leading zeros.
struct TpmEccKey {
  Curve curve = Curve::p256;
  core::ByteView x;
  core::ByteView y;
};

// TPMT_PUBLIC, section 12.2.4, of a key that signs.
struct TpmPublicArea {
  std::uint16_t name_algorithm = 0;
  std::variant<TpmRsaKey, TpmEccKey> key;
};

// TPMS_ATTEST, section 10.12.8, as TPM2_Certify makes it: the TPM itself made it (TPM_GENERATED_VALUE), it certifies
// an object (TPM_ST_ATTEST_CERTIFY), and what is attested is a TPMS_CERTIFY_INFO (section 10.12.3).
struct TpmCertification {
  core::ByteView extra_data;
  core::ByteView name;  // of the object
};

// Nothing for what is not exactly one such structure.
std::optional<TpmPublicArea> read_tpm_public_area(core::ByteView bytes);
std::optional<TpmCertification> read_tpm_certification(core::ByteView bytes);

// TPM_ALG_ID, section 6.3: the hash with that number, where it is one.
std::optional<Hash> tpm_hash(std::uint16_t algorithm);

// Whether `name` is that of the object (Part 1 section 16): the name algorithm, then the hash of the public area.
bool is_name_of(core::ByteView name, const TpmPublicArea& object, core::ByteView encoded_object);

}  // namespace factord::webauthn
