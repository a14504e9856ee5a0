// SPDX-License-Identifier: Apache-2.0
// The daemon without its bus: use cases over a store on disk, gathered in batches, with a disk that fails and a plug
// that can be pulled. Everything is done by the daemon's own classes, in the order of ipc/visit.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/batch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/daemon/room.hpp"
#include "tests/unit/storage/faulty_vfs.hpp"

namespace factord::tests::model {

class Machine {
 public:
  explicit Machine(const daemon::Policy& policy);

  static core::Time start_of_time() { return FixedClock().at; }

  Room& room() { return *room_; }
  bool batch_is_open() const { return batch_->is_open(); }
  // The failure in short, with the wait where it names one: "FACTORD-Thr1, wait 30"; "" where there is none.
  std::string attempt(ipc::Effect effect, const std::function<void()>& operation);

  enum class Fate { kept, lost };
  // Ends the batch. The disk fails from the n-th write or sync on, where n is given; it is sound again afterwards.
  Fate close(std::optional<int> faulty_after = {});
  // Of the batches since: what was announced.
  std::vector<storage::Event> take_events() { return std::exchange(events_, {}); }

  enum class End { clean, killed };
  void restart(End end);

 private:
  void start(std::unique_ptr<Room> room);

  FaultyDisk disk_;
  Loop loop_;
  std::unique_ptr<Room> room_;
  std::optional<daemon::Batch> batch_;
  std::vector<storage::Event> events_;
  bool kept_ = true;
};

}  // namespace factord::tests::model
