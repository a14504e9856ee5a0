// SPDX-License-Identifier: Apache-2.0
#include "ipc/bus_post.hpp"

#include <systemd/sd-bus.h>

#include <cstring>
#include <exception>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/codec.hpp"
#include "ipc/message.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

constexpr char driver[] = "org.freedesktop.DBus";
constexpr char driver_object[] = "/org/freedesktop/DBus";

void check(int result, const char* step) {
  if (result < 0) throw core::Error(core::failure::unavailable, std::string(step) + ": " + std::strerror(-result));
}

Message new_signal(sd_bus* bus, const Member& signal) {
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_signal(bus, &message, names::object, signal.interface.c_str(), signal.name.c_str()),
        "making a signal");
  return Message(message);
}

using UnreadAnswer = std::function<void(Post::Unread)>;

// dbus-daemon counts; dbus-broker does not tell, and does not let one reader get in the way of others either.
Post::Unread unread_in(sd_bus_message* message) try {
  using Outcome = Post::Unread::Outcome;
  if (sd_bus_message_is_method_error(message, "org.freedesktop.DBus.Error.NameHasNoOwner") > 0)
    return {Outcome::gone, 0};
  // Too many questions at a time: whatever lay there lies there still.
  if (sd_bus_message_is_method_error(message, "org.freedesktop.DBus.Error.LimitsExceeded") > 0)
    return {Outcome::told, UINT32_MAX, UINT32_MAX / 2};
  if (sd_bus_message_is_method_error(message, nullptr) != 0) return {Outcome::unknown, 0};
  const Dict counts = std::get<Dict>(read(message, Type::dict));
  const auto bytes = counts.find("OutgoingBytes"), fds = counts.find("OutgoingFDs");
  if (bytes == counts.end() || fds == counts.end()) return {Outcome::unknown, 0};
  return {Outcome::told, std::get<std::uint32_t>(bytes->second), std::get<std::uint32_t>(fds->second)};
} catch (const std::exception&) {
  return {Post::Unread::Outcome::unknown, 0};
}

int on_unread(sd_bus_message* message, void* context, sd_bus_error*) {
  (*static_cast<UnreadAnswer*>(context))(unread_in(message));
  return 0;
}

void drop_answer(void* context) { delete static_cast<UnreadAnswer*>(context); }

struct Goings final : Post::Watch {
  explicit Goings(std::unique_ptr<Bus::Watch> those) : watch(std::move(those)) {}
  std::unique_ptr<Bus::Watch> watch;
};

}  // namespace

void BusPost::emit_to(const std::string& unique_name, const Member& signal, const Values& values) try {
  const Message message = new_signal(raw_, signal);
  for (const Value& value : values) append(message.get(), value);
  check(sd_bus_send_to(raw_, message.get(), unique_name.c_str(), nullptr), "sending a signal");
} catch (const std::exception& error) {
  core::log(core::Severity::error, "A signal could not be sent", {{"FACTORD_CAUSE", error.what()}});
}

void BusPost::ask_unread(const std::string& unique_name, std::function<void(Unread)> answer) {
  auto context = std::make_unique<UnreadAnswer>(std::move(answer));
  sd_bus_slot* slot = nullptr;
  const int result = sd_bus_call_method_async(raw_, &slot, driver, driver_object, "org.freedesktop.DBus.Debug.Stats",
                                              "GetConnectionStats", on_unread, context.get(), "s", unique_name.c_str());
  if (result < 0) return (*context)({Unread::Outcome::unknown, 0});
  // The slot lives until the answer or the end of the connection, and takes the context with it.
  sd_bus_slot_set_destroy_callback(slot, drop_answer);
  static_cast<void>(context.release());
  sd_bus_slot_set_floating(slot, 1);
  sd_bus_slot_unref(slot);
}

std::unique_ptr<Post::Watch> BusPost::watch_goings(std::function<void(const std::string&)> gone) {
  return std::make_unique<Goings>(bus_.watch_all(std::move(gone)));
}

}  // namespace factord::ipc
