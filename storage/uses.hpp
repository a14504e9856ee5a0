// SPDX-License-Identifier: Apache-2.0
// Uses of factors that the journal tells of and the rows do not yet. A check that succeeds writes one event and no row:
// rewriting rows in place is the slow way once there are many. What the events add to the rows (the last time step, the
// counter, the user's sequence, that a caller was right) is kept here, laid over every row that is read, and read from
// the journal again when the store is opened; Store::fold() brings it into the rows. Events hold sums, not differences:
// one that is applied twice, or that a row has caught up with, changes nothing. Part of a session; loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/budget.hpp"
#include "storage/event.hpp"

namespace factord::storage {

class Uses {
 public:
  // An event of type factor_used.
  void add(std::int64_t owner_row, const Event& event);

  void lay_over(std::int64_t owner_row, User& user) const;
  void lay_over(std::int64_t owner_row, Factor& factor) const;
  // Makes the budget where somebody was right of whom there is no row.
  void lay_over(std::int64_t owner_row, const BudgetKey& key, std::optional<Budget>& budget) const;
  // Whoever was right with a code of the user's, by caller and source.
  std::vector<BudgetKey> right(std::int64_t owner_row) const;

  // Changes since the last settle() can be undone, to a mark() that was taken since. undo() never throws.
  std::size_t mark() const { return undone_by_.size(); }
  void undo(std::size_t to_mark) noexcept;
  void settle() { undone_by_.clear(); }

  std::size_t size() const { return owners_.size(); }
  // Rows of the owners whose uses are the longest in the journal alone, at most `limit`.
  std::vector<std::int64_t> oldest(std::size_t limit) const;
  void drop(const std::vector<std::int64_t>& owner_rows);
  // The first event that is needed without the `count` oldest; 0 where none is.
  std::uint64_t first_event(std::size_t count) const;
  bool holds(std::int64_t owner_row, const std::string& factor_id) const {
    return find(owner_row, factor_id) != nullptr;
  }

 private:
  struct OfFactor {
    std::string id;
    core::Time at;
    Use use;
  };
  struct Success {
    BudgetKey key;
    core::Time at;
  };
  struct OfOwner {
    std::uint64_t first_event = 0;
    std::uint64_t sequence = 0;
    core::Time changed{};
    std::vector<OfFactor> factors;
    std::vector<Success> successes;
  };
  const OfFactor* find(std::int64_t owner_row, const std::string& factor_id) const;

  struct Before {
    std::int64_t owner_row;
    OfOwner was;  // first_event 0: nothing
  };

  std::unordered_map<std::int64_t, OfOwner> owners_;
  std::map<std::uint64_t, std::int64_t> by_first_event_;
  std::vector<Before> undone_by_;
};

}  // namespace factord::storage
