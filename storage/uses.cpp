// SPDX-License-Identifier: Apache-2.0
#include "storage/uses.hpp"

#include <algorithm>
#include <utility>

namespace factord::storage {
namespace {

bool is_code(Kind kind) { return kind != Kind::passkey && kind != Kind::u2f; }

// In the place of the one with the same key, if there is one.
template <typename Item, typename Key>
void put(std::vector<Item>& items, Key Item::*key, Item item) {
  const auto known = std::ranges::find(items, item.*key, key);
  if (known == items.end())
    items.push_back(std::move(item));
  else
    *known = std::move(item);
}

}  // namespace

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
  put(owner.factors, &OfFactor::id, {event.factor_id, event.at, *event.use});
  if (is_code(*event.kind))
    put(owner.successes, &Success::key, {{*event.kind, event.actor, event.use->source}, event.at});
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

void Uses::lay_over(std::int64_t owner_row, const BudgetKey& key, std::optional<Budget>& budget) const {
  const auto owner = owners_.find(owner_row);
  if (owner == owners_.end()) return;
  const auto success = std::ranges::find(owner->second.successes, key, &Success::key);
  if (success == owner->second.successes.end()) return;
  if (!budget) {
    budget.emplace();
    budget->key = key;
  }
  budget->last_success = std::max(budget->last_success, success->at);
}

std::vector<BudgetKey> Uses::right(std::int64_t owner_row) const {
  std::vector<BudgetKey> keys;
  if (const auto owner = owners_.find(owner_row); owner != owners_.end())
    for (const Success& success : owner->second.successes) keys.push_back(success.key);
  return keys;
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
