// SPDX-License-Identifier: Apache-2.0
#include "daemon/vault.hpp"

namespace factord::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto pending_for = 10min;

bool expired(const storage::Factor& factor, core::Time now) {
  return factor.state == storage::State::not_ready && factor.expires && *factor.expires <= now;
}

}  // namespace

storage::Change Vault::change(const ipc::Call& call) const { return {clock.now(), call.caller()}; }

bool Vault::known(const ipc::Call& call) const {
  auto view = store.of(call.owner());
  const bool known = view.user().has_value();
  if (known || call.owner().uid()) view.require_user();
  return known;
}

std::optional<storage::User> Vault::require_unlocked(const ipc::Call& call) const {
  auto user = store.of(call.owner()).require_user();
  if (user && user->locked) throw core::Error(core::failure::user_locked);
  return user;
}

std::vector<storage::Factor> Vault::factors(storage::OwnerView& view) const {
  std::vector<storage::Factor> factors = view.factors();
  std::erase_if(factors, [now = clock.now()](const auto& factor) { return expired(factor, now); });
  return factors;
}

storage::Factor Vault::factor(const ipc::Call& call, std::optional<storage::Kind> kind, const std::string& id,
                              const core::Failure& missing) const {
  // The mirrored API answers for an unknown user as for an unknown factor.
  if (!known(call)) throw core::Error(missing);
  auto factor = store.of(call.owner()).factor(id);
  if (!factor || factor->kind != kind.value_or(factor->kind) || expired(*factor, clock.now()))
    throw core::Error(missing);
  return *std::move(factor);
}

void Vault::make_room(storage::OwnerView& view, std::optional<storage::Kind> replaced) const {
  std::uint32_t kept = 0;
  for (const storage::Factor& factor : view.factors()) {
    const bool superseded = factor.state == storage::State::not_ready && factor.kind == replaced;
    if (superseded || expired(factor, clock.now()))
      view.discard(factor.id);
    else
      ++kept;
  }
  if (kept >= policy.factors_per_user) throw core::failure::limit_reached("FactorsPerUser", policy.factors_per_user);
}

void Vault::begin_pending(const ipc::Call& call, storage::OwnerView& view, storage::Factor& factor) const {
  make_room(view, factor.kind);
  const core::Time now = clock.now();
  // Over all users and organizations: who may write for many must not fill the store with what nobody confirms.
  if (call.caller() != 0 && store.pending_begun_by(call.caller(), now) >= policy.pending_per_uid)
    throw core::failure::limit_reached("PendingPerUid", policy.pending_per_uid);
  factor.expires = now + pending_for;
  factor.begun_by = call.caller();
  factor.code_id = call.option_text("code_id", "");
}

void Vault::require_same_code(const ipc::Call& call, const storage::Factor& pending) const {
  if (pending.code_id != call.option_text("code_id", "")) throw core::Error(core::failure::code_invalid);
}

}  // namespace factord::daemon
