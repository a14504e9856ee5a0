// SPDX-License-Identifier: Apache-2.0
// Use cases of users: registered ones are added and removed; Unix users exist by themselves and are bound at first use.
// Owned by main; loop thread.
#pragma once

#include "daemon/vault.hpp"

namespace factord::daemon {

class Users {
 public:
  explicit Users(const Vault& vault) : vault_(vault) {}

  ipc::Plan add(const ipc::Call& call) const;     // → details
  ipc::Plan remove(const ipc::Call& call) const;  // → details
  ipc::Plan lock(const ipc::Call& call) const;    // → details
  ipc::Plan unlock(const ipc::Call& call) const;  // → details
  ipc::Plan rebind(const ipc::Call& call) const;  // → details
  ipc::Plan show(const ipc::Call& call) const;    // → user
  ipc::Plan list(const ipc::Call& call) const;    // → users, details
  ipc::Plan meet(const ipc::Call& call) const;    // → nothing, if the user exists

 private:
  const Vault& vault_;
};

}  // namespace factord::daemon
