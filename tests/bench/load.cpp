// SPDX-License-Identifier: Apache-2.0
// Load for the benchmark: so many clients, each with one connection and one call in flight, until all calls are
// answered. Prepares what the calls need, measures only the calls, prints one JSON line. One epoll over raw sd-bus
// connections: a client library with an event loop of its own would cost more than the service.
#include <sys/epoll.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/webauthn/verifying_key.hpp"
#include "ipc/client.hpp"
#include "ipc/codec.hpp"
#include "ipc/names.hpp"
#include "tests/support/authenticator.hpp"

namespace {

using namespace factord;
using Seconds = std::chrono::duration<double>;

constexpr char organization[] = "bench";

struct Request {
  const char* interface;
  const char* method;
  ipc::Values arguments;
};

void must(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": error " + std::to_string(-result));
}

double cpu_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

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
    if (kind == "verify-passkey") return verify_passkey(user);
    throw std::runtime_error("unknown kind of load: " + kind);
  }

  Request remove_passkey(const std::string& user) {
    const auto made = bus_.call(ipc::names::factors, "RegisterPasskey", {user, in_organization()});
    return {ipc::names::factors, "RemovePasskey", {user, made[0], in_organization()}};
  }

  Request verify_totp(const std::string& user) {
    const auto made = bus_.call(ipc::names::factors, "RegisterTOTP", {user, in_organization()});
    std::string uri(512, '\0');  // a seed of the benchmark's own throw-away store
    const auto size = pread(std::get<ipc::SharedFd>(made[1])->get(), uri.data(), uri.size(), 0);
    uri.resize(static_cast<std::size_t>(size));
    const auto enrolment = otp::from_uri(uri);
    const auto now = std::chrono::floor<std::chrono::seconds>(core::SystemClock().now()).time_since_epoch().count();
    // The next step's code: good from one step before to one after, so longer than the run takes.
    const auto step = std::uint64_t(now) / enrolment->parameters.period + 1;
    const auto code = otp::code_at(enrolment->seed.view(), step, enrolment->parameters);
    return {ipc::names::factors, "VerifyTOTPRegistration", {user, made[0], code, in_organization()}};
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
  tests::SoftKey key_ = tests::SoftKey::generate(webauthn::algorithm::es256);
};

// ---- Running ----

class Load {
 public:
  Load(const std::string& address, std::size_t clients, std::vector<Request> requests)
      : requests_(std::move(requests)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < clients; ++i) connect(address);
  }
  ~Load() {
    for (sd_bus* bus : connections_) sd_bus_flush_close_unref(bus);
    close(epoll_);
  }

  void run() {
    for (sd_bus* bus : connections_) next(bus);
    while (answered_ < requests_.size()) {
      epoll_event events[64];
      const int ready = epoll_wait(epoll_, events, 64, 10'000);
      if (ready <= 0) throw std::runtime_error("no answer for ten seconds");
      for (int i = 0; i < ready; ++i)
        while (sd_bus_process(static_cast<sd_bus*>(events[i].data.ptr), nullptr) > 0) {
        }
    }
    if (failed_ > 0) throw std::runtime_error(std::to_string(failed_) + " calls failed, the last: " + last_failure_);
  }

 private:
  void connect(const std::string& address) {
    sd_bus* bus = nullptr;
    must(sd_bus_new(&bus), "connection");
    connections_.push_back(bus);
    must(sd_bus_set_address(bus, address.c_str()), "address");
    must(sd_bus_set_bus_client(bus, 1), "bus client");
    must(sd_bus_start(bus), "start");
    const char* name = nullptr;
    must(sd_bus_get_unique_name(bus, &name), "Hello");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = bus}};
    must(epoll_ctl(epoll_, EPOLL_CTL_ADD, sd_bus_get_fd(bus), &event), "epoll");
  }

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
  int epoll_;
  std::vector<sd_bus*> connections_;
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
  const double start = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
  for (std::size_t i = 0; i < count; ++i)
    if (!verifying->verify({message}, signature)) throw std::runtime_error("a good signature was refused");
  return (cpu_of(CLOCK_PROCESS_CPUTIME_ID) - start) / double(count);
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
  clockid_t service{};
  if (clock_getcpuclockid(static_cast<pid_t>(std::strtol(argv[2], nullptr, 10)), &service) != 0)
    throw std::runtime_error("no such process");

  Load warm_up(address, clients, std::vector<Request>(500, {ipc::names::bench, "Nothing", {"", ipc::Dict{}}}));
  warm_up.run();
  Load load(address, clients, Preparation(address, argv[6]).requests(argv[3], calls));
  const double cpu = cpu_of(service);
  const auto start = std::chrono::steady_clock::now();
  load.run();
  const Seconds elapsed = std::chrono::steady_clock::now() - start;
  std::printf("{\"rate\": %.1f, \"cpu\": %.9f}\n", double(calls) / elapsed.count(),
              (cpu_of(service) - cpu) / double(calls));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 1;
}
