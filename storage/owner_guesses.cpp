// SPDX-License-Identifier: Apache-2.0
// Of OwnerView what is kept of guesses at a user's codes, and of registration codes: none of it is an event.
#include <stdexcept>

#include "storage/session.hpp"

namespace factord::storage {
namespace {

std::optional<OwnerRow> find(Session& session, const core::Owner& owner) {
  return session.owners.find(owner.organization().id(), owner.user_id());
}

}  // namespace

std::optional<Budget> OwnerView::budget(const BudgetKey& key) {
  Session& session = store_.parts_->live();
  const auto owner = find(session, owner_);
  return owner ? session.budget(owner->row, key) : std::nullopt;
}

std::vector<Budget> OwnerView::budgets() {
  Session& session = store_.parts_->live();
  const auto owner = find(session, owner_);
  if (!owner) return {};
  std::vector<Budget> budgets = session.budgets.all(owner->row);
  for (const BudgetKey& key : session.uses.right(owner->row)) {
    std::erase_if(budgets, [&key](const Budget& budget) { return budget.key == key; });
    budgets.push_back(*session.budget(owner->row, key));
  }
  return budgets;
}

void OwnerView::keep(const Budget& budget) {
  Session& session = store_.parts_->live();
  session.require_transaction();
  const auto owner = find(session, owner_);
  if (!owner) throw std::logic_error("guesses at nobody's codes");
  session.budgets.save(owner->row, budget);
}

void OwnerView::forget(const BudgetKey& key) {
  Session& session = store_.parts_->live();
  session.require_transaction();
  if (const auto owner = find(session, owner_)) session.budgets.erase(owner->row, key);
}

CodeView OwnerView::codes() { return {store_.parts_->live(), owner_}; }

}  // namespace factord::storage
