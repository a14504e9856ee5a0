// SPDX-License-Identifier: Apache-2.0
#include "ipc/screen.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <cstring>

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

// What the description of the interfaces stays below.
constexpr std::uint64_t of_introspection = 16u << 10;

std::uint64_t expected_size(sd_bus_message* call) {
  return std::strcmp(sd_bus_message_get_member(call), "Introspect") == 0 ? of_introspection : Backlog::usual_answer;
}

// sd-bus looks an object up by every prefix of its path, each hashed from its beginning: thirty thousand parts cost a
// third of a second. Nothing here has a path of more than a few.
constexpr std::size_t longest_path = 255;

bool has_long_path(sd_bus_message* call) {
  return strnlen(sd_bus_message_get_path(call), longest_path + 1) > longest_path;
}

}  // namespace

Screen::Screen(const Bus& bus, Backlog& backlog) : backlog_(backlog) {
  const auto met = [](sd_bus_message* message, void* self, sd_bus_error*) {
    return static_cast<Screen*>(self)->meet(message);
  };
  if (sd_bus_add_filter(bus.raw(), &slot_, met, this) < 0)
    throw core::Error(core::failure::unavailable, "screening calls: out of memory");
}

Screen::~Screen() { sd_bus_slot_unref(slot_); }

int Screen::meet(sd_bus_message* message) try {
  if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0) return 0;
  // First, because any answer may be left unread, a refusal of the path, too.
  if (sd_bus_message_get_expect_reply(message) > 0 && weigh(message) != 0) return 1;
  if (!has_long_path(message)) return 0;
  sd_bus_reply_method_errorf(message, SD_BUS_ERROR_UNKNOWN_OBJECT, "Unknown object");
  return 1;
} catch (const std::exception&) {
  return 1;  // out of memory: the call stays without an answer
}

int Screen::weigh(sd_bus_message* message) {
  const char* sender = sd_bus_message_get_sender(message);
  if (sender == nullptr) return 0;
  const Backlog::Verdict verdict = backlog_.on_call(sender, expected_size(message));
  if (verdict == Backlog::Verdict::answer) return 0;
  complain(message);
  if (verdict == Backlog::Verdict::refuse) {
    const std::string name = std::string(names::error_prefix) + "ResourceExhausted";
    const core::Error error = core::Error::because(core::failure::quota, "Answers must be read");
    sd_bus_reply_method_errorf(message, name.c_str(), "%s", error.what());
  }
  return 1;
}

// Whoever calls the daemon can bring this about at will, so it is said seldom.
void Screen::complain(sd_bus_message* message) {
  constexpr std::uint64_t between = 60'000'000;  // microseconds
  std::uint64_t now = 0;
  if (sd_event_now(sd_bus_get_event(sd_bus_message_get_bus(message)), CLOCK_MONOTONIC, &now) < 0 || now < quiet_until_)
    return;
  quiet_until_ = now + between;
  core::log(core::Severity::notice, "A caller does not read its answers: its calls are not answered until it does");
}

}  // namespace factord::ipc
