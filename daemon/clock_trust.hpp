// SPDX-License-Identifier: Apache-2.0
// Whether the clock can be trusted with codes that hang on the time: one that was set back would let spent codes in
// again. Pure but for asking the kernel; loop thread.
#pragma once

#include "core/clock.hpp"

namespace factord::daemon {

struct ClockTrust {
  bool synchronized_required = false;       // [Totp] RequireSynchronizedClock=
  bool (*synchronized)() = kernel_says_so;  // tests say otherwise

  // Throws Error (clock_untrusted) where now is more than a minute before `last_event`, or before this software was
  // written, or where the clock must be synchronized and is not.
  void require(core::Time now, core::Time last_event) const;
  bool trusted(core::Time now, core::Time last_event) const { return doubt(now, last_event) == nullptr; }

  static bool kernel_says_so();

 private:
  const char* doubt(core::Time now, core::Time last_event) const;  // null: none
};

}  // namespace factord::daemon
