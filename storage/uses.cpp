// SPDX-License-Identifier: Apache-2.0
#include "storage/uses.hpp"

#include <algorithm>
#include <utility>

namespace factord::storage {

void Uses::add(std::int64_t owner_row, const Event& event) {
  const auto present = owners_.find(owner_row);
  undone_by_.push_back({owner_row, present == owners_.end() ? OfOwner{} : present->second});
  const auto [entry, added] = owners_.try_emplace(owner_row);
  OfOwner& owner = entry->second;
  if (added) {
    owner.first_event = event.number;
    by_first_event_.emplace(event.number, owner_row);
  }
  owner.sequence = event.sequence;
  owner.changed = event.at;
  const auto known = std::ranges::find(owner.factors, event.factor_id, &OfFactor::id);
  if (known == owner.factors.end())
    owner.factors.push_back({event.factor_id, event.at, *event.use});
  else
    *known = {event.factor_id, event.at, *event.use};
}

void Uses::lay_over(std::int64_t owner_row, User& user) const {
  const auto found = owners_.find(owner_row);
  if (found == owners_.end() || found->second.sequence <= user.sequence) return;
  user.sequence = found->second.sequence;
  user.changed = found->second.changed;
}

void Uses::lay_over(std::int64_t owner_row, Factor& factor) const {
  const OfFactor* const found = find(owner_row, factor.id);
  if (found == nullptr || found->use.count <= factor.use_count) return;
  factor.use_count = found->use.count;
  factor.last_used = factor.changed = found->at;
  if (found->use.step) factor.totp.last_step = found->use.step;
  factor.webauthn.sign_count = found->use.sign_count;
  factor.webauthn.backed_up = found->use.backed_up;
}

const Uses::OfFactor* Uses::find(std::int64_t owner_row, const std::string& factor_id) const {
  const auto owner = owners_.find(owner_row);
  if (owner == owners_.end()) return nullptr;
  const auto factor = std::ranges::find(owner->second.factors, factor_id, &OfFactor::id);
  return factor == owner->second.factors.end() ? nullptr : &*factor;
}

void Uses::undo(std::size_t to_mark) noexcept {
  for (; undone_by_.size() > to_mark; undone_by_.pop_back()) {
    Before& before = undone_by_.back();
    const auto entry = owners_.find(before.owner_row);
    if (entry == owners_.end()) continue;
    if (before.was.first_event != 0) {
      entry->second = std::move(before.was);
    } else {
      by_first_event_.erase(entry->second.first_event);
      owners_.erase(entry);
    }
  }
}

std::vector<std::int64_t> Uses::oldest(std::size_t limit) const {
  std::vector<std::int64_t> rows;
  for (auto entry = by_first_event_.begin(); entry != by_first_event_.end() && rows.size() < limit; ++entry)
    rows.push_back(entry->second);
  return rows;
}

std::uint64_t Uses::first_event(std::size_t count) const {
  if (count >= by_first_event_.size()) return 0;
  return std::next(by_first_event_.begin(), static_cast<std::ptrdiff_t>(count))->first;
}

void Uses::drop(const std::vector<std::int64_t>& owner_rows) {
  for (const std::int64_t row : owner_rows) {
    const auto entry = owners_.find(row);
    if (entry == owners_.end()) continue;
    by_first_event_.erase(entry->second.first_event);
    owners_.erase(entry);
  }
}

}  // namespace factord::storage
