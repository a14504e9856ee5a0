// SPDX-License-Identifier: Apache-2.0
// What the relying party demands of attestations, step 24 of section 7.1: anchors, and lists of AAGUIDs. Without a
// policy nobody looks at who issued a certificate, or when it was valid.
#include <algorithm>

#include "tests/fuzz/ceremony/change.hpp"
#include "tests/support/fixed.hpp"

namespace factord::fuzz {
namespace {

using core::Bytes;
using tests::Format;

bool with_issuer(const Scene& scene) {
  return scene.format() == Format::packed_x5c || scene.format() == Format::fido_u2f;
}
// What the token of U2F signs has no AAGUID in it. Without any signature an AAGUID is a claim that counts: see
// docs/attestation.md.
bool leaves_aaguid_out(const Scene& scene) { return scene.format() == Format::fido_u2f; }

webauthn::TrustAnchors anchor(const tests::SoftKey& issuer) {
  std::vector<webauthn::Certificate> out;
  out.push_back(webauthn::Certificate::read(make_issuer_certificate(issuer)).value());
  return webauthn::TrustAnchors(out);
}

void make_expired(tests::CertificateProfile& profile, Choices& choices) {
  const auto now = tests::FixedClock().at;
  if (choices.flip())
    profile.not_before = now + std::chrono::seconds(1 + choices.below(200));
  else
    profile.not_after = now - std::chrono::seconds(1 + choices.below(200));
}

// An attestation certificate from an issuer that is trusted, or from one of the same name that is not.
void issued(Scene& scene, Choices& choices) {
  const tests::SoftKey& issuer = other_key_of(tests::es256);
  const bool right_issuer = choices.flip(), in_time = choices.flip();
  auto profile = scene.registration.certificate;
  if (!in_time) make_expired(profile, choices);
  scene.registration.attestation_key = key_of(tests::es256);
  scene.registration.x5c_first =
      make_certificate(profile, key_of(tests::es256), right_issuer ? issuer : key_of(tests::es256));
  scene.demand().trust_required = true;
  scene.demand().anchors = anchor(issuer);
  if (!right_issuer || !in_time) scene.refuse("24", "");
}

// No soft authenticator's certificate comes from that issuer, and some formats have none.
void nobody_to_trust(Scene& scene, Choices& choices) {
  scene.demand().trust_required = true;
  if (choices.flip()) scene.demand().anchors = anchor(other_key_of(tests::es256));
}

constexpr const char* own_aaguid = "abababab-abab-abab-abab-abababababab";
constexpr const char* other_aaguid = "abababab-abab-abab-abab-ababababab00";

void lists(Scene& scene, Choices& choices) {
  scene.registration.aaguid.assign(16, 0xab);
  const bool allow_some = choices.flip(), allow_own = choices.flip(), deny_some = choices.flip(),
             deny_own = choices.flip();
  auto& policy = scene.demand();
  if (allow_some) policy.allowed.insert(other_aaguid);
  if (allow_own) policy.allowed.insert(own_aaguid);
  if (deny_some) policy.denied.insert(other_aaguid);
  if (deny_own) policy.denied.insert(own_aaguid);
  const bool let_in = allow_own ? !leaves_aaguid_out(scene) : !allow_some;
  if (deny_own || !let_in) scene.refuse("24", "");
}

const Change changes[] = {
    {"a certificate out of its time, without a policy", Part::certificate, accepted, unfit,
     [](Scene& scene, Choices& choices) { make_expired(scene.registration.certificate, choices); }, with_issuer},
    {"a certificate from an issuer, trusted or not", Part::certificate, judged, unfit, issued, with_issuer},
    {"nobody whom the policy trusts", Part::certificate, "24", unfit, nobody_to_trust},
    {"lists of AAGUIDs", Part::aaguid, judged, unfit, lists},
};

}  // namespace

std::span<const Change> policy_changes() { return changes; }

}  // namespace factord::fuzz
