// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/trust.hpp"

#include <algorithm>

namespace factord::webauthn {
namespace {

using Verdict = std::optional<Refusal>;
using Entries = std::vector<const MetadataEntry*>;

Verdict refused(std::string reason) { return Refusal{Refusal::Kind::failed, "24", std::move(reason)}; }

// The AAGUID as it stands there, and as it counts: what no signature reaches may be anybody's invention. It is enough
// to be kept out, never to get in.
struct Model {
  std::string claimed;
  std::string proven;
};

Verdict judge_lists(const Model& model, const AttestationPolicy& policy) {
  if (policy.denied.contains(model.claimed) || policy.denied.contains(model.proven))
    return refused("authenticator is denied");
  if (!policy.allowed.empty() && !policy.allowed.contains(model.proven)) return refused("authenticator is not allowed");
  return std::nullopt;
}

// The certificate itself, or one that it has issued: the end of a path is as a rule left out of x5c.
bool is_from(const Certificate& certificate, const Certificate& source) {
  return X509_cmp(certificate.x509(), source.x509()) == 0 || certificate.signed_by(source);
}

bool concerns(const StatusReport& report, const Attestation& attestation) {
  if (report.certificate.empty()) return true;
  const auto source = Certificate::read(report.certificate);
  return std::any_of(attestation.trust_paths.begin(), attestation.trust_paths.end(), [&](const auto& path) {
    return std::any_of(path.begin(), path.end(),
                       [&](const auto& certificate) { return is_from(certificate, *source); });
  });
}

Verdict judge_reports(const Attestation& attestation, const Entries& entries) {
  for (const MetadataEntry* entry : entries)
    for (const StatusReport& report : entry->compromises)
      if (concerns(report, attestation)) return refused("metadata: " + report.status);
  return std::nullopt;
}

TrustAnchors anchors_of(const Entries& entries) {
  std::vector<Certificate> roots;
  for (const MetadataEntry* entry : entries)
    for (const core::Bytes& der : entry->roots)
      if (auto root = Certificate::read(der)) roots.push_back(std::move(*root));
  return TrustAnchors(roots);
}

Verdict judge_paths(const Attestation& attestation, const Entries& entries, const AttestationPolicy& policy,
                    core::Time at) {
  if (attestation.trust_paths.empty()) return refused("nobody vouches for the authenticator");
  for (const CertificateChain& path : attestation.trust_paths)
    if (!policy.anchors.vouch_for(path, at) && !anchors_of(entries).vouch_for(path, at))
      return refused("trust path does not end in an anchor");
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> judge_trust(const Attestation& attestation, core::ByteView aaguid,
                                   const AttestationPolicy* policy, core::Time at) {
  if (policy == nullptr) return std::nullopt;
  const std::string claimed = to_uuid(aaguid);
  const Model model{claimed, attestation.leaves_aaguid_out ? std::string(no_aaguid) : claimed};
  if (auto verdict = judge_lists(model, *policy)) return verdict;
  const auto entries_of = [&](const std::string& name) {
    return policy->metadata ? policy->metadata->entries(name, attestation.trust_paths) : Entries();
  };
  const Entries entries = entries_of(model.proven);
  if (auto verdict = judge_reports(attestation, entries)) return verdict;
  if (auto verdict = judge_reports(attestation, entries_of(model.claimed))) return verdict;
  return policy->trust_required ? judge_paths(attestation, entries, *policy, at) : std::nullopt;
}

}  // namespace factord::webauthn
