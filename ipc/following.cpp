// SPDX-License-Identifier: Apache-2.0
#include "ipc/following.hpp"

#include <poll.h>
#include <systemd/sd-bus.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

constexpr char driver[] = "org.freedesktop.DBus";

void must(int result) {
  if (result < 0)
    throw RemoteError("org.freedesktop.DBus.Error.Disconnected", std::string("Bus: ") + std::strerror(-result));
}

std::string_view sender_of(sd_bus_message* message) {
  const char* sender = sd_bus_message_get_sender(message);
  return sender == nullptr ? std::string_view() : sender;
}

}  // namespace

Following::Following(Client& client, Listener listener) : client_(client), listener_(std::move(listener)) {
  const auto on_message = [](sd_bus_message* message, void* self, sd_bus_error*) {
    static_cast<Following*>(self)->receive(message);
    return 0;
  };
  // The signals come without a match: they are sent to this connection alone.
  must(sd_bus_add_filter(client_.bus_, &slot_, on_message, this));
  const int result =
      sd_bus_call_method(client_.bus_, driver, "/org/freedesktop/DBus", driver, "AddMatch", nullptr, nullptr, "s",
                         "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.factord1'");
  if (result < 0) sd_bus_slot_unref(slot_);
  must(result);
}

Following::~Following() { sd_bus_slot_unref(slot_); }

// Exceptions must not pass through sd-bus.
void Following::receive(sd_bus_message* message) noexcept {
  try {
    take(message);
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void Following::take(sd_bus_message* message) {
  if (sd_bus_message_is_signal(message, driver, "NameOwnerChanged") > 0 && sender_of(message) == driver) {
    const char *name = nullptr, *before = nullptr, *now = nullptr;
    must(sd_bus_message_read(message, "sss", &name, &before, &now));
    if (std::string_view(name) == names::service) take_owner(now);
  } else if (sd_bus_message_is_signal(message, names::factors, "FactorsChanged") > 0 && !owner_.empty() &&
             sender_of(message) == owner_ && sd_bus_message_has_signature(message, "sssss") > 0) {
    std::array<const char*, 5> texts{};
    must(sd_bus_message_read(message, "sssss", &texts[0], &texts[1], &texts[2], &texts[3], &texts[4]));
    listener_.told(Values(texts.begin(), texts.end()));
  }
}

void Following::take_owner(const std::string& owner) {
  if (owner == owner_) return;  // known since the subscription
  owner_ = owner;
  if (owner.empty()) return listener_.presence(false);
  subscribe();
  listener_.presence(true);
}

std::string Following::owner_now() {
  sd_bus_message* answer = nullptr;
  sd_bus_error error{};
  std::string owner;
  const int result = sd_bus_call_method(client_.bus_, driver, "/org/freedesktop/DBus", driver, "GetNameOwner", &error,
                                        &answer, "s", names::service);
  const char* name = nullptr;
  if (result >= 0 && sd_bus_message_read(answer, "s", &name) > 0) owner = name;
  sd_bus_message_unref(answer);
  const bool nobody = sd_bus_error_has_name(&error, "org.freedesktop.DBus.Error.NameHasNoOwner") > 0;
  sd_bus_error_free(&error);
  if (!nobody) must(result);
  return owner;
}

// The first call may start the daemon, and it may be another one before the last call: what was subscribed to must be
// the one whose name is known then. Where none is there any more, the bus is about to say so.
void Following::subscribe() {
  std::string owner;
  do {
    owner_ = owner_now();
    listener_.subscribe();
    owner = owner_now();
  } while (!owner.empty() && owner != owner_);
}

// False where it was interrupted.
bool Following::wait(int interruption) {
  const int events = sd_bus_get_events(client_.bus_);
  must(events);
  std::array<pollfd, 2> awaited{
      {{sd_bus_get_fd(client_.bus_), static_cast<short>(events), 0}, {interruption, POLLIN, 0}}};
  if (poll(awaited.data(), awaited.size(), -1) < 0 && errno != EINTR) must(-errno);
  return awaited[1].revents == 0;
}

void Following::run(int interruption, const std::function<void()>& ready) {
  subscribe();
  ready();
  do {
    for (int result = 1; result > 0;) {
      must(result = sd_bus_process(client_.bus_, nullptr));
      if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
  } while (wait(interruption));
}

}  // namespace factord::ipc
