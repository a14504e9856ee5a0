// SPDX-License-Identifier: Apache-2.0
// Use cases of passkeys and U2F tokens: both are WebAuthn credentials and differ in what is asked of the authenticator.
// Owned by main; loop thread, but for the verification itself.
#pragma once

#include "daemon/vault.hpp"

namespace factord::daemon {

class WebauthnFactors {
 public:
  WebauthnFactors(const Vault& vault, storage::Kind kind) : vault_(vault), kind_(kind) {}

  ipc::Plan begin_registration(const ipc::Call& call) const;   // → id, creation options, details
  ipc::Plan verify_registration(const ipc::Call& call) const;  // → details
  ipc::Plan remove(const ipc::Call& call) const;               // → details

 private:
  struct Ceremony;  // a registration that is being verified

  ipc::Values begin(const ipc::Call& call) const;
  ipc::Values finish(const ipc::Call& call, const Ceremony& ceremony) const;
  storage::Factor pending(const ipc::Call& call) const;
  std::string creation_options(const storage::Factor& factor, const storage::User& user,
                               const std::vector<storage::Factor>& known, const std::string& attachment) const;
  const std::string& id(const ipc::Call& call) const;
  const std::string& factor_name(const ipc::Call& call) const;

  const Vault& vault_;
  storage::Kind kind_;
};

}  // namespace factord::daemon
