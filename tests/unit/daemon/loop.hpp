// SPDX-License-Identifier: Apache-2.0
// A real event loop that a test turns by hand.
#pragma once

#include <systemd/sd-event.h>

#include <functional>
#include <stdexcept>

namespace factord::tests {

class Loop {
 public:
  Loop() {
    if (sd_event_new(&loop_) < 0) throw std::runtime_error("no event loop");
  }
  ~Loop() { sd_event_unref(loop_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  sd_event* get() const { return loop_; }
  // Runs until it is so. What never becomes so ends with the test's own time limit.
  void until(const std::function<bool()>& is_so) const {
    while (!is_so())
      if (sd_event_run(loop_, UINT64_MAX) < 0) throw std::runtime_error("the loop does not run");
  }
  // True if there was something to do now.
  bool turn() const { return sd_event_run(loop_, 0) > 0; }

 private:
  sd_event* loop_ = nullptr;
};

}  // namespace factord::tests
