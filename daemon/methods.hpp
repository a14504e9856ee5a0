// SPDX-License-Identifier: Apache-2.0
// THE table: every method there is, what it takes, who may call it, and which use case it leads to. Start reading here.
#pragma once

#include <vector>

#include "daemon/factor_lists.hpp"
#include "daemon/passkey_checks.hpp"
#include "daemon/recovery_codes.hpp"
#include "daemon/registration_codes.hpp"
#include "daemon/requirement.hpp"
#include "daemon/suspension.hpp"
#include "daemon/totp_checks.hpp"
#include "daemon/totp_factors.hpp"
#include "daemon/users.hpp"
#include "daemon/webauthn_factors.hpp"
#include "ipc/method.hpp"

namespace factord::daemon {

struct UseCases {
  UseCases(const Vault& vault, Charges& charges, const ClockTrust& clock, Derivations& derivations,
           CodeFailures& code_failures)
      : passkeys(vault, storage::Kind::passkey),
        u2f(vault, storage::Kind::u2f),
        totp(vault),
        totp_checks(vault, charges, clock),
        requirement(vault, charges, clock),
        challenges(vault),
        passkey_checks(vault, challenges),
        recovery_codes(vault, charges, derivations),
        registration_codes(vault, code_failures),
        lists(vault),
        suspension(vault),
        users(vault) {}

  WebauthnFactors passkeys;
  WebauthnFactors u2f;
  TotpFactors totp;
  TotpChecks totp_checks;
  Requirement requirement;
  Challenges challenges;
  PasskeyChecks passkey_checks;
  RecoveryCodes recovery_codes;
  RegistrationCodes registration_codes;
  FactorLists lists;
  Suspension suspension;
  Users users;
};

// The rows refer to `use_cases`, which must outlive them.
std::vector<ipc::Method> methods(const UseCases& use_cases);

}  // namespace factord::daemon
