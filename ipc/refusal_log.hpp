// SPDX-License-Identifier: Apache-2.0
// The system log of refused calls: each once, with ids only, and not more of one uid than anybody could read. A caller
// that is refused a thousand times a second must not push everything else out of the log.
// Owned by the door; loop thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace factord::ipc {

class RefusalLog {
 public:
  // `uid` is missing where the caller could not be identified.
  void add(std::string_view method, std::optional<uid_t> uid, const core::Error& error);

 private:
  using Clock = std::chrono::steady_clock;
  struct Allowance {
    double lines = 0;  // that may still be written
    Clock::time_point refilled{};
    std::uint64_t left_out = 0;
  };
  bool may_write(uid_t uid);

  std::map<uid_t, Allowance> allowances_;
};

}  // namespace factord::ipc
