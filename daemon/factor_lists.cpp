// SPDX-License-Identifier: Apache-2.0
#include "daemon/factor_lists.hpp"

#include <algorithm>
#include <utility>

#include "daemon/details.hpp"

namespace factord::daemon {

bool FactorLists::Filter::lets_through(const storage::Factor& factor) const {
  return (kinds.empty() || kinds.contains(name(factor.kind))) &&
         (states.contains("any") || states.contains(name(factor.state)));
}

std::vector<storage::Factor> FactorLists::factors(const ipc::Call& call, storage::Position& position) const {
  if (!vault_.known(call)) return {};
  auto view = vault_.store.of(call.owner());
  position = view.position();
  return vault_.factors(view);
}

ipc::Values FactorLists::listed(const ipc::Call& call, const Filter& filter) const {
  storage::Position position;
  ipc::Dicts items;
  for (const storage::Factor& factor : factors(call, position))
    if (filter.lets_through(factor))
      items.push_back(describe(factor, vault_.policy.authenticator_name(factor.webauthn.aaguid)));
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
      const bool elsewhere = domain && factor.kind != storage::Kind::totp && factor.webauthn.domain != *domain;
      if (factor.state == storage::State::ready && !elsewhere) kinds.emplace_back(name(factor.kind));
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
