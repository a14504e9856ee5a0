// SPDX-License-Identifier: Apache-2.0
// Use cases of recovery codes: a set of them is one factor. Owned by the service; loop thread, but for deriving the
// hashes. Promises: a code is accepted once; an attempt is charged before its hash is derived; of the codes there are
// hashes alone once they were handed out.
#pragma once

#include "daemon/charges.hpp"
#include "daemon/derivations.hpp"
#include "daemon/vault.hpp"

namespace factord::daemon {

// After a success that leaves so few or none, subscribers are told each time.
inline constexpr std::size_t few_codes = 3;

class RecoveryCodes {
 public:
  RecoveryCodes(const Vault& vault, Charges& charges, Derivations& derivations)
      : vault_(vault), charges_(charges), derivations_(derivations) {}

  ipc::Plan generate(const ipc::Call& call) const;  // → codes by memfd, details
  ipc::Plan remove(const ipc::Call& call) const;    // → details
  ipc::Plan check(const ipc::Call& call) const;     // → result

 private:
  struct Making;
  struct Attempt;

  std::optional<storage::Factor> set(const ipc::Call& call) const;
  storage::Factor usable_set(const ipc::Call& call) const;
  ipc::Values keep(const ipc::Call& call, Making& making) const;
  ipc::Values judge(const ipc::Call& call, Attempt& attempt) const;
  storage::Position use_up(const ipc::Call& call, storage::Factor set, const std::string& source) const;

  const Vault& vault_;
  Charges& charges_;
  Derivations& derivations_;
};

}  // namespace factord::daemon
