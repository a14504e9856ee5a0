// SPDX-License-Identifier: Apache-2.0
// The open batch: operations gather in one transaction, each in a savepoint; one commit makes them durable together,
// and only then anybody is told, of success, failure or a list alike. The batch closes when the loop has nothing else
// to do (the bus is drained), unless more is expected: writes behind signatures that are being verified, or, on a slow
// disk, callers who come back after an answer. The window for them follows the measured flush time; without it, half of
// the callers always come too late for the commit (docs/decisions/0002-batches.md).
// Owned by main; loop thread.
#pragma once

#include <systemd/sd-event.h>

#include <chrono>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "ipc/method.hpp"
#include "storage/store.hpp"

namespace factord::daemon {

class Batch {
 public:
  // What is due of the store's upkeep waits for so long: what was removed is to leave the log soon; uses of factors are
  // written back (storage/uses.hpp) seldom enough that nobody notices, and often enough that the journal behind them is
  // read within a second at the next start.
  struct Bounds {
    std::chrono::microseconds truncation = std::chrono::seconds(1);
    std::chrono::microseconds folding = std::chrono::seconds(10);
    std::size_t operations = 512;                                         // of one batch
    std::chrono::microseconds shortest = std::chrono::microseconds(500);  // that a batch may last on any disk
    std::chrono::steady_clock::duration flush{};  // what a commit is taken to last until some were measured
  };
  Batch(sd_event* loop, storage::Store& store) : Batch(loop, store, Bounds()) {}
  Batch(sd_event* loop, storage::Store& store, Bounds bounds);
  ~Batch();  // what is still open is undone
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::exception_ptr attempt(ipc::Effect effect, const std::function<void()>& operation);
  bool is_open() const { return open_; }
  void when_durable(std::function<void(std::exception_ptr)> then);
  // Called with the events of each batch that was committed, before those who wait for it are told.
  using Announce = std::function<void(const std::vector<storage::Event>&)>;
  void announce_by(Announce announce) { announce_ = std::move(announce); }
  // `opened` is called in each new batch before its first operation, and `ended` with whether it was kept. What
  // `opened` throws ends the batch, and the operation.
  struct Books {
    std::function<void()> opened = [] {};
    std::function<void(bool kept)> ended = [](bool) {};
  };
  void keep(Books books) { books_ = std::move(books); }
  // `more` tells whether writes are under way that will soon be attempted.
  void expect(std::function<bool()> more) { expected_ = std::move(more); }
  // Commits what is open, now.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  using Then = std::function<void(std::exception_ptr)>;

  void open();
  void reopen();
  void write(const std::function<void()>& operation);
  std::exception_ptr commit();
  void abandon();
  void tell(std::exception_ptr lost);
  void on_drained();
  void schedule_upkeep();
  void truncate();
  void fold();
  Clock::time_point end_of_window(Clock::time_point now) const;

  storage::Store& store_;
  sd_event_source* drained_ = nullptr;
  sd_event_source* window_end_ = nullptr;
  const Bounds bounds_;
  sd_event_source* truncation_ = nullptr;
  sd_event_source* folding_ = nullptr;
  bool open_ = false;
  bool stale_ = false;  // a commit failed: the store is opened anew before anything else
  Clock::time_point opened_{};
  std::size_t operations_ = 0;  // in the open batch
  std::size_t company_ = 1;     // operations of the largest batch of late
  Clock::duration flush_;       // smoothed
  std::uint64_t batches_ = 0;
  std::vector<Then> waiting_;
  Books books_;
  std::function<bool()> expected_ = [] { return false; };
  Announce announce_ = [](const std::vector<storage::Event>&) {};
};

}  // namespace factord::daemon
