// SPDX-License-Identifier: Apache-2.0
#include "daemon/users.hpp"

#include <utility>

#include "daemon/details.hpp"

namespace factord::daemon {
namespace {

// Forgets all failures; who was right lately stays known. True where there were any.
bool forgive(storage::OwnerView& view) {
  bool any = false;
  for (storage::Budget& budget : view.budgets()) {
    if (budget.failures == 0 && budget.locks == 0 && budget.recent.empty()) continue;
    any = true;
    budget.failures = budget.locks = 0;
    budget.locked_until = {};
    budget.recent.clear();
    view.keep(budget);
  }
  return any;
}

ipc::Dicts running_locks(storage::OwnerView& view, core::Time now) {
  ipc::Dicts locks;
  for (const storage::Budget& budget : view.budgets()) {
    const core::Time until = locked_until(budget, now);
    if (until == core::Time{}) continue;
    ipc::Dict lock{{"kind", name(budget.key.kind)}, {"until", microseconds(until)}};
    if (budget.key.caller) {
      lock["caller"] = static_cast<std::uint32_t>(*budget.key.caller);
      lock["source"] = budget.key.source;
    }
    locks.push_back(std::move(lock));
  }
  return locks;
}

}  // namespace

ipc::Plan Users::add(const ipc::Call& call) const {
  // Named even when it is the default: that a user lands among the machine's accounts must not happen by omission.
  if (!call.option_text("org") || call.organization().is_default())
    throw core::Error::because(core::failure::bad_argument,
                               "Option org must name an organization other than the default one, whose users are the "
                               "machine's accounts");
  // In the configuration "org:*" means all of them.
  if (call.organization().id() == "*")
    throw core::Error::because(core::failure::bad_argument, "Option org must not be '*'");
  return {.apply = [this, &call]() -> ipc::Values {
    auto view = vault_.store.of(call.owner());
    const auto position = view.add_user(call.option_text("display_name", ""), vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

ipc::Plan Users::remove(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto position = vault_.store.of(call.owner()).remove_user(vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

ipc::Plan Users::lock(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto position = vault_.store.of(call.owner()).lock(storage::Lock::locked, vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

// Also from what wrong codes have locked. Tries that are given back are worth an event of their own, too.
ipc::Plan Users::unlock(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto view = vault_.store.of(call.owner());
    const auto user = view.user();
    auto position = view.lock(storage::Lock::open, vault_.change(call));
    const bool forgiven = forgive(view);
    if (forgiven && !user->locked) position = view.note(storage::EventType::user_unlocked, {}, vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

ipc::Plan Users::rebind(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto position = vault_.store.of(call.owner()).rebind(vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

ipc::Plan Users::show(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto view = vault_.store.of(call.owner());
    view.require_user();
    storage::User unbound{.organization = call.organization().id(),
                          .user_id = call.owner().user_id(),
                          .uid = call.owner().uid(),
                          .display_name = {},
                          .handle = {}};
    ipc::Dict item = describe(view.user().value_or(std::move(unbound)));
    item["locks"] = running_locks(view, vault_.clock.now());
    item["details"] = details(view.position(), call.organization().id());
    return {std::move(item)};
  }};
}

ipc::Plan Users::meet(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    vault_.store.of(call.owner()).require_user();
    return {};
  }};
}

ipc::Plan Users::list(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto& organization = call.organization();
    ipc::Dicts items;
    for (const storage::User& user :
         vault_.store.users(organization, call.option_text("after", ""), call.option_number("limit", 100)))
      items.push_back(describe(user));
    const std::uint64_t total = vault_.store.user_count(organization);
    return {std::move(items), list_details({}, organization.id(), total)};
  }};
}

}  // namespace factord::daemon
