// SPDX-License-Identifier: Apache-2.0
// GetRequirement: must this user prove anything at a login, and with what could it be done now? Owned by main; loop
// thread.
#pragma once

#include "daemon/charges.hpp"
#include "daemon/clock_trust.hpp"
#include "daemon/vault.hpp"

namespace factord::daemon {

class Requirement {
 public:
  Requirement(const Vault& vault, Charges& charges, const ClockTrust& clock)
      : vault_(vault), charges_(charges), clock_(clock) {}

  ipc::Plan show(const ipc::Call& call) const;  // → requirement

 private:
  ipc::Texts usable(const ipc::Call& call, const std::vector<storage::Factor>& factors) const;
  bool may_succeed(const ipc::Call& call, storage::Kind kind) const;

  const Vault& vault_;
  Charges& charges_;
  const ClockTrust& clock_;
};

}  // namespace factord::daemon
