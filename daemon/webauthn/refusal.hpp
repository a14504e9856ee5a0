// SPDX-License-Identifier: Apache-2.0
// Why a ceremony was refused. For the system log and for tests; callers on the bus learn only which of the two kinds.
#pragma once

#include <string>

namespace factord::webauthn {

struct Refusal {
  enum class Kind {
    unreadable,  // the credential does not parse: WEBAU-sEr8c
    failed,      // it parses, and a step of the ceremony says no
    // The signature is valid, but the counter did not go up (7.2 step 22): somebody may have cloned the authenticator.
    counter_regressed,
  };
  Kind kind;
  std::string step;    // of WebAuthn Level 3 section 7.1 or 7.2, or a section of chapter 8: "9", "8.2"
  std::string reason;  // a few plain words, never a part of the input
};

}  // namespace factord::webauthn
