// SPDX-License-Identifier: Apache-2.0
#include "daemon/announcements.hpp"

#include <array>
#include <string>
#include <utility>

#include "core/log.hpp"
#include "daemon/details.hpp"

namespace factord::daemon {
namespace {

using storage::EventType;

constexpr std::array<std::pair<EventType, std::string_view>, 12> changes = {{
    {EventType::factor_added, "added"},
    {EventType::factor_verified, "verified"},
    {EventType::factor_removed, "removed"},
    {EventType::factor_renamed, "renamed"},
    {EventType::factor_used, "used"},
    {EventType::factor_suspended, "suspended"},
    {EventType::factor_resumed, "resumed"},
    {EventType::factor_quarantined, "quarantined"},
    {EventType::codes_locked, "locked"},
    {EventType::user_locked, "locked"},
    {EventType::user_unlocked, "unlocked"},
    {EventType::recovery_low, "low"},
}};

void announce(const storage::Event& event, ipc::Subscriptions& subscriptions) {
  if (event.type == EventType::user_removed) return subscriptions.end_all(event.organization, event.user_id);
  // Who was this account may be another now.
  if (event.type == EventType::user_rebound) return subscriptions.recheck(event.organization, event.user_id);
  const std::string_view change = change_of(event.type);
  if (change.empty()) return;
  const std::string kind(event.kind ? name(*event.kind) : "");
  subscriptions.tell({event.organization, event.user_id, kind, event.factor_id, std::string(change)});
}

}  // namespace

std::string_view change_of(storage::EventType type) {
  for (const auto& [event, change] : changes)
    if (event == type) return change;
  return {};
}

void announce(const std::vector<storage::Event>& events, ipc::Subscriptions& subscriptions) noexcept try {
  for (const storage::Event& event : events) announce(event, subscriptions);
} catch (const std::exception& error) {
  core::log(core::Severity::error, "Changes could not be announced", {{"FACTORD_CAUSE", error.what()}});
}

}  // namespace factord::daemon
