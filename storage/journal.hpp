// SPDX-License-Identifier: Apache-2.0
// The journal: one sealed event per change, each chained to the one before by a keyed hash. Append only. Private to
// storage; on the loop thread. Keeps nothing in memory: the head of the chain is read from the table, so that it
// follows every rollback by itself.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/event.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"

namespace factord::storage {

class Journal {
 public:
  Journal(Database& database, Sealer& sealer);

  std::uint64_t append(std::int64_t owner_row, const Event& event);  // gives the event's number
  // Those after number `after`, at most `limit`, with the row of the user they are about. Throws record_damaged at the
  // first one that does not open, is missing in between, or does not continue the chain.
  void each(std::uint64_t after, std::size_t limit, const std::function<void(std::int64_t owner_row, Event)>& take);
  std::vector<Event> events(std::uint64_t after, std::size_t limit);  // the same
  std::uint64_t last_number();                                        // 0: there is none
  core::Time last_at();                                               // of the last event; 1970: there is none

  // The end of the journal is remembered within a transaction: whoever rolls back says this.
  void forget() { end_.reset(); }

 private:
  struct End {
    std::int64_t number = 0;
    core::Bytes chain;
  };
  End end();
  core::Bytes chain(core::ByteView previous, std::int64_t number, core::ByteView sealed) const;
  core::Bytes chain_at(std::int64_t number);

  Sealer& sealer_;
  Statement last_, at_, insert_, after_;
  std::optional<End> end_;
  std::optional<core::Time> last_at_;  // also of one that was undone: it was that late nevertheless
};

}  // namespace factord::storage
