// SPDX-License-Identifier: Apache-2.0
#include "ipc/caller.hpp"

namespace factord::ipc {
namespace {

// A connection may hold 512 match rules on dbus-daemon; each caller that is remembered takes one.
constexpr std::size_t remembered = 400;
// Calls of one connection that wait for its first identification. A caller that wants no replies could send any number.
constexpr std::size_t waiting_at_most = 128;

}  // namespace

std::shared_ptr<const Caller> Callers::known(const std::string& unique_name) {
  const auto found = entries_.find(unique_name);
  if (found == entries_.end() || !found->second.caller) return nullptr;
  least_recent_first_.splice(least_recent_first_.end(), least_recent_first_, found->second.used);
  return found->second.caller;
}

void Callers::identify(const std::string& unique_name, Answer answer) {
  if (auto caller = known(unique_name)) return answer(std::move(caller));
  if (const auto found = entries_.find(unique_name); found != entries_.end()) {
    Entry& entry = found->second;
    least_recent_first_.splice(least_recent_first_.end(), least_recent_first_, entry.used);
    if (entry.waiting.size() >= waiting_at_most) return answer(nullptr);
    entry.waiting.push_back(std::move(answer));
    return;
  }
  make_room();
  // The watch goes out first: the bus handles both in order, so no leaving is missed in between.
  auto watch = bus_.watch(unique_name, [this, unique_name] { forget(unique_name); });
  Entry& entry = entries_[unique_name];
  entry.watch = std::move(watch);
  entry.used = least_recent_first_.insert(least_recent_first_.end(), unique_name);
  entry.waiting.push_back(std::move(answer));
  bus_.credentials_of(unique_name, [this, unique_name](auto credentials) { answered(unique_name, credentials); });
}

void Callers::answered(const std::string& unique_name, std::optional<Credentials> credentials) {
  const auto found = entries_.find(unique_name);
  if (found == entries_.end()) return;
  const auto waiting = std::move(found->second.waiting);
  std::shared_ptr<Caller> caller;
  if (credentials) {
    caller = std::make_shared<Caller>(Caller{unique_name, std::move(*credentials)});
    found->second.caller = caller;
  } else {
    forget(unique_name);
  }
  for (const Answer& answer : waiting) answer(caller);
}

void Callers::forget(const std::string& unique_name) {
  const auto found = entries_.find(unique_name);
  if (found == entries_.end()) return;
  Entry entry = std::move(found->second);
  least_recent_first_.erase(entry.used);
  entries_.erase(found);
  for (const Answer& answer : entry.waiting) answer(nullptr);
  if (!entry.caller) return;
  entry.caller->gone = true;
  gone_(entry.caller->unique_name);
}

void Callers::make_room() {
  for (auto name = least_recent_first_.begin(); entries_.size() >= remembered && name != least_recent_first_.end();) {
    const auto found = entries_.find(*name++);
    if (!found->second.caller) continue;  // its question is still open
    least_recent_first_.erase(found->second.used);
    entries_.erase(found);
  }
}

}  // namespace factord::ipc
