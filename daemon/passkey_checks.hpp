// SPDX-License-Identifier: Apache-2.0
// StartPasskeyCheck and CheckPasskey: has one of the user's passkeys or U2F tokens signed our challenge? Owned by the
// service; loop thread, but for the signature itself. Promises: a challenge is good for one answer; the counter is
// compared with the one that stands in the store when the answer is decided, so that of two answers with the same
// counter one succeeds; what could be used when the check began and cannot any more has failed.
#pragma once

#include <memory>

#include "daemon/challenges.hpp"
#include "daemon/vault.hpp"
#include "daemon/webauthn/key_cache.hpp"

namespace factord::daemon {

class PasskeyChecks {
 public:
  PasskeyChecks(const Vault& vault, Challenges& challenges) : vault_(vault), challenges_(challenges) {}

  ipc::Plan start(const ipc::Call& call) const;  // → challenge id, request options, details
  ipc::Plan check(const ipc::Call& call) const;  // → result

 private:
  struct Attempt;

  ipc::Values begin(const ipc::Call& call) const;
  ipc::Plan judged(const ipc::Call& call, const std::shared_ptr<Attempt>& attempt) const;
  void look_up(const ipc::Call& call, Attempt& attempt) const;
  ipc::Values finish(const ipc::Call& call, Attempt& attempt) const;
  void quarantine(const ipc::Call& call, const Attempt& attempt) const;

  const Vault& vault_;
  Challenges& challenges_;
  mutable webauthn::KeyCache keys_;  // minds its threads itself
};

}  // namespace factord::daemon
