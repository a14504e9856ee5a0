// SPDX-License-Identifier: Apache-2.0
// The running daemon: puts the rooms together (store, bus, door, use cases), and runs the loop until it is told to end.
// Owned by main; its thread is the loop thread.
#pragma once

#include <systemd/sd-event.h>

#include <memory>
#include <vector>

#include "daemon/access.hpp"
#include "daemon/accounts.hpp"
#include "daemon/batch.hpp"
#include "daemon/config.hpp"
#include "daemon/methods.hpp"
#include "daemon/options.hpp"
#include "daemon/workers.hpp"
#include "ipc/door.hpp"

namespace factord::daemon {

class Service final : ipc::Stages {
 public:
  // Throws Error or ConfigError where it cannot start. SIGTERM, SIGINT and SIGHUP must be blocked.
  explicit Service(const Options& options);
  ~Service() override;

  // Gives the exit status. Tells systemd when it is ready, when it reloads and when it ends.
  int run();

 private:
  Service(const Options& options, const Config& config);

  struct LoopEnd {
    void operator()(sd_event* loop) const { sd_event_unref(loop); }
  };
  using EventSource = std::unique_ptr<sd_event_source, sd_event_source* (*)(sd_event_source*)>;

  void require_open() override;
  bool knows_code(const std::string& id) override;
  const std::string& default_organization() const override;
  void verify(ipc::Work work, std::function<void()> job, std::function<void(std::exception_ptr)> done) override;
  std::exception_ptr attempt(ipc::Effect effect, const std::function<void()>& operation) override;
  bool all_durable() const override;
  void when_durable(std::function<void(std::exception_ptr)> then) override;

  void use(const Config& config);
  void reload();
  void handle_signals();
  void follow_rules();
  std::vector<ipc::Property> properties();

  Options options_;
  core::SystemClock clock_;
  core::SystemRandom random_;
  std::unique_ptr<sd_event, LoopEnd> loop_;
  Policy policy_;
  ipc::Limits limits_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<ipc::Bus> bus_;
  Vault vault_;
  ClockTrust clock_trust_;
  Charges charges_;
  Derivations derivations_;
  CodeFailures code_failures_;
  UseCases use_cases_;
  ipc::Door door_;
  // Below: whoever may hold a call on its way. They go first, since such a call ends through all that stands above.
  Access access_;
  Accounts accounts_;
  Batch batch_;
  Workers workers_;
  Workers derivers_;  // of keys from codes: what is quick does not wait for them
  EventSource recheck_{nullptr, sd_event_source_disable_unref};
};

}  // namespace factord::daemon
