// SPDX-License-Identifier: Apache-2.0
// Section 8.7, none attestation statement format: nobody vouches for the credential.
#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {

AttestationVerdict judge_none(const CborValue& statement, const AttestedRegistration&) {
  if (statement.empty()) return Attestation{};
  return refused("8.7", "the statement of format none is not empty");
}

}  // namespace factord::webauthn
