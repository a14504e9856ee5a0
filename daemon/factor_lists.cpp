// SPDX-License-Identifier: Apache-2.0
#include "daemon/factor_lists.hpp"

#include <algorithm>
#include <utility>

#include "daemon/details.hpp"
#include "daemon/totp_secret.hpp"

namespace factord::daemon {
namespace {

// Of whichever of those who guess at that kind of codes has to wait longest; zero: nobody has.
core::Time end_of_locks(const std::vector<storage::Budget>& budgets, storage::Kind kind, core::Time now) {
  core::Time end{};
  for (const storage::Budget& budget : budgets)
    if (budget.key.kind == kind) end = std::max(end, locked_until(budget, now));
  return end;
}

}  // namespace

bool FactorLists::Filter::lets_through(const storage::Factor& factor) const {
  return (kinds.empty() || kinds.contains(name(factor.kind))) &&
         (states.contains("any") || states.contains(name(shown_state(factor))));
}

std::vector<storage::Factor> FactorLists::factors(const ipc::Call& call, storage::Position& position) const {
  if (!vault_.known(call)) return {};
  auto view = vault_.store.of(call.owner());
  position = view.position();
  return vault_.factors(view);
}

ipc::Values FactorLists::listed(const ipc::Call& call, const Filter& filter) const {
  storage::Position position;
  auto listed = factors(call, position);
  std::erase_if(listed, [&](const storage::Factor& factor) { return !filter.lets_through(factor); });
  const bool codes = std::ranges::any_of(listed, [](const auto& factor) { return is_guessed(factor.kind); });
  const auto budgets = codes ? vault_.store.of(call.owner()).budgets() : std::vector<storage::Budget>();
  ipc::Dicts items;
  for (const storage::Factor& factor : listed) {
    ipc::Dict item = describe(factor, vault_.policy.authenticator_name(factor.webauthn.aaguid));
    if (is_guessed(factor.kind))
      item["lockedUntil"] = microseconds(end_of_locks(budgets, factor.kind, vault_.clock.now()));
    if (factor.kind == storage::Kind::totp) item["drift"] = drift(factor, vault_.policy.totp_skew);
    items.push_back(std::move(item));
  }
  const std::uint64_t total = items.size();
  return {std::move(items), list_details(position, call.organization().id(), total)};
}

ipc::Plan FactorLists::list(const ipc::Call& call, storage::Kind kind) const {
  return {.apply = [this, &call, kind] {
    return listed(call, {{std::string(name(kind))}, {call.option_text("state", "ready")}});
  }};
}

ipc::Plan FactorLists::list_all(const ipc::Call& call) const {
  return {.apply = [this, &call] {
    const auto kinds = call.option_texts("kinds");
    auto states = call.option_texts("states");
    if (states.empty()) states.emplace_back("ready");
    return listed(call, {{kinds.begin(), kinds.end()}, {states.begin(), states.end()}});
  }};
}

ipc::Plan FactorLists::method_types(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    storage::Position position;
    const auto domain = call.option_text("domain");
    ipc::Texts kinds;
    for (const storage::Factor& factor : factors(call, position)) {
      const bool has_domain = factor.kind == storage::Kind::passkey || factor.kind == storage::Kind::u2f;
      const bool elsewhere = domain && has_domain && factor.webauthn.domain != *domain;
      if (shown_state(factor) == storage::State::ready && !elsewhere) kinds.emplace_back(name(factor.kind));
    }
    std::ranges::sort(kinds);
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    const std::uint64_t total = kinds.size();
    return {std::move(kinds), list_details(position, call.organization().id(), total)};
  }};
}

ipc::Plan FactorLists::rename(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    auto factor = vault_.factor(call, std::nullopt, call.text("factor_id"), core::failure::webauthn_not_found);
    factor.name = call.text("name");
    const auto position = vault_.store.of(call.owner())
                              .update(std::move(factor), storage::EventType::factor_renamed, vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

}  // namespace factord::daemon
