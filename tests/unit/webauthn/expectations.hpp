// SPDX-License-Identifier: Apache-2.0
// What the relying party of these tests expects: exactly what the soft authenticator makes by default.
#pragma once

#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/registration.hpp"
#include "daemon/webauthn/trust.hpp"
#include "tests/support/authenticator.hpp"
#include "tests/support/fixed.hpp"

namespace factord::tests {

inline webauthn::RelyingParty example_org() {
  webauthn::RelyingParty out;
  out.id = "example.org";
  out.origins = {{"https://example.org", false}};
  return out;
}

inline webauthn::RegistrationExpectations registration_expectations() {
  return {Registration().challenge,
          example_org(),
          webauthn::UserVerification::required,
          {es256, eddsa, rs256, es384, es512, ps256},
          FixedClock().at};
}

// Making keys is slow, RSA keys above all: one of each kind is enough.
inline const SoftKey& key_of(int algorithm) {
  static const SoftKey keys[] = {SoftKey::generate(es256), SoftKey::generate(eddsa), SoftKey::generate(rs256),
                                 SoftKey::generate(es384), SoftKey::generate(es512)};
  for (const auto& key : keys)
    if (key.algorithm() == algorithm) return key;
  if (algorithm == ps256 || algorithm == rs1) {
    static const SoftKey others[] = {keys[2].with_algorithm(ps256), keys[2].with_algorithm(rs1)};
    return others[algorithm == ps256 ? 0 : 1];
  }
  throw std::logic_error("no such test key");
}

// The step that refused; "ok" where none did.
template <typename Verdict>
std::string outcome(const Verdict& verdict) {
  const auto* refusal = std::get_if<webauthn::Refusal>(&verdict);
  return refusal == nullptr ? "ok" : refusal->step;
}

// Trust is required, and nobody has it.
inline std::shared_ptr<const webauthn::AttestationPolicy> trusting_nobody() {
  webauthn::AttestationPolicy policy;
  policy.trust_required = true;
  return std::make_shared<const webauthn::AttestationPolicy>(std::move(policy));
}

// Step and reason; "ok" where nothing refused.
inline std::string reason_with(const Registration& registration, const webauthn::RegistrationExpectations& expected) {
  const auto verdict = webauthn::verify_registration(make_registration(key_of(es256), registration), expected);
  const auto* refusal = std::get_if<webauthn::Refusal>(&verdict);
  return refusal == nullptr ? "ok" : refusal->step + ": " + refusal->reason;
}

inline std::string register_with(const Registration& registration,
                                 const webauthn::RegistrationExpectations& expected = registration_expectations(),
                                 int algorithm = es256) {
  return outcome(webauthn::verify_registration(make_registration(key_of(algorithm), registration), expected));
}

}  // namespace factord::tests
