// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"

namespace factord::daemon {

Workers::Workers(sd_event* loop, unsigned threads) : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) {
  if (!wake_.valid() || sd_event_add_io(loop, &source_, wake_.get(), EPOLLIN, on_woken, this) < 0)
    throw core::Error(core::failure::unavailable, "no eventfd for the workers");
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    end();
    throw core::Error(core::failure::unavailable, std::string("no thread for a worker: ") + error.what());
  }
}

Workers::~Workers() { end(); }

void Workers::end() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_all();
  for (auto& thread : threads_) thread.join();
  sd_event_source_disable_unref(source_);
}

void Workers::run(std::function<void()> job, Done done) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({std::move(job), std::move(done)});
  }
  ++under_way_;
  waiting_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    waiting_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      job.work();
    } catch (...) {
      job.error = std::current_exception();
    }
    lock.lock();
    finished_.push_back(std::move(job));
    const std::uint64_t one = 1;
    // Full only after 2^64 - 1 jobs that nobody took.
    static_cast<void>(!write(wake_.get(), &one, sizeof one));
  }
}

int Workers::on_woken(sd_event_source*, int fd, std::uint32_t, void* self) {
  std::uint64_t count = 0;
  static_cast<void>(!read(fd, &count, sizeof count));
  static_cast<Workers*>(self)->hand_back();
  return 0;
}

// One in each round of the loop: in between the bus is read, so that a call which needs no worker does not wait for all
// who did.
void Workers::hand_back() {
  std::unique_lock lock(mutex_);
  if (finished_.empty()) return;
  const Job job = std::move(finished_.front());
  finished_.pop_front();
  lock.unlock();
  --under_way_;
  try {
    job.done(job.error);
  } catch (...) {
    core::log(core::Severity::error, "The end of a job failed");  // it must not pass through the loop
  }
}

}  // namespace factord::daemon
