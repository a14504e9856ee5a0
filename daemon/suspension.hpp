// SPDX-License-Identifier: Apache-2.0
// SuspendFactor and ResumeFactor: a factor that is put aside verifies nothing, and is there again when it is needed.
// Owned by main; loop thread.
#pragma once

#include "daemon/vault.hpp"

namespace factord::daemon {

class Suspension {
 public:
  explicit Suspension(const Vault& vault) : vault_(vault) {}

  ipc::Plan suspend(const ipc::Call& call) const;  // → details
  ipc::Plan resume(const ipc::Call& call) const;   // → details

 private:
  storage::Factor factor(const ipc::Call& call) const;
  ipc::Values unchanged(const ipc::Call& call, const storage::Factor& factor) const;
  ipc::Values change(const ipc::Call& call, storage::Factor factor, storage::State state,
                     storage::EventType event) const;

  const Vault& vault_;
};

}  // namespace factord::daemon
