// SPDX-License-Identifier: Apache-2.0
#include "daemon/clock_trust.hpp"

#include <sys/timex.h>

#include "core/failure.hpp"

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

constexpr core::Time written{std::chrono::sys_days(2026y / 1 / 1).time_since_epoch()};
// Between two readings of one clock, corrected by a time service, there are seconds and not minutes.
constexpr auto tolerance = 60s;

}  // namespace

bool ClockTrust::kernel_says_so() {
  timex state{};
  return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

const char* ClockTrust::doubt(core::Time now, core::Time last_event) const {
  if (now < written) return "the clock is before this software was written";
  if (now < last_event - tolerance) return "the clock is behind the last event";
  if (synchronized_required && !synchronized()) return "the clock is not synchronized";
  return nullptr;
}

void ClockTrust::require(core::Time now, core::Time last_event) const {
  if (const char* cause = doubt(now, last_event)) throw core::Error(core::failure::clock_untrusted, cause);
}

}  // namespace factord::daemon
