// SPDX-License-Identifier: Apache-2.0
// Use cases that look at factors of any kind, and renaming. An unknown user has an empty list, as in the mirrored API.
// Owned by main; loop thread.
#pragma once

#include <set>

#include "daemon/vault.hpp"

namespace factord::daemon {

class FactorLists {
 public:
  explicit FactorLists(const Vault& vault) : vault_(vault) {}

  ipc::Plan list(const ipc::Call& call, storage::Kind kind) const;  // → items, details
  ipc::Plan list_all(const ipc::Call& call) const;                  // → items, details
  ipc::Plan method_types(const ipc::Call& call) const;              // → distinct kinds that are ready, details
  ipc::Plan rename(const ipc::Call& call) const;                    // → details

 private:
  // Words of the bus; an empty set of kinds, or the state "any", leaves nothing out.
  struct Filter {
    std::set<std::string, std::less<>> kinds;
    std::set<std::string, std::less<>> states;
    bool lets_through(const storage::Factor& factor) const;
  };
  ipc::Values listed(const ipc::Call& call, const Filter& filter) const;
  std::vector<storage::Factor> factors(const ipc::Call& call, storage::Position& position) const;

  const Vault& vault_;
};

}  // namespace factord::daemon
