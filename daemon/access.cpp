// SPDX-License-Identifier: Apache-2.0
#include "daemon/access.hpp"

#include <utility>

#include "core/log.hpp"

namespace factord::daemon {

Access::Access(ipc::Bus& bus, sd_event* loop) : static_({}, false), polkit_(bus, loop) {}

void Access::use(const Config& config) {
  const bool same = authority_ == config.authority && self_service_ == config.self_service;
  authority_ = config.authority;
  self_service_ = config.self_service;
  static_ = ipc::StaticAuthorizer(config.allowances, config.self_service);
  polkit_.use(config.self_service);
  if (!same) polkit_.deny_open();
  if (authority_ == Authority::polkit && !config.allowances.empty())
    core::log(core::Severity::notice, "polkit decides: the Allow= lines count only with Authorizer=static");
}

void Access::when_rules_change(std::function<void()> changed) {
  polkit_.when_rules_change([this, changed = std::move(changed)] {
    if (authority_ == Authority::polkit) changed();
  });
}

std::optional<bool> Access::at_once(const ipc::Claim& claim) {
  return authority_ == Authority::polkit ? polkit_.at_once(claim) : static_.at_once(claim);
}

void Access::decide(const ipc::Question& question, std::function<void(bool)> answer) {
  if (authority_ == Authority::polkit) return polkit_.decide(question, std::move(answer));
  static_.decide(question, std::move(answer));
}

void Access::explain(const ipc::Question& question, std::function<void(const ipc::Explanation&)> answer) {
  if (authority_ == Authority::polkit) return polkit_.explain(question, std::move(answer));
  static_.explain(question, std::move(answer));
}

// Whoever decides now: what polkit was asked before stays in its line until it is denied.
void Access::left(const std::string& unique_name) { polkit_.left(unique_name); }

}  // namespace factord::daemon
