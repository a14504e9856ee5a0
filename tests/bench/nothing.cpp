// SPDX-License-Identifier: Apache-2.0
// Calls of the no-op org.factord1.Bench.Nothing, at factord or at a bare service, by whatever user runs this: a counted
// load, a flood until SIGTERM, or the victim of one. Prints one JSON line; a flood says first when it begins.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/names.hpp"
#include "tests/bench/connections.hpp"

namespace {

using namespace factord;
using namespace factord::bench;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds time_of_victim{1.0};
constexpr std::size_t least_of_victim = 25;
constexpr std::size_t warm_up = 2000;

struct Target {
  std::string address;
  std::string service;
  std::string about;  // user_id
  bool refused;       // what the caller must be told
  bool flood;

  sd_bus_message* call(sd_bus* bus) const {
    sd_bus_message* message = nullptr;
    must(sd_bus_message_new_method_call(bus, &message, service.c_str(), ipc::names::object, ipc::names::bench,
                                        "Nothing"),
         "call");
    must(sd_bus_message_append(message, "sa{sv}", about.c_str(), 0), "arguments");
    return message;
  }

  // What is wrong with an answer, if it is not the one that is to be measured.
  std::string fault_of(sd_bus_message* answer) const {
    const sd_bus_error* error = sd_bus_message_get_error(answer);
    if (error == nullptr) return refused ? "a call was not refused" : "";
    if (refused && sd_bus_error_has_name(error, "org.factord1.Error.PermissionDenied") > 0) return "";
    // A flood may be more than is let in at once, as while its user's account is looked up.
    if (flood && sd_bus_error_has_name(error, "org.factord1.Error.ResourceExhausted") > 0) return "";
    return std::string(error->name) + ": " + error->message;
  }
};

volatile sig_atomic_t ended = 0;

// ---- Many calls at once ----

class Calls {
 public:
  // Before each call go so many that want no reply.
  Calls(const Target& target, std::size_t connections, std::size_t unanswered = 0)
      : target_(target), unanswered_(unanswered), connections_(target.address, connections) {}

  // With so many of each connection in flight.
  void run(std::size_t count, std::size_t in_flight) {
    left_ = count;
    for (std::size_t i = 0; i < in_flight; ++i)
      for (sd_bus* bus : connections_.all()) next(bus);
    while (in_flight_ > 0 && ended == 0) connections_.process();
    if (!fault_.empty()) throw std::runtime_error(fault_);
  }

  std::size_t sent() const { return sent_; }

 private:
  void next(sd_bus* bus) {
    if (left_ == 0) return;
    --left_;
    send_unanswered(bus);
    sd_bus_message* message = target_.call(bus);
    must(sd_bus_call_async(bus, nullptr, message, on_answer, this, 0), "send");
    sd_bus_message_unref(message);
    ++in_flight_;
    ++sent_;
  }

  void send_unanswered(sd_bus* bus) {
    for (std::size_t i = 0; i < unanswered_; ++i, ++sent_) {
      sd_bus_message* message = target_.call(bus);
      must(sd_bus_message_set_expect_reply(message, 0), "flag");
      must(sd_bus_send(bus, message, nullptr), "send");
      sd_bus_message_unref(message);
    }
  }

  static int on_answer(sd_bus_message* answer, void* context, sd_bus_error*) {
    auto* calls = static_cast<Calls*>(context);
    --calls->in_flight_;
    if (std::string fault = calls->target_.fault_of(answer); !fault.empty()) {
      calls->fault_ = std::move(fault);
      calls->left_ = 0;
    }
    calls->next(sd_bus_message_get_bus(answer));
    return 0;
  }

  const Target& target_;
  std::size_t unanswered_;
  Connections connections_;
  std::size_t left_ = 0, in_flight_ = 0, sent_ = 0;
  std::string fault_;
};

void load(const Target& target, pid_t service, std::size_t connections, std::size_t count) {
  Calls calls(target, connections);
  calls.run(warm_up, 1);
  const CpuClock clock(service);
  const double cpu = clock.seconds();
  const auto start = Clock::now();
  calls.run(count, 1);
  const Seconds elapsed = Clock::now() - start;
  std::printf("{\"rate\": %.1f, \"cpu\": %.9f}\n", double(count) / elapsed.count(),
              (clock.seconds() - cpu) / double(count));
}

// Nobody waits for a call that wants no reply; those that want one keep the flood below what the bus takes at all.
void flood(const Target& target, std::size_t connections, std::size_t in_flight, std::size_t unanswered) {
  struct sigaction action {};
  action.sa_handler = [](int) { ended = 1; };
  sigaction(SIGTERM, &action, nullptr);
  Calls calls(target, connections, unanswered);
  calls.run(connections, 1);
  std::puts("flooding");
  std::fflush(stdout);
  const auto start = Clock::now();
  calls.run(SIZE_MAX, in_flight);
  std::printf("{\"rate\": %.1f}\n", double(calls.sent()) / Seconds(Clock::now() - start).count());
}

// ---- One call after the other ----

double one_call(const Target& target, sd_bus* bus) {
  sd_bus_message *message = target.call(bus), *answer = nullptr;
  sd_bus_error error = SD_BUS_ERROR_NULL;
  const auto start = Clock::now();
  const int result = sd_bus_call(bus, message, 0, &error, &answer);
  const Seconds took = Clock::now() - start;
  sd_bus_message_unref(message);
  sd_bus_message_unref(answer);
  sd_bus_error_free(&error);
  must(result, "the call of the victim");
  return took.count();
}

void victim(const Target& target) {
  const Connections connection(target.address, 1);
  for (const auto start = Clock::now(); Clock::now() - start < time_of_victim / 5;)
    one_call(target, connection.all().front());
  std::vector<double> took;
  for (const auto start = Clock::now(); Clock::now() - start < time_of_victim || took.size() < least_of_victim;)
    took.push_back(one_call(target, connection.all().front()));
  std::ranges::sort(took);
  std::printf("{\"calls\": %zu, \"p50\": %.9f, \"p99\": %.9f}\n", took.size(), took[took.size() / 2],
              took[took.size() * 99 / 100]);
}

std::size_t number(const char* text) { return std::strtoul(text, nullptr, 10); }

}  // namespace

// nothing load|flood|victim ADDRESS SERVICE ABOUT answered|refused …
// load … PID CONNECTIONS CALLS, flood … CONNECTIONS IN_FLIGHT UNANSWERED, victim …
int main(int argc, char** argv) try {
  if (argc < 6) throw std::runtime_error("takes load|flood|victim ADDRESS SERVICE ABOUT answered|refused …");
  const std::string_view part = argv[1];
  const Target target{argv[2], argv[3], argv[4], std::string_view(argv[5]) == "refused", part == "flood"};
  if (part == "load" && argc == 9)
    load(target, static_cast<pid_t>(number(argv[6])), number(argv[7]), number(argv[8]));
  else if (part == "flood" && argc == 9)
    flood(target, number(argv[6]), number(argv[7]), number(argv[8]));
  else if (part == "victim")
    victim(target);
  else
    throw std::runtime_error("other arguments are needed");
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "nothing: %s\n", error.what());
  return 1;
}
