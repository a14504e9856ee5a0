// SPDX-License-Identifier: Apache-2.0
// Load for the benchmark: so many clients, each with one connection and one call in flight, until all calls are
// answered. Prepares what the calls need, measures only the calls, prints one JSON line.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/webauthn/verifying_key.hpp"
#include "ipc/client.hpp"
#include "ipc/codec.hpp"
#include "ipc/names.hpp"
#include "tests/bench/connections.hpp"
#include "tests/support/authenticator.hpp"

namespace {

using namespace factord;
using namespace factord::bench;
using Seconds = std::chrono::duration<double>;

constexpr char organization[] = "bench";

struct Request {
  const char* interface;
  const char* method;
  ipc::Values arguments;
};

ipc::Dict in_organization() { return {{"org", organization}}; }

// ---- Preparing ----

class Preparation {
 public:
  Preparation(const std::string& address, std::string run) : bus_(address), run_(std::move(run)) {}

  std::vector<Request> requests(const std::string& kind, std::size_t count) {
    std::vector<Request> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(request(kind, run_ + std::to_string(i)));
    return all;
  }

 private:
  Request request(const std::string& kind, const std::string& user) {
    if (kind == "nothing") return {ipc::names::bench, "Nothing", {"", ipc::Dict{}}};
    bus_.call(ipc::names::admin, "AddUser", {user, in_organization()});
    if (kind == "remove-passkey") return remove_passkey(user);
    if (kind == "verify-totp") return verify_totp(user);
    if (kind == "check-totp") return check_totp(user);
    if (kind == "verify-passkey") return verify_passkey(user);
    throw std::runtime_error("unknown kind of load: " + kind);
  }

  Request remove_passkey(const std::string& user) {
    const auto made = bus_.call(ipc::names::factors, "RegisterPasskey", {user, in_organization()});
    return {ipc::names::factors, "RemovePasskey", {user, made[0], in_organization()}};
  }

  // The code of the next step is good from one step before to one after, so longer than a run takes.
  Request verify_totp(const std::string& user, int steps_from_now = 1) {
    const auto made = bus_.call(ipc::names::factors, "RegisterTOTP", {user, with_long_steps()});
    std::string uri(512, '\0');  // a seed of the benchmark's own throw-away store
    const auto size = pread(std::get<ipc::SharedFd>(made[1])->get(), uri.data(), uri.size(), 0);
    uri.resize(static_cast<std::size_t>(size));
    enrolment_ = otp::from_uri(uri);
    return {ipc::names::factors, "VerifyTOTPRegistration", {user, made[0], code(steps_from_now), in_organization()}};
  }

  Request check_totp(const std::string& user) {
    const Request verification = verify_totp(user, 0);
    bus_.call(verification.interface, verification.method, verification.arguments);
    return {ipc::names::checks, "CheckTOTP", {user, code(1), in_organization()}};
  }

  static ipc::Dict with_long_steps() {
    ipc::Dict options = in_organization();
    options["period"] = std::uint32_t{300};
    return options;
  }

  std::string code(int steps_from_now) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(core::SystemClock().now()).time_since_epoch().count();
    const auto step = std::uint64_t(now) / enrolment_->parameters.period + std::uint64_t(steps_from_now);
    return otp::code_at(enrolment_->seed.view(), step, enrolment_->parameters);
  }

  Request verify_passkey(const std::string& user) {
    const auto made = bus_.call(ipc::names::factors, "RegisterPasskey", {user, in_organization()});
    const auto options = nlohmann::json::parse(std::get<std::string>(made[1]));
    tests::Registration registration;
    registration.format = tests::Format::packed_self;
    registration.challenge = options["challenge"];
    registration.credential_id = core::Bytes(32, 0);
    std::copy_n(user.begin(), std::min<std::size_t>(user.size(), 32), registration.credential_id.begin());
    return {ipc::names::factors,
            "VerifyPasskeyRegistration",
            {user, made[0], tests::make_registration(key_, registration), "bench", in_organization()}};
  }

