// SPDX-License-Identifier: Apache-2.0
// What subscribers are told of the journal's events. Use cases announce nothing by themselves: an event that is
// committed is an announcement. Loop thread.
#pragma once

#include <vector>

#include "ipc/subscriptions.hpp"
#include "storage/event.hpp"

namespace factord::daemon {

// Never throws: the commit has happened, and others wait to hear of it.
void announce(const std::vector<storage::Event>& events, ipc::Subscriptions& subscriptions) noexcept;

// As FactorsChanged names it: "added"; empty for events that are no change of what a user can prove.
std::string_view change_of(storage::EventType type);

}  // namespace factord::daemon
