// SPDX-License-Identifier: Apache-2.0
// What it takes to send signals to single connections and to know how far they have read. The bus provides it; tests
// stand in for it. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ipc/value.hpp"

namespace factord::ipc {

struct Member;  // ipc/bus.hpp

class Post {
 public:
  virtual ~Post() = default;

  // To that connection alone. A signal that cannot be sent is logged.
  virtual void emit_to(const std::string& unique_name, const Member& signal, const Values& values) = 0;

  // Of what was sent to that connection before this question, how much it has not read yet. May answer at once.
  struct Unread {
    enum class Outcome { told, unknown, gone } outcome;  // unknown: this bus does not say
    std::uint64_t bytes = 0;
    std::uint32_t fds = 0;
  };
  virtual void ask_unread(const std::string& unique_name, std::function<void(Unread)> answer) = 0;

  // Calls `gone` for every connection that leaves the bus, and every other name that is given up, for as long as the
  // watch is kept. It may be dropped from within.
  class Watch {
   public:
    virtual ~Watch() = default;
  };
  virtual std::unique_ptr<Watch> watch_goings(std::function<void(const std::string& name)> gone) = 0;
};

}  // namespace factord::ipc
