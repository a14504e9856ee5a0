// SPDX-License-Identifier: Apache-2.0
// X.509 certificates of attestation statements. Immutable once read.
#pragma once

#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/webauthn/openssl.hpp"
#include "daemon/webauthn/strict_cbor.hpp"
#include "daemon/webauthn/verifying_key.hpp"

namespace factord::webauthn {

class Certificate {
 public:
  // Nothing for what is no certificate, or has bytes after it.
  static std::optional<Certificate> read(core::ByteView der);

  // Its key, for signatures with that COSE algorithm. Nothing where the two do not fit.
  std::optional<VerifyingKey> key_for(int algorithm) const;
  bool valid_at(core::Time at) const;
  bool signed_by(const Certificate& issuer) const;
  bool is_authority() const;
  // Section 8.2.1, requirements on packed attestation statement certificates. The one that is broken, or null.
  const char* packed_defect(core::ByteView aaguid) const;

 private:
  explicit Certificate(CertificatePtr certificate) : certificate_(std::move(certificate)) {}
  const char* subject_defect() const;
  const char* aaguid_defect(core::ByteView aaguid) const;

  CertificatePtr certificate_;
};

using CertificateChain = std::vector<Certificate>;

// x5c of a statement: the attestation certificate and what may follow. Nothing unless it is a list, not empty, of byte
// strings that are certificates.
std::optional<CertificateChain> read_chain(const CborValue& x5c);

}  // namespace factord::webauthn
