// SPDX-License-Identifier: Apache-2.0
#include "daemon/service.hpp"

#include <signal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <thread>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "daemon/announcements.hpp"
#include "daemon/attestation_files.hpp"
#include "daemon/master_key.hpp"
#include "ipc/names.hpp"

namespace factord::daemon {
namespace {

constexpr char first_organization[] = "local";
constexpr std::uint64_t rules_settle = 200'000;  // microseconds

sd_event* new_loop() {
  sd_event* loop = nullptr;
  if (sd_event_new(&loop) < 0) throw core::Error(core::failure::unavailable, "no event loop");
  return loop;
}

// A signature takes 40 microseconds; more threads than that many cores only wait for each other.
unsigned worker_count() { return std::clamp(std::thread::hardware_concurrency(), 2u, 5u) - 1; }

Config config_of(const Options& options) {
  Config config = read_config(options.config, options.config_given ? Presence::required : Presence::optional);
  config.policy.attestation_policy = read_attestation_policy(config.attestation, core::SystemClock().now());
  return config;
}

// The host's name as a relying party id, where it can be one: the store keeps it for good.
std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  std::string host(name.data());
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
  return valid_domain(host) ? host : "localhost";
}

std::unique_ptr<storage::Store> open_store(const Options& options, const std::string& domain, core::Random& random) {
  const auto key = master_key(options, random);
  const storage::Birth birth{first_organization, domain.empty() ? host_name() : domain};
  auto store = storage::Store::open(options.state_dir, key ? &*key : nullptr, birth, random);
  if (store->locked())
    core::log(core::Severity::error, key ? "The master key does not open the store: it stays locked, and untouched"
                                         : "There is no master key: the store stays locked, and untouched");
  return store;
}

// The benchmark compares batches with one commit for each operation.
Batch::Bounds batch_bounds() {
  Batch::Bounds bounds;
#ifdef FACTORD_BENCH
  if (const char* operations = std::getenv("FACTORD_BATCH_OPERATIONS"))
    bounds.operations = std::strtoul(operations, nullptr, 10);
#endif
  return bounds;
}

}  // namespace

Service::Service(const Options& options) : Service(options, config_of(options)) {}

Service::Service(const Options& options, const Config& config)
    : options_(options),
      loop_(new_loop()),
      store_(open_store(options_, config.policy.domain, random_)),
      bus_(ipc::Bus::connect(options_.bus)),
      vault_{*store_, clock_, random_, policy_},
      charges_(*store_, policy_.lockout),
      code_failures_(*store_),
      use_cases_(vault_, charges_, clock_trust_, derivations_, code_failures_),
      door_({*bus_, loop_.get(), accounts_, access_, use_cases_.challenges, *this, limits_}, methods(use_cases_)),
      access_(*bus_, loop_.get()),
      accounts_(loop_.get()),
      batch_(loop_.get(), *store_, batch_bounds()),
      workers_(loop_.get(), worker_count()),
      derivers_(loop_.get(), Derivations::at_once) {
  use(config);
  batch_.announce_by([this](const auto& events) { announce(events, door_.subscriptions()); });
  batch_.expect([this] { return workers_.busy(); });
  batch_.keep({.opened =
                   [this] {
                     charges_.opened();
                     code_failures_.opened();
                   },
               .ended =
                   [this](bool kept) {
                     charges_.ended(kept);
                     code_failures_.ended(kept);
                   }});
  handle_signals();
  follow_rules();
  bus_->attach(loop_.get());
  bus_->publish(door_.members(), properties(), door_.signals());
  bus_->claim_name();
}

Service::~Service() = default;

int Service::run() {
  sd_notify(0, store_->locked() ? "READY=1\nSTATUS=Store is locked" : "READY=1\nSTATUS=Store is open");
  const int status = sd_event_loop(loop_.get());
  sd_notify(0, "STOPPING=1");
  batch_.close();
  return status < 0 ? EXIT_FAILURE : status;
}

