// SPDX-License-Identifier: Apache-2.0
#include "daemon/batch.hpp"

#include <algorithm>
#include <utility>

#include "core/failure.hpp"
#include "core/log.hpp"

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

// Below this a flush costs less than waiting for those who may come.
constexpr auto fast_flush = 1ms;
// A bus that never falls silent must not keep a batch open for ever; and while many are answered at once, everybody
// else waits. A commit after 32 times its own time costs three percent.
constexpr auto longest_batch = 50ms;
constexpr int flushes_in_a_batch = 32;
constexpr std::size_t folded_at_once = 256;  // users, at least

// Unless it is scheduled.
void schedule(sd_event_source* source, std::chrono::microseconds delay) {
  int armed = SD_EVENT_OFF;
  sd_event_source_get_enabled(source, &armed);
  if (armed != SD_EVENT_OFF) return;
  sd_event_source_set_time_relative(source, static_cast<std::uint64_t>(delay.count()));
  sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

core::Error lost(const std::string& cause) { return core::Error(core::failure::unavailable, cause); }

}  // namespace

Batch::Batch(sd_event* loop, storage::Store& store, Bounds bounds)
    : store_(store), bounds_(bounds), flush_(bounds.flush) {
  const auto on_idle = [](sd_event_source*, void* self) {
    static_cast<Batch*>(self)->on_drained();
    return 0;
  };
  const auto on_window_end = [](sd_event_source*, std::uint64_t, void* self) {
    static_cast<Batch*>(self)->close();
    return 0;
  };
  const auto on_truncation = [](sd_event_source*, std::uint64_t, void* self) {
    static_cast<Batch*>(self)->truncate();
    return 0;
  };
  const auto on_folding = [](sd_event_source*, std::uint64_t, void* self) {
    static_cast<Batch*>(self)->fold();
    return 0;
  };
  if (sd_event_add_defer(loop, &drained_, on_idle, this) < 0 ||
      sd_event_source_set_priority(drained_, SD_EVENT_PRIORITY_IDLE) < 0 ||
      sd_event_source_set_enabled(drained_, SD_EVENT_OFF) < 0 ||
      sd_event_add_time(loop, &window_end_, CLOCK_MONOTONIC, 0, 1, on_window_end, this) < 0 ||
      sd_event_source_set_enabled(window_end_, SD_EVENT_OFF) < 0 ||
      sd_event_add_time(loop, &truncation_, CLOCK_MONOTONIC, 0, 0, on_truncation, this) < 0 ||
      sd_event_source_set_enabled(truncation_, SD_EVENT_OFF) < 0 ||
      sd_event_add_time(loop, &folding_, CLOCK_MONOTONIC, 0, 0, on_folding, this) < 0 ||
      sd_event_source_set_enabled(folding_, SD_EVENT_OFF) < 0)
    throw lost("no event sources for the batch");
  schedule_upkeep();
}

Batch::~Batch() {
  if (open_) store_.rollback();
  sd_event_source_disable_unref(drained_);
  sd_event_source_disable_unref(window_end_);
  sd_event_source_disable_unref(truncation_);
  sd_event_source_disable_unref(folding_);
}

std::exception_ptr Batch::attempt(ipc::Effect effect, const std::function<void()>& operation) try {
  if (std::exchange(stale_, false)) reopen();
  if (effect == ipc::Effect::writes)
    write(operation);
  else
    operation();
  return nullptr;
} catch (...) {
  // A full disk or an I/O error may have undone the others' operations too, even in a read.
  if (open_ && !store_.in_transaction()) abandon();
  return std::current_exception();
}

void Batch::reopen() try { store_.reopen(); } catch (...) {
  stale_ = true;
  throw;
}

void Batch::write(const std::function<void()>& operation) {
  if (!open_) open();
  ++operations_;
  sd_event_source_set_enabled(drained_, SD_EVENT_ONESHOT);
  store_.savepoint(operation);
}

void Batch::open() {
  store_.begin();
  try {
    books_.opened();
  } catch (...) {
    store_.rollback();
    throw;
  }
  open_ = true;
  operations_ = 0;
  opened_ = Clock::now();
}

