// SPDX-License-Identifier: Apache-2.0
#include "ipc/bus.hpp"

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/message.hpp"
#include "ipc/names.hpp"
#include "ipc/published.hpp"
#include "ipc/signals.hpp"

namespace factord::ipc {
namespace {

// sdbus-c++ keeps the sd-bus message protected; naming the member through a derived class is the legal way to it.
struct Peek : sdbus::Message {
  static sd_bus_message* raw(const sdbus::Message& message) {
    return static_cast<sd_bus_message*>(message.*(&Peek::msg_));
  }
};

[[noreturn]] void refuse(const std::string& step, const std::string& cause) {
  throw core::Error(core::failure::unavailable, step + ": " + cause);
}

std::unique_ptr<sdbus::IConnection> open_connection(const std::string& bus) {
  if (bus == "system") return sdbus::createSystemBusConnection();
  if (bus == "session") return sdbus::createSessionBusConnection();
  return sdbus::createSessionBusConnectionWithAddress(bus);
}

std::optional<Credentials> read_credentials(sd_bus_message* message) {
  std::optional<uid_t> uid;
  Credentials credentials{};
  if (sd_bus_message_enter_container(message, 'a', "{sv}") < 0) return std::nullopt;
  while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
    const char* key = nullptr;
    if (sd_bus_message_read_basic(message, 's', &key) < 0) return std::nullopt;
    if (std::strcmp(key, "UnixUserID") == 0) {
      std::uint32_t number = 0;
      if (uid || sd_bus_message_read(message, "v", "u", &number) < 0) return std::nullopt;  // two are none
      uid = number;
    } else if (std::strcmp(key, "UnixGroupIDs") == 0) {
      const void* groups = nullptr;
      std::size_t size = 0;
      if (sd_bus_message_enter_container(message, 'v', "au") < 0 ||
          sd_bus_message_read_array(message, 'u', &groups, &size) < 0 || sd_bus_message_exit_container(message) < 0)
        return std::nullopt;
      const auto* first = static_cast<const std::uint32_t*>(groups);
      credentials.groups.assign(first, first + size / sizeof(std::uint32_t));
    } else if (sd_bus_message_skip(message, "v") < 0) {
      return std::nullopt;
    }
    if (sd_bus_message_exit_container(message) < 0) return std::nullopt;
  }
  // A uid of -1 would be "nobody said"; dbus-daemon never sends it, and no one may be taken for it.
  if (!uid || *uid == static_cast<uid_t>(-1)) return std::nullopt;
  credentials.uid = *uid;
  return credentials;
}

using CredentialsAnswer = std::function<void(std::optional<Credentials>)>;

int on_credentials(sd_bus_message* message, void* context, sd_bus_error*) {
  std::optional<Credentials> credentials;
  if (sd_bus_message_is_method_error(message, nullptr) == 0) credentials = read_credentials(message);
  (*static_cast<CredentialsAnswer*>(context))(std::move(credentials));
  return 0;
}

void drop_answer(void* context) { delete static_cast<CredentialsAnswer*>(context); }

struct SlotPending final : Bus::Pending {
  ~SlotPending() override { sd_bus_slot_unref(slot); }
  sd_bus_slot* slot = nullptr;
  Bus::Reply reply;
};

int on_reply(sd_bus_message* message, void* context, sd_bus_error*) {
  // Moved out: the callback may drop its own call.
  const auto reply = std::move(static_cast<SlotPending*>(context)->reply);
  reply(message);
  return 0;
}

// Null where there is no memory, or the arguments cannot be written.
Message new_call(sd_bus* bus, const Bus::Target& target, const Bus::Write& write) {
  sd_bus_message* message = nullptr;
  if (sd_bus_message_new_method_call(bus, &message, target.service, target.object, target.interface, target.member) < 0)
    return nullptr;
  Message call(message);
  return write(message) ? std::move(call) : nullptr;
}

// Counts up every few milliseconds.
timespec tick() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now;
}

bool is_over(const timespec& start) {
  const timespec now = tick();
  return now.tv_nsec != start.tv_nsec || now.tv_sec != start.tv_sec;
}

// sd-bus reads one message in each round of the loop, and a round costs about as much as a call that does nothing. So
// after each more are read, and not so many that timers and workers would wait: a few megabytes take long to judge.
constexpr int in_a_round = 32;

int drain(sd_event_source* source, void* bus) {
  const timespec start = tick();
  int result = 1;
  for (int i = 0; i < in_a_round && result > 0 && !is_over(start); ++i)
    result = sd_bus_process(static_cast<sd_bus*>(bus), nullptr);
  if (result >= 0) return 0;
  // Where sd-bus reads by itself, it gives such a connection up, too.
  core::log(core::Severity::error, "The bus cannot be read any more", {{"FACTORD_CAUSE", std::strerror(-result)}});
  return sd_event_exit(sd_event_source_get_event(source), EXIT_FAILURE);
}

}  // namespace