void Service::use(const Config& config) {
  policy_ = config.policy;
  limits_ = config.limits;
  clock_trust_.synchronized_required = config.synchronized_clock_required;
  if (policy_.domain.empty() && !store_->locked()) policy_.domain = store_->default_domain();
  access_.use(config);
}

void Service::reload() {
  sd_notify(0, "RELOADING=1");
  try {
    const Config config = config_of(options_);
    door_.subscriptions().doubt();
    use(config);
    accounts_.forget_all();
    door_.subscriptions().recheck();
    core::log(core::Severity::notice, "The configuration was read again");
  } catch (const std::exception& error) {
    core::log(core::Severity::error, "The configuration is wrong; the one before stays in force",
              {{"FACTORD_CAUSE", error.what()}});
  }
  sd_notify(0, "READY=1");
}

void Service::handle_signals() {
  const auto end = [](sd_event_source* source, const signalfd_siginfo*, void*) {
    return sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
  };
  const auto hang_up = [](sd_event_source*, const signalfd_siginfo*, void* self) {
    static_cast<Service*>(self)->reload();
    return 0;
  };
  if (sd_event_add_signal(loop_.get(), nullptr, SIGTERM, end, this) < 0 ||
      sd_event_add_signal(loop_.get(), nullptr, SIGINT, end, this) < 0 ||
      sd_event_add_signal(loop_.get(), nullptr, SIGHUP, hang_up, this) < 0)
    throw core::Error(core::failure::unavailable, "signals cannot be handled");
}

// polkit says so often: for each file of a package, whenever somebody logs in. From the first word on subscribers are
// told nothing; their rights are asked about once for all that follows within a moment.
void Service::follow_rules() {
  const auto recheck = [](sd_event_source*, std::uint64_t, void* self) {
    static_cast<Service*>(self)->door_.subscriptions().recheck();
    return 0;
  };
  sd_event_source* source = nullptr;
  if (sd_event_add_time(loop_.get(), &source, CLOCK_MONOTONIC, 0, 0, recheck, this) < 0)
    throw core::Error(core::failure::unavailable, "no event source for changes of rules");
  recheck_.reset(source);
  sd_event_source_set_enabled(source, SD_EVENT_OFF);
  access_.when_rules_change([this] {
    door_.subscriptions().doubt();
    int armed = SD_EVENT_OFF;
    sd_event_source_get_enabled(recheck_.get(), &armed);
    if (armed != SD_EVENT_OFF) return;
    sd_event_source_set_time_relative(recheck_.get(), rules_settle);
    sd_event_source_set_enabled(recheck_.get(), SD_EVENT_ONESHOT);
  });
}

std::vector<ipc::Property> Service::properties() {
  const auto unless_locked = [this](const std::string& (storage::Store::*value)() const) {
    return [this, value] { return store_->locked() ? std::string() : ((*store_).*value)(); };
  };
  return {{ipc::names::admin, "Version", [] { return std::string(FACTORD_VERSION); }},
          {ipc::names::admin, "StoreState", [this] { return std::string(store_->locked() ? "locked" : "open"); }},
          {ipc::names::admin, "Organization", unless_locked(&storage::Store::default_organization)},
          {ipc::names::admin, "Domain", [this] { return policy_.domain; }}};
}

void Service::require_open() {
  if (store_->locked()) throw core::Error(core::failure::store_locked);
}

bool Service::knows_code(const std::string& id) { return store_->knows_code(id); }

const std::string& Service::default_organization() const { return store_->default_organization(); }

void Service::verify(ipc::Work work, std::function<void()> job, std::function<void(std::exception_ptr)> done) {
  (work == ipc::Work::slow ? derivers_ : workers_).run(std::move(job), std::move(done));
}

std::exception_ptr Service::attempt(ipc::Effect effect, const std::function<void()>& operation) {
  return batch_.attempt(effect, operation);
}

bool Service::all_durable() const { return !batch_.is_open(); }

void Service::when_durable(std::function<void(std::exception_ptr)> then) { batch_.when_durable(std::move(then)); }

}  // namespace factord::daemon
