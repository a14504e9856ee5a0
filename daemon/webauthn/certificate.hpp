// SPDX-License-Identifier: Apache-2.0
// X.509 certificates of attestation statements. Immutable once read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
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
  std::optional<RsaKey> rsa_key() const;
  bool signed_by(const Certificate& issuer) const;

  // Extensions of an earlier version count for nothing (RFC 5280 section 4.1.2.1).
  bool has_version_3() const;
  bool has_subject() const;
  // The first entry of that kind (an OpenSSL number), as UTF-8. Empty where there is none.
  std::string subject_entry(int kind) const;
  // Likewise, of the first directory name among the subject's alternative names; `kind` is a dotted OID.
  std::string device_entry(const char* kind) const;
  // The content of the one extension with that dotted OID. Nothing where there is none, or more than one.
  std::optional<core::ByteView> extension(const char* oid) const;
  // Among its extended key usages.
  bool serves(const char* purpose) const;
  // Basic Constraints are there, and say so.
  bool is_end_entity() const;
  // id-fido-gen-ce-aaguid need not be there. What is wrong with it where it is, or null.
  const char* aaguid_defect(core::ByteView aaguid) const;
  // For OpenSSL's functions that take one. Never null; stays this object's.
  X509* x509() const { return certificate_.get(); }

 private:
  explicit Certificate(CertificatePtr certificate) : certificate_(std::move(certificate)) {}

  CertificatePtr certificate_;
};

using CertificateChain = std::vector<Certificate>;

// x5c of a statement: the attestation certificate and what may follow. Nothing unless it is a list, of one to eight
// byte strings that are certificates.
std::optional<CertificateChain> read_chain(const std::optional<CborValue>& x5c);

}  // namespace factord::webauthn