  ipc::Client bus_;
  std::string run_;
  std::optional<otp::Enrolment> enrolment_;  // the last one
  tests::SoftKey key_ = tests::SoftKey::generate(webauthn::algorithm::es256);
};

// ---- Running ----

class Load {
 public:
  Load(const std::string& address, std::size_t clients, std::vector<Request> requests)
      : requests_(std::move(requests)), connections_(address, clients) {}

  void run() {
    for (sd_bus* bus : connections_.all()) next(bus);
    while (answered_ < requests_.size()) connections_.process();
    if (failed_ > 0) throw std::runtime_error(std::to_string(failed_) + " calls failed, the last: " + last_failure_);
  }

 private:
  void next(sd_bus* bus) {
    if (sent_ == requests_.size()) return;
    const Request& request = requests_[sent_++];
    sd_bus_message* message = nullptr;
    must(sd_bus_message_new_method_call(bus, &message, ipc::names::service, ipc::names::object, request.interface,
                                        request.method),
         "call");
    for (const auto& argument : request.arguments) ipc::append(message, argument);
    must(sd_bus_call_async(bus, nullptr, message, on_answer, this, 0), "send");
    sd_bus_message_unref(message);
  }

  static int on_answer(sd_bus_message* answer, void* context, sd_bus_error*) {
    auto* load = static_cast<Load*>(context);
    ++load->answered_;
    if (const sd_bus_error* error = sd_bus_message_get_error(answer)) {
      ++load->failed_;
      load->last_failure_ = error->message ? error->message : error->name;
    }
    load->next(sd_bus_message_get_bus(answer));
    return 0;
  }

  std::vector<Request> requests_;
  Connections connections_;
  std::size_t sent_ = 0, answered_ = 0, failed_ = 0;
  std::string last_failure_;
};

// ---- Bare signatures, for the ratio ----

double bare_verification_cpu(std::size_t count) {
  const auto key = tests::SoftKey::generate(webauthn::algorithm::es256);
  const core::Bytes message(200, 7);
  const core::Bytes signature = key.sign(message);
  const core::Bytes cose = key.cose();
  const auto verifying = webauthn::VerifyingKey::from_cose(core::ByteView(cose));
  const CpuClock own(getpid());
  const double start = own.seconds();
  for (std::size_t i = 0; i < count; ++i)
    if (!verifying->verify({message}, signature)) throw std::runtime_error("a good signature was refused");
  return (own.seconds() - start) / double(count);
}

}  // namespace

// load bare-verification COUNT | load ADDRESS PID KIND CLIENTS CALLS RUN
int main(int argc, char** argv) try {
  if (argc == 3 && std::string(argv[1]) == "bare-verification") {
    std::printf("{\"cpu\": %.9f}\n", bare_verification_cpu(std::strtoul(argv[2], nullptr, 10)));
    return 0;
  }
  if (argc != 7) throw std::runtime_error("takes ADDRESS PID KIND CLIENTS CALLS RUN");
  const std::string address = argv[1];
  const std::size_t clients = std::strtoul(argv[4], nullptr, 10), calls = std::strtoul(argv[5], nullptr, 10);
  const CpuClock service(static_cast<pid_t>(std::strtol(argv[2], nullptr, 10)));

  Load warm_up(address, clients, std::vector<Request>(500, {ipc::names::bench, "Nothing", {"", ipc::Dict{}}}));
  warm_up.run();
  Load load(address, clients, Preparation(address, argv[6]).requests(argv[3], calls));
  const double cpu = service.seconds();
  const auto start = std::chrono::steady_clock::now();
  load.run();
  const Seconds elapsed = std::chrono::steady_clock::now() - start;
  std::printf("{\"rate\": %.1f, \"cpu\": %.9f}\n", double(calls) / elapsed.count(),
              (service.seconds() - cpu) / double(calls));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 1;
}
