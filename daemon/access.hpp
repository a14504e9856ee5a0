// SPDX-License-Identifier: Apache-2.0
// The authorizer in force, as the configuration names it. A reload may change it while questions are open: none of them
// is then decided by rules that have gone. Owned by the service; loop thread.
#pragma once

#include <functional>

#include "daemon/config.hpp"
#include "ipc/polkit_authorizer.hpp"
#include "ipc/static_authorizer.hpp"

namespace factord::daemon {

class Access final : public ipc::Authorizer {
 public:
  // Both outlive it. Until use() says otherwise, nobody but root and oneself may do anything.
  Access(ipc::Bus& bus, sd_event* loop);

  void use(const Config& config);
  // Calls `changed` whenever the authority in force says that its answers may be others now.
  void when_rules_change(std::function<void()> changed);
  std::optional<bool> at_once(const ipc::Claim& claim) override;
  void decide(const ipc::Question& question, std::function<void(bool)> answer) override;
  void explain(const ipc::Question& question, std::function<void(const ipc::Explanation&)> answer) override;
  void left(const std::string& unique_name) override;

 private:
  Authority authority_ = Authority::allow_lines;
  bool self_service_ = false;
  ipc::StaticAuthorizer static_;
  ipc::PolkitAuthorizer polkit_;
};

}  // namespace factord::daemon
