// SPDX-License-Identifier: Apache-2.0
// The wall clock, passed in. Nothing else asks for the time of day.
#pragma once

#include <chrono>

namespace factord::core {

// Microseconds since 1970 UTC, as the bus and the store count.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  // May be called from any thread.
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

}  // namespace factord::core
