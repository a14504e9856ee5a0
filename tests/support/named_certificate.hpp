// SPDX-License-Identifier: Apache-2.0
// Certificates of which names, issuer, times and authority matter and nothing else: chains of them, and signers of
// blobs.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "tests/support/soft_key.hpp"

namespace factord::tests {

struct CertificateNames {
  std::string subject, issuer;  // common names
  bool authority = false;
  std::string dns;               // a subject alternative name; empty: none
  std::string critical_unknown;  // the OID of a critical extension that nobody knows; empty: none
  core::Time not_before{std::chrono::seconds(1'600'000'000)};
  core::Time not_after{std::chrono::seconds(2'500'000'000)};
};

// DER.
core::Bytes make_named_certificate(const CertificateNames& names, const SoftKey& subject, const SoftKey& issuer);

std::string to_pem(core::ByteView der);
std::string to_base64(core::ByteView bytes);  // with padding

}  // namespace factord::tests
