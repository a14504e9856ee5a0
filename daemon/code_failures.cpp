// SPDX-License-Identifier: Apache-2.0
#include "daemon/code_failures.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/failure.hpp"
#include "storage/code_view.hpp"
#include "storage/owner_view.hpp"

namespace factord::daemon {

void CodeFailures::count(const core::Owner& owner, const std::string& code_id) {
  Failure failure{owner, code_id};
  write(failure);
  made_.push_back(std::move(failure));
}

// A code that was removed since needs no count; one that is damaged lets nobody in.
void CodeFailures::write(const Failure& failure) try {
  auto codes = store_.of(failure.owner).codes();
  auto code = codes.find(failure.code_id);
  if (!code) return;
  ++code->failures;
  codes.keep(*code);
} catch (const core::Error& error) {
  if (error.id() != core::failure::record_damaged.id) throw;
}

void CodeFailures::opened() {
  for (const Failure& failure : owed_) store_.savepoint([&] { write(failure); });
  made_ = std::exchange(owed_, {});
}

void CodeFailures::ended(bool kept) {
  if (!kept) std::ranges::move(made_, std::back_inserter(owed_));
  made_.clear();
}

}  // namespace factord::daemon
