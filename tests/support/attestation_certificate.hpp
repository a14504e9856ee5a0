// SPDX-License-Identifier: Apache-2.0
// Attestation certificates: by default as WebAuthn Level 3 section 8.2.1 wants them, and with any one of its rules
// broken; other formats add their extensions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "tests/support/soft_key.hpp"

namespace factord::tests {

struct CertificateExtension {
  std::string oid;    // dotted
  core::Bytes value;  // DER
  bool critical = false;
};

struct CertificateProfile {
  int version = 3;
  std::string country = "SE";  // empty: left out, as the other three
  std::string organization = "Soft Authenticators";
  std::string unit = "Authenticator Attestation";
  std::string common_name = "Soft Authenticator 1";
  std::string basic_constraints = "critical,CA:FALSE";  // empty: no such extension
  std::optional<core::Bytes> aaguid;                    // nothing: no such extension
  bool aaguid_critical = false;
  std::vector<CertificateExtension> extensions;  // more of them, as they come
  core::Time not_before{std::chrono::seconds(1'600'000'000)};
  core::Time not_after{std::chrono::seconds(2'500'000'000)};
};

// id-fido-gen-ce-aaguid.
CertificateExtension aaguid_extension(core::ByteView aaguid, bool critical);

// DER. Issued by `issuer`, whose name is fixed; pass the subject's own key for a self-signed certificate.
core::Bytes make_certificate(const CertificateProfile& profile, const SoftKey& subject, const SoftKey& issuer);

// DER of the issuer itself: a CA certificate.
core::Bytes make_issuer_certificate(const SoftKey& issuer);

}  // namespace factord::tests
