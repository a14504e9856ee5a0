// SPDX-License-Identifier: Apache-2.0
// A few threads for what is slow and pure: signatures. Jobs run in the order they come; their results are handed back
// on the loop thread, one in each of its rounds, because replies that other threads send stall sdbus-c++ 1.2. Owned by
// main; run() and busy() on the loop thread.
#pragma once

#include <systemd/sd-event.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/fd.hpp"

namespace factord::daemon {

class Workers {
 public:
  using Done = std::function<void(std::exception_ptr)>;

  Workers(sd_event* loop, unsigned threads);  // throws Error (unavailable)
  ~Workers();                                 // waits for the jobs that run; those that wait are dropped, unfinished
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // `job` must not touch what the loop thread owns. `done` gets what the job threw, or null.
  void run(std::function<void()> job, Done done);
  // Is there a job that was not handed back yet?
  bool busy() const { return under_way_ != 0; }

 private:
  struct Job {
    std::function<void()> work;
    Done done;
    std::exception_ptr error{};
  };
  void work();
  void end();
  void hand_back();
  static int on_woken(sd_event_source*, int, std::uint32_t, void* self);

  std::size_t under_way_ = 0;  // known to the loop thread alone
  core::Fd wake_;
  sd_event_source* source_ = nullptr;
  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<Job> queue_;     // under mutex_
  std::deque<Job> finished_;  // under mutex_; wake_ counts them
  bool stopping_ = false;     // under mutex_
  std::vector<std::thread> threads_;
};

}  // namespace factord::daemon
