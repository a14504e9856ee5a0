// SPDX-License-Identifier: Apache-2.0
// Use cases of TOTP secrets. Seeds come and go as Secrets only. Owned by main; loop thread: an HMAC takes a
// microsecond.
#pragma once

#include "daemon/vault.hpp"

namespace factord::daemon {

class TotpFactors {
 public:
  explicit TotpFactors(const Vault& vault) : vault_(vault) {}

  ipc::Plan begin_registration(const ipc::Call& call) const;   // → id, otpauth URI by memfd, details
  ipc::Plan verify_registration(const ipc::Call& call) const;  // → details
  ipc::Plan remove(const ipc::Call& call) const;               // → details
  ipc::Plan import(const ipc::Call& call) const;               // → id, details

 private:
  ipc::Values begin(const ipc::Call& call) const;
  ipc::Values verify(const ipc::Call& call) const;
  ipc::Values take_in(const ipc::Call& call) const;

  const Vault& vault_;
};

}  // namespace factord::daemon
