// SPDX-License-Identifier: Apache-2.0
// Load for the benchmark: so many clients, each with one connection and one call in flight, until all calls are
// answered. Prepares what the calls need, measures only the calls, prints one JSON line.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
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

struct Unref {
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, Unref>;

Message message_of(const Request& request, sd_bus* bus) {
  sd_bus_message* message = nullptr;
  must(sd_bus_message_new_method_call(bus, &message, ipc::names::service, ipc::names::object, request.interface,
                                      request.method),
       "call");
  for (const auto& argument : request.arguments) ipc::append(message, argument);
  return Message(message);
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
    if (kind == "check-totp") return check_totp(user);
    if (kind == "check-passkey") return enrolled_passkey(user);
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
    registration.credential_id = credential_of(user);
    return {ipc::names::factors,
            "VerifyPasskeyRegistration",
            {user, made[0], tests::make_registration(key_, registration), "bench", in_organization()}};
  }

  // The challenge is the connection's: Load asks for it, and for the answer to it.
  Request enrolled_passkey(const std::string& user) {
    const Request verification = verify_passkey(user);
    bus_.call(verification.interface, verification.method, verification.arguments);
    return {ipc::names::checks, "StartPasskeyCheck", {user, in_organization()}};
  }

 public:
  Request answer_to(const Request& start, sd_bus* bus) const {
    const Message call = message_of(start, bus);
    sd_bus_message* reply = nullptr;
    must(sd_bus_call(bus, call.get(), 0, nullptr, &reply), "StartPasskeyCheck");
    const Message answer(reply);
    const char *challenge_id = nullptr, *options = nullptr;
    must(sd_bus_message_read(reply, "ss", &challenge_id, &options), "a challenge");
    tests::Assertion assertion;
    assertion.challenge = nlohmann::json::parse(options)["challenge"];
    assertion.credential_id = credential_of(std::get<std::string>(start.arguments[0]));
    return {ipc::names::checks, "CheckPasskey", {challenge_id, tests::make_assertion(key_, assertion), ipc::Dict{}}};
  }

 private:
  static core::Bytes credential_of(const std::string& user) {
    core::Bytes id(32, 0);
    std::copy_n(user.begin(), std::min<std::size_t>(user.size(), id.size()), id.begin());
    return id;
  }

  ipc::Client bus_;
  std::string run_;
  std::optional<otp::Enrolment> enrolment_;  // the last one
  tests::SoftKey key_ = tests::SoftKey::generate(webauthn::algorithm::es256);
};

// ---- Running ----

class Load {
 public:
  using Clock = std::chrono::steady_clock;

  Load(const std::string& address, std::size_t clients) : connections_(address, clients) {}

  // Whichever connection is free makes the next call.
  void add(std::vector<Request> requests) {
    total_ = requests.size();
    of_any_.assign(std::make_move_iterator(requests.begin()), std::make_move_iterator(requests.end()));
  }
  // Each connection answers its own challenges.
  void add_answers(const Preparation& preparation, const std::vector<Request>& starts, std::size_t count) {
    total_ = count;
    for (std::size_t i = 0; i < count; ++i) {
      sd_bus* const bus = connections_.all()[i % connections_.all().size()];
      of_one_[bus].push_back(preparation.answer_to(starts[i % starts.size()], bus));
    }
  }

  void run() {
    for (sd_bus* bus : connections_.all()) next(bus);
    while (took_.size() < total_) connections_.process();
    if (failed_ > 0) throw std::runtime_error(std::to_string(failed_) + " calls failed, the last: " + last_failure_);
  }

  double p50() {
    std::ranges::nth_element(took_, took_.begin() + static_cast<std::ptrdiff_t>(took_.size() / 2));
    return took_[took_.size() / 2];
  }

 private:
  void next(sd_bus* bus) {
    std::deque<Request>& queue = of_one_.contains(bus) ? of_one_[bus] : of_any_;
    if (queue.empty()) return;
    const Message message = message_of(queue.front(), bus);
    queue.pop_front();
    began_[bus] = Clock::now();
    must(sd_bus_call_async(bus, nullptr, message.get(), on_answer, this, 0), "send");
  }

  static int on_answer(sd_bus_message* answer, void* context, sd_bus_error*) {
    auto* load = static_cast<Load*>(context);
    sd_bus* const bus = sd_bus_message_get_bus(answer);
    load->took_.push_back(Seconds(Clock::now() - load->began_[bus]).count());
    if (const sd_bus_error* error = sd_bus_message_get_error(answer)) {
      ++load->failed_;
      load->last_failure_ = error->message ? error->message : error->name;
    }
    load->next(bus);
    return 0;
  }

  Connections connections_;
  std::deque<Request> of_any_;
  std::map<sd_bus*, std::deque<Request>> of_one_;
  std::map<sd_bus*, Clock::time_point> began_;
  std::size_t total_ = 0;
  std::vector<double> took_;  // seconds
  std::size_t failed_ = 0;
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

// ---- Bare commits, likewise ----

// Of one appended row of 300 bytes, as durable as the store's; the median, in seconds.
double bare_commit_p50(const std::string& file, std::size_t count) {
  sqlite3* database = nullptr;
  const auto execute = [&](const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sql);
  };
  if (sqlite3_open(file.c_str(), &database) != SQLITE_OK) throw std::runtime_error("no database");
  execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, data BLOB)");
  std::vector<double> took;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    execute("INSERT INTO row (data) VALUES (randomblob(300))");
    took.push_back(Seconds(std::chrono::steady_clock::now() - start).count());
  }
  sqlite3_close(database);
  std::ranges::nth_element(took, took.begin() + static_cast<std::ptrdiff_t>(count / 2));
  return took[count / 2];
}

}  // namespace

// load bare-verification COUNT | load bare-commit COUNT FILE | load ADDRESS PID KIND CLIENTS CALLS RUN
int main(int argc, char** argv) try {
  if (argc == 3 && std::string(argv[1]) == "bare-verification") {
    std::printf("{\"cpu\": %.9f}\n", bare_verification_cpu(std::strtoul(argv[2], nullptr, 10)));
    return 0;
  }
  if (argc == 4 && std::string(argv[1]) == "bare-commit") {
    std::printf("{\"p50\": %.9f}\n", bare_commit_p50(argv[3], std::strtoul(argv[2], nullptr, 10)));
    return 0;
  }
  if (argc != 7) throw std::runtime_error("takes ADDRESS PID KIND CLIENTS CALLS RUN");
  const std::string address = argv[1];
  const std::size_t clients = std::strtoul(argv[4], nullptr, 10), calls = std::strtoul(argv[5], nullptr, 10);
  const CpuClock service(static_cast<pid_t>(std::strtol(argv[2], nullptr, 10)));

  const std::string kind = argv[3];

  Load warm_up(address, clients);
  warm_up.add(std::vector<Request>(500, {ipc::names::bench, "Nothing", {"", ipc::Dict{}}}));
  warm_up.run();
  Load load(address, clients);
  Preparation preparation(address, argv[6]);
  if (kind == "check-passkey")
    load.add_answers(preparation, preparation.requests(kind, clients), calls);
  else
    load.add(preparation.requests(kind, calls));
  std::printf("begins\n");
  std::fflush(stdout);
  const double cpu = service.seconds();
  const auto start = std::chrono::steady_clock::now();
  load.run();
  const Seconds elapsed = std::chrono::steady_clock::now() - start;
  std::printf("{\"rate\": %.1f, \"cpu\": %.9f, \"p50\": %.9f}\n", double(calls) / elapsed.count(),
              (service.seconds() - cpu) / double(calls), load.p50());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 1;
}
