// SPDX-License-Identifier: Apache-2.0
// Certificates that somebody has decided to trust, and the question whether a chain leads to one of them. Bytes in, no
// files. Immutable once made; any thread, several at once.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/webauthn/certificate.hpp"

namespace factord::webauthn {

// What a file holds: one certificate in DER, or those among its PEM blocks, whatever else is there. Nothing where there
// is none, or one that cannot be read.
std::optional<std::vector<Certificate>> read_certificates(core::ByteView file);

// The way JSON carries a certificate (x5c, metadata): DER in base64 with padding. Line breaks within, which real
// metadata has, are no fault.
std::optional<Certificate> read_base64_certificate(std::string_view text);

class TrustAnchors {
 public:
  TrustAnchors() = default;  // vouches for nothing
  explicit TrustAnchors(const std::vector<Certificate>& certificates);

  bool empty() const { return store_ == nullptr; }
  // Is the first certificate of `chain` one of these, or is there a path from it to one of these, over any of the
  // others, that OpenSSL accepts (RFC 5280: signatures, validity at that time, who is a CA, path lengths, names)?
  bool vouch_for(const CertificateChain& chain, core::Time at) const;

 private:
  std::shared_ptr<X509_STORE> store_;  // does its own locking
};

}  // namespace factord::webauthn