void Batch::when_durable(Then then) {
  if (!open_) return then(nullptr);
  waiting_.push_back(std::move(then));
  const auto usual = std::min<Clock::duration>(flushes_in_a_batch * flush_, longest_batch);
  const auto longest = std::max<Clock::duration>(usual, bounds_.shortest);
  if (operations_ >= bounds_.operations || Clock::now() - opened_ >= longest) close();
}

void Batch::on_drained() {
  const auto now = Clock::now(), end = end_of_window(now);
  if (now >= end) return close();
  const auto at = std::chrono::duration_cast<std::chrono::microseconds>(end.time_since_epoch()).count();
  sd_event_source_set_time(window_end_, static_cast<std::uint64_t>(at));
  sd_event_source_set_enabled(window_end_, SD_EVENT_ONESHOT);
}

// Whom the last commit has answered comes back soon, but not at once: bus and callers work through the answers first.
// When as many are here as ever of late, nobody is waited for; but for one batch in eight, or else two halves that take
// turns would never meet.
Batch::Clock::time_point Batch::end_of_window(Clock::time_point now) const {
  if (expected_()) return opened_ + 2 * flush_;
  const bool alone = operations_ <= 1 && company_ <= 1;
  const bool complete = operations_ >= company_ && batches_ % 8 != 0;
  if (flush_ < fast_flush || alone || complete) return now;
  return std::min(opened_ + flush_, now + flush_ / 4);
}

void Batch::close() {
  if (!open_) return;
  const std::exception_ptr lost = commit();
  tell(lost);
}

std::exception_ptr Batch::commit() {
  sd_event_source_set_enabled(drained_, SD_EVENT_OFF);
  sd_event_source_set_enabled(window_end_, SD_EVENT_OFF);
  open_ = false;
  ++batches_;
  company_ = std::max(operations_, company_ * 7 / 8);
  const auto start = Clock::now();
  std::vector<storage::Event> events;
  try {
    events = store_.commit();
  } catch (...) {
    const std::exception_ptr error = std::current_exception();
    core::log(core::Severity::error, "A batch could not be committed");
    books_.ended(false);
    // After a failed sync nobody knows what the disk holds; this connection is not asked again.
    stale_ = true;
    return error;
  }
  books_.ended(true);
  flush_ = (flush_ * 7 + (Clock::now() - start)) / 8;
  schedule_upkeep();
  announce_(events);
  return nullptr;
}

void Batch::schedule_upkeep() {
  if (store_.owes_truncation()) schedule(truncation_, bounds_.truncation);
  if (store_.owes_folding()) schedule(folding_, bounds_.folding);
}

void Batch::truncate() {
  close();
  if (stale_) return schedule(truncation_, bounds_.truncation);
  try {
    store_.truncate_wal();
  } catch (...) {
    core::log(core::Severity::warning, "The store's log could not be emptied");
    stale_ = true;
    return schedule(truncation_, bounds_.truncation);
  }
  // A reader, a backup for example, may hold it back.
  schedule_upkeep();
}

void Batch::fold() {
  close();
  if (stale_) return schedule(folding_, bounds_.folding);
  try {
    store_.fold(std::max(folded_at_once, store_.unfolded() / 8));
  } catch (...) {
    core::log(core::Severity::warning, "Uses of factors could not be written back; the journal has them");
    stale_ = true;
    return schedule(folding_, bounds_.folding);
  }
  schedule_upkeep();
}

void Batch::abandon() {
  sd_event_source_set_enabled(drained_, SD_EVENT_OFF);
  sd_event_source_set_enabled(window_end_, SD_EVENT_OFF);
  open_ = false;
  store_.rollback();  // also what it knows of the batch besides the rows: uses, events
  books_.ended(false);
  tell(std::make_exception_ptr(lost("the transaction was given up")));
}

void Batch::tell(std::exception_ptr lost) {
  std::vector<Then> waiting;
  waiting.swap(waiting_);
  for (const Then& then : waiting) then(lost);
}

}  // namespace factord::daemon
