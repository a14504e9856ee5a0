// SPDX-License-Identifier: Apache-2.0
// Owns polkit's name on the bus of the session, keeps what it is asked, and answers when the test says so. It shares
// the loop of who asks.
#pragma once

#include <systemd/sd-bus.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/ipc/wire.hpp"

namespace factord::tests {

class ScriptedAuthority {
 public:
  explicit ScriptedAuthority(sd_event* loop) {
    must(sd_bus_open_user(&bus_));
    must(sd_bus_add_filter(bus_, nullptr, on_message, this));
    must(sd_bus_request_name(bus_, "org.freedesktop.PolicyKit1", 0));
    must(sd_bus_attach_event(bus_, loop, SD_EVENT_PRIORITY_NORMAL));
  }
  ~ScriptedAuthority() {
    asked_.clear();
    sd_bus_flush_close_unref(bus_);
  }
  ScriptedAuthority(const ScriptedAuthority&) = delete;
  ScriptedAuthority& operator=(const ScriptedAuthority&) = delete;

  // The cancellation ids of the questions, in the order they came in, and of those that were taken back.
  std::vector<std::string> questions;
  std::vector<std::string> cancelled;

  void answer(const std::string& question, bool yes) {
    must(sd_bus_reply_method_return(asked_.at(question).get(), "(bba{ss})", static_cast<int>(yes), 0, 0));
  }

 private:
  static int on_message(sd_bus_message* message, void* self, sd_bus_error*) {
    constexpr char authority[] = "org.freedesktop.PolicyKit1.Authority";
    auto& me = *static_cast<ScriptedAuthority*>(self);
    const char* id = nullptr;
    if (sd_bus_message_is_method_call(message, authority, "CheckAuthorization") > 0) {
      must(sd_bus_message_skip(message, "(sa{sv})sa{ss}u"));
      must(sd_bus_message_read(message, "s", &id));
      me.questions.emplace_back(id);
      me.asked_.emplace(id, Message(sd_bus_message_ref(message), sd_bus_message_unref));
    } else if (sd_bus_message_is_method_call(message, authority, "CancelCheckAuthorization") > 0) {
      must(sd_bus_message_read(message, "s", &id));
      me.cancelled.emplace_back(id);
    } else {
      return 0;
    }
    return 1;
  }

  sd_bus* bus_ = nullptr;
  std::map<std::string, Message> asked_;
};

}  // namespace factord::tests
