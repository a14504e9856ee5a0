// SPDX-License-Identifier: Apache-2.0
// CheckTOTP: is this a code of one of the user's secrets that nobody has used yet? Owned by the service; loop thread,
// as an HMAC takes a microsecond. Promises: a time step is accepted once and none before it ever after; a wrong code is
// charged in the batch that its answer waits for.
#pragma once

#include "daemon/charges.hpp"
#include "daemon/clock_trust.hpp"
#include "daemon/vault.hpp"

namespace factord::daemon {

class TotpChecks {
 public:
  TotpChecks(const Vault& vault, Charges& charges, const ClockTrust& clock)
      : vault_(vault), charges_(charges), clock_(clock) {}

  ipc::Plan check(const ipc::Call& call) const;  // → result

 private:
  struct Attempt;

  ipc::Values judge(const ipc::Call& call, Attempt& attempt) const;
  void charge(const ipc::Call& call, const Attempt& attempt) const;

  const Vault& vault_;
  Charges& charges_;
  const ClockTrust& clock_;
};

}  // namespace factord::daemon
