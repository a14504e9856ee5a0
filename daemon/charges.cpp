// SPDX-License-Identifier: Apache-2.0
#include "daemon/charges.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "core/failure.hpp"

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

// A caller and source that has been quiet for so long begins anew, unless it was right within the last month.
constexpr auto remembered_for = std::chrono::days(1);

storage::BudgetKey of_all(const storage::BudgetKey& key) { return {key.kind, std::nullopt, {}}; }

bool is_old(const storage::Budget& budget, core::Time now) {
  return budget.last_failure < now - remembered_for && budget.locked_until < now &&
         budget.last_success < now - known_for;
}

void require_no_wait(const Guesses& guesses, core::Time now) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(wait_before(guesses, now));
  if (wait > 0s)
    throw core::Error::because(core::failure::throttled,
                               "Too many attempts: wait " + std::to_string(wait.count()) + " seconds");
}

}  // namespace

Guesses Charges::guesses(storage::OwnerView& view, const Guess& guess) {
  storage::Budget own, all;
  own.key = guess.key;
  all.key = of_all(guess.key);
  return {view.budget(guess.key).value_or(std::move(own)), view.budget(all.key).value_or(std::move(all))};
}

void Charges::write(storage::OwnerView& view, const Guesses& guesses) {
  view.keep(guesses.own);
  view.keep(guesses.all);
}

bool Charges::is_open(const Guess& guess) {
  auto view = store_.of(guess.owner);
  return wait_before(guesses(view, guess), guess.at) <= core::Time::duration{};
}

Guesses Charges::require_open(const Guess& guess) {
  auto view = store_.of(guess.owner);
  Guesses now = guesses(view, guess);
  require_no_wait(now, guess.at);
  return now;
}

bool Charges::make(const Guess& guess) {
  auto view = store_.of(guess.owner);
  Guesses now = guesses(view, guess);
  require_no_wait(now, guess.at);
  if (now.own.last_failure == core::Time{}) forget_old(view, guess);
  const bool locks = charge(now, guess.at, lockout_);
  write(view, now);
  made_.push_back(guess);
  return locks;
}

void Charges::take_back(const Guess& guess, core::Time now) {
  auto view = store_.of(guess.owner);
  Guesses then = guesses(view, guess);
  daemon::take_back(then, guess.at, now);
  write(view, then);
}

void Charges::forgive(const Guess& guess, Guesses before) {
  if (before.own.failures == 0 && before.own.locks == 0) return;
  daemon::forgive(before.own, guess.at);
  store_.of(guess.owner).keep(before.own);
}

void Charges::forget_old(storage::OwnerView& view, const Guess& guess) {
  for (const storage::Budget& budget : view.budgets())
    if (budget.key.caller && is_old(budget, guess.at)) view.forget(budget.key);
}

void Charges::opened() {
  for (const Guess& guess : owed_) pay(guess);
  made_ = std::exchange(owed_, {});
}

// Who was removed owes nothing any more; of whom a record is damaged, nobody is let in.
void Charges::pay(const Guess& guess) try {
  store_.savepoint([&] {
    auto view = store_.of(guess.owner);
    if (!view.user()) return;
    Guesses now = guesses(view, guess);
    const bool locks = charge(now, guess.at, lockout_);
    write(view, now);
    if (locks) view.note(storage::EventType::codes_locked, guess.key.kind, {guess.at, *guess.key.caller});
  });
} catch (const core::Error& error) {
  if (error.id() != core::failure::record_damaged.id) throw;
}

void Charges::ended(bool kept) {
  if (!kept) std::ranges::move(made_, std::back_inserter(owed_));
  made_.clear();
}

}  // namespace factord::daemon
