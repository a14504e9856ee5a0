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

Workers::Workers(sd_event* loop, unsigned threads) : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
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
    if (finished_.size() == 1) wake();
  }
}

// The loop takes all that is finished at once: one for the first of them is enough.
void Workers::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof one));
}

int Workers::on_woken(sd_event_source*, int fd, std::uint32_t, void* self) {
  std::uint64_t count = 0;
  static_cast<void>(!read(fd, &count, sizeof count));
  static_cast<Workers*>(self)->hand_back();
  return 0;
}

void Workers::hand_back() {
  std::vector<Job> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  under_way_ -= finished.size();
  for (Job& job : finished) try {
      job.done(job.error);
    } catch (...) {
      // One that cannot be finished must not keep the others from it, nor pass through the loop.
      core::log(core::Severity::error, "The end of a job failed");
    }
}

}  // namespace factord::daemon
