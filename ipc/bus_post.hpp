// SPDX-License-Identifier: Apache-2.0
// Signals to single connections, by the bus's own connection and sd-bus alone. Owned by the door, outlived by the bus;
// loop thread.
#pragma once

#include "ipc/bus.hpp"
#include "ipc/post.hpp"

namespace factord::ipc {

class BusPost final : public Post {
 public:
  explicit BusPost(Bus& bus) : bus_(bus), raw_(bus.raw()) {}

  void emit_to(const std::string& unique_name, const Member& signal, const Values& values) override;
  void ask_unread(const std::string& unique_name, std::function<void(Unread)> answer) override;
  std::unique_ptr<Watch> watch_goings(std::function<void(const std::string& name)> gone) override;

 private:
  Bus& bus_;
  sd_bus* raw_;
};

}  // namespace factord::ipc
