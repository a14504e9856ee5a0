// SPDX-License-Identifier: Apache-2.0
#include "ipc/signals.hpp"

#include <systemd/sd-bus.h>

#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "core/failure.hpp"
#include "core/log.hpp"

namespace factord::ipc {
namespace {

constexpr char driver[] = "org.freedesktop.DBus";
constexpr char driver_object[] = "/org/freedesktop/DBus";

// Departures are filed under the name, which is unique (":1.7"), or under none; no interface looks like either.
std::string topic_of(const std::string& interface, const std::string& member) { return interface + "." + member; }

// Who leaves and is not watched is merely remembered longer: unique names are never given twice.
int on_rule_taken(sd_bus_message* message, void*, sd_bus_error*) {
  if (sd_bus_message_is_method_error(message, nullptr) != 0)
    core::log(core::Severity::notice, "The bus takes no more match rules: it does not tell when a caller leaves");
  return 0;
}

}  // namespace

class Signals::Place final : public Watch {
 public:
  Place(Signals& signals, Listeners::iterator listener) : signals_(signals), listener_(listener) {}
  ~Place() override { signals_.forget(listener_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  Signals& signals_;
  Listeners::iterator listener_;
};

Signals::Signals(sd_bus* bus) : bus_(bus) {
  const auto on_message = [](sd_bus_message* message, void* self, sd_bus_error*) {
    if (sd_bus_message_is_signal(message, nullptr, nullptr) > 0) static_cast<Signals*>(self)->meet(message);
    return 0;
  };
  if (sd_bus_add_filter(bus, &slot_, on_message, this) < 0)
    throw core::Error(core::failure::unavailable, "listening to signals: out of memory");
}

Signals::~Signals() { sd_bus_slot_unref(slot_); }

std::unique_ptr<Signals::Watch> Signals::departures(const std::string& name, Heard gone) {
  const std::string whose = name.empty() ? "" : ",arg0='" + name + "'";
  return listen(name, "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'" + whose + ",arg2=''",
                std::move(gone));
}

std::unique_ptr<Signals::Watch> Signals::signals(const Bus::Target& signal, Heard heard) {
  const std::string rule = std::string("type='signal',sender='") + signal.service + "',path='" + signal.object +
                           "',interface='" + signal.interface + "',member='" + signal.member + "'";
  return listen(topic_of(signal.interface, signal.member), rule, std::move(heard));
}

std::unique_ptr<Signals::Watch> Signals::listen(const std::string& topic, const std::string& rule, Heard heard) {
  const auto at = listeners_.emplace(topic, std::make_shared<Listener>(Listener{rule, std::move(heard)}));
  auto place = std::make_unique<Place>(*this, at);
  const int result = sd_bus_call_method_async(bus_, nullptr, driver, driver_object, driver, "AddMatch", on_rule_taken,
                                              nullptr, "s", rule.c_str());
  if (result < 0)
    throw core::Error(core::failure::unavailable, std::string("listening to signals: ") + std::strerror(-result));
  return place;
}

void Signals::forget(Listeners::iterator listener) {
  listener->second->over = true;
  // No answer is wanted: the bus may never have taken the rule.
  sd_bus_message* message = nullptr;
  if (sd_bus_message_new_method_call(bus_, &message, driver, driver_object, driver, "RemoveMatch") >= 0 &&
      sd_bus_message_append_basic(message, 's', listener->second->rule.c_str()) >= 0 &&
      sd_bus_message_set_expect_reply(message, 0) >= 0)
    sd_bus_send(bus_, message, nullptr);
  sd_bus_message_unref(message);
  listeners_.erase(listener);
}

// What comes from the bus carries its name as the sender, and what comes from a connection never does.
void Signals::meet(sd_bus_message* signal) try {
  const char* sender = sd_bus_message_get_sender(signal);
  if (sender == nullptr || std::strcmp(sender, driver) != 0)
    return tell(topic_of(sd_bus_message_get_interface(signal), sd_bus_message_get_member(signal)), {});
  const char *name = nullptr, *before = nullptr, *after = nullptr;
  if (sd_bus_message_is_signal(signal, driver, "NameOwnerChanged") <= 0 ||
      sd_bus_message_read(signal, "sss", &name, &before, &after) < 0 || *after != '\0')
    return;
  const std::string gone = name;
  tell(gone, gone);
  tell({}, gone);
} catch (const std::exception& error) {
  core::log(core::Severity::error, "A signal was not attended to", {{"FACTORD_CAUSE", error.what()}});
}

// Each may drop its own watch and those of others.
void Signals::tell(const std::string& topic, const std::string& name) const {
  std::vector<std::shared_ptr<const Listener>> listeners;
  const auto [begin, end] = listeners_.equal_range(topic);
  for (auto listener = begin; listener != end; ++listener) listeners.push_back(listener->second);
  for (const auto& listener : listeners)
    if (!listener->over) listener->heard(name);
}

}  // namespace factord::ipc
