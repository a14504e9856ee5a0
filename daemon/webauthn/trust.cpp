// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/trust.hpp"

namespace factord::webauthn {
namespace {

const char* defect(const CertificateChain& chain, core::Time at) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!chain[i].valid_at(at)) return "a certificate is not valid at this time";
    if (i == 0) continue;
    if (!chain[i].is_authority()) return "an issuer in x5c is no certificate authority";
    if (!chain[i - 1].signed_by(chain[i])) return "a certificate in x5c was not issued by the next one";
  }
  return nullptr;
}

}  // namespace

std::optional<Refusal> judge_trust(const Attestation& attestation, core::Time at) {
  for (const CertificateChain& chain : attestation.trust_paths)
    if (const char* reason = defect(chain, at)) return Refusal{Refusal::Kind::failed, "24", reason};
  return std::nullopt;
}

}  // namespace factord::webauthn