struct Bus::Parts {
  std::unique_ptr<sdbus::IConnection> connection;
  sd_bus* raw = nullptr;  // the connection's own
  std::optional<Signals> signals;
  std::optional<Published> published;
  sd_event_source* drain = nullptr;
};

Bus::Bus(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Bus::~Bus() {
  sd_event_source_disable_unref(parts_->drain);
  if (parts_->raw != nullptr) sd_bus_detach_event(parts_->raw);
}

std::unique_ptr<Bus> Bus::connect(const std::string& bus) try {
  auto parts = std::make_unique<Parts>();
  parts->connection = open_connection(bus);
  const auto object = sdbus::createObject(*parts->connection, names::object);
  parts->raw = sd_bus_message_get_bus(Peek::raw(object->createSignal(names::factors, "Any")));
  parts->signals.emplace(parts->raw);
  return std::unique_ptr<Bus>(new Bus(std::move(parts)));
} catch (const sdbus::Error& error) {
  refuse("connecting to bus " + bus, error.what());
}

void Bus::publish(std::vector<std::pair<Member, Handler>> methods, std::vector<Property> properties,
                  std::vector<Member> signals) {
  parts_->published.emplace(parts_->raw, std::move(methods), std::move(properties), std::move(signals));
}

void Bus::claim_name() try { parts_->connection->requestName(names::service); } catch (const sdbus::Error& error) {
  refuse(std::string("claiming the bus name ") + names::service, error.what());
}

sd_bus* Bus::raw() const { return parts_->raw; }

void Bus::attach(sd_event* loop) {
  const int result = sd_bus_attach_event(parts_->raw, loop, SD_EVENT_PRIORITY_NORMAL);
  if (result < 0) refuse("attaching the bus to the loop", std::strerror(-result));
  if (sd_event_add_post(loop, &parts_->drain, drain, parts_->raw) < 0)
    refuse("attaching the bus to the loop", "memory");
  // Otherwise a connection that the bus has closed goes unnoticed.
  sd_bus_set_exit_on_disconnect(parts_->raw, 1);
}

void Bus::credentials_of(const std::string& unique_name, CredentialsAnswer answer) {
  auto context = std::make_unique<CredentialsAnswer>(std::move(answer));
  sd_bus_slot* slot = nullptr;
  const int result = sd_bus_call_method_async(parts_->raw, &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                              "org.freedesktop.DBus", "GetConnectionCredentials", on_credentials,
                                              context.get(), "s", unique_name.c_str());
  if (result < 0) return (*context)(std::nullopt);
  // The slot lives until the answer or the end of the connection, and takes the context with it.
  sd_bus_slot_set_destroy_callback(slot, drop_answer);
  static_cast<void>(context.release());
  sd_bus_slot_set_floating(slot, 1);
  sd_bus_slot_unref(slot);
}

std::unique_ptr<Bus::Pending> Bus::call(const Target& target, const Write& write, Reply reply) {
  const Message message = new_call(parts_->raw, target, write);
  if (!message) return nullptr;
  auto pending = std::make_unique<SlotPending>();
  pending->reply = std::move(reply);
  if (sd_bus_call_async(parts_->raw, &pending->slot, message.get(), on_reply, pending.get(), UINT64_MAX) < 0)
    return nullptr;
  return pending;
}

void Bus::tell(const Target& target, const Write& write) {
  const Message message = new_call(parts_->raw, target, write);
  if (!message || sd_bus_message_set_auto_start(message.get(), 0) < 0 ||
      sd_bus_message_set_expect_reply(message.get(), 0) < 0 || sd_bus_send(parts_->raw, message.get(), nullptr) < 0)
    core::log(core::Severity::notice, "A message to another service could not be sent");
}

std::unique_ptr<Bus::Watch> Bus::watch(const std::string& unique_name, std::function<void()> gone) {
  return parts_->signals->departures(unique_name, [gone = std::move(gone)](const std::string&) { gone(); });
}

std::unique_ptr<Bus::Watch> Bus::watch_all(std::function<void(const std::string& name)> gone) {
  return parts_->signals->departures({}, std::move(gone));
}

std::unique_ptr<Bus::Watch> Bus::listen(const Target& signal, std::function<void()> heard) {
  return parts_->signals->signals(signal, [heard = std::move(heard)](const std::string&) { heard(); });
}

}  // namespace factord::ipc
