// SPDX-License-Identifier: Apache-2.0
#include "storage/owner_view.hpp"

#include <stdexcept>

#include "storage/session.hpp"

namespace factord::storage {
namespace {

constexpr std::size_t handle_size = 32;  // WebAuthn L3 section 14.6.1: random, at most 64 bytes

std::optional<OwnerRow> find(Session& session, const core::Owner& owner) {
  return session.owners.find(owner.organization().id(), owner.user_id());
}

[[noreturn]] void no_seed() { throw core::Error(core::failure::record_damaged, "no seed where one is needed"); }

[[noreturn]] void not_found() { throw core::Error(core::failure::user_not_found); }

OwnerRow require(Session& session, const core::Owner& owner) {
  auto row = find(session, owner);
  if (!row) not_found();
  return std::move(*row);
}

// Name and uid of a Unix account belong together from the first use on.
void check_binding(Session& session, const core::Owner& owner, const std::optional<OwnerRow>& row) {
  if (!owner.organization().is_default()) {
    if (!row) not_found();
    return;
  }
  if (!owner.uid()) not_found();
  if (row ? row->record.user.uid != owner.uid()
          : session.owners.find_uid(owner.organization().id(), *owner.uid()).has_value()) {
    throw core::Error(core::failure::binding_changed);
  }
}

OwnerRow make(Session& session, const core::Owner& owner, const std::string& display_name, core::Random& random) {
  OwnerRecord record;
  record.user.organization = owner.organization().id();
  record.user.user_id = owner.user_id();
  record.user.uid = owner.uid();
  record.user.display_name = display_name;
  record.user.handle.resize(handle_size);
  random.fill(record.user.handle);
  return session.owners.insert(std::move(record));
}

OwnerRow claim_row(Session& session, const core::Owner& owner, core::Random& random) {
  auto row = find(session, owner);
  check_binding(session, owner, row);
  return row ? std::move(*row) : make(session, owner, {}, random);
}

struct About {
  std::string factor_id{};  // empty: the user
  std::optional<Kind> kind{};
  std::optional<Use> use{};
};

About about(const Factor& factor) { return {factor.id, factor.kind, {}}; }

// The event, and the user's sequence and dates with it; the caller saves the user's row.
void record(Session& session, OwnerRow& owner, EventType type, const Change& change, About about = {}) {
  User& user = owner.record.user;
  if (user.sequence++ == 0) user.created = change.at;
  user.changed = change.at;
  Event event;
  event.type = type;
  event.at = change.at;
  event.actor = change.actor;
  event.organization = user.organization;
  event.user_id = user.user_id;
  event.sequence = user.sequence;
  event.factor_id = std::move(about.factor_id);
  event.kind = about.kind;
  event.use = about.use;
  event.number = session.journal.append(owner.row, event);
  if (event.use) {
    session.uses.add(owner.row, event);
    session.factors.forget();
  }
  session.events.push_back(std::move(event));
}

// A user who is removed takes all factors along. The journal has one event for that; who follows the factors needs one
// for each. What does not open is left out: damage must not keep anybody from being removed.
void note_removals(Session& session, const OwnerRow& owner, const Change& change) try {
  const User& user = owner.record.user;
  for (const FactorRow& row : session.factors.all(owner)) {
    if (row.factor.expires && *row.factor.expires <= change.at) continue;
    session.events.push_back({.type = EventType::factor_removed,
                              .at = change.at,
                              .actor = change.actor,
                              .organization = user.organization,
                              .user_id = user.user_id,
                              .factor_id = row.factor.id,
                              .kind = row.factor.kind});
  }
} catch (const core::Error& error) {
  if (error.id() != core::failure::record_damaged.id) throw;
}

Position position_of(const OwnerRow& owner, core::Time created) {
  return {owner.record.user.sequence, owner.record.user.changed, created};
}

FactorRow require_factor(Session& session, const OwnerRow& owner, const std::string& id) {
  auto row = session.factors.find(owner, id);
  if (!row) throw std::logic_error("change of a factor that does not exist");
  return std::move(*row);
}

}  // namespace

std::optional<User> OwnerView::user() {
  auto row = find(store_.parts_->live(), owner_);
  if (!row) return std::nullopt;
  return std::move(row->record.user);
}

std::optional<User> OwnerView::require_user() {
  Session& session = store_.parts_->live();
  auto row = find(session, owner_);
  check_binding(session, owner_, row);
  if (!row) return std::nullopt;
  return std::move(row->record.user);
}

User OwnerView::claim() {
  Session& session = store_.parts_->live();
  session.require_transaction();
  return claim_row(session, owner_, store_.parts_->random).record.user;
}

Position OwnerView::position() {
  const auto row = find(store_.parts_->live(), owner_);
  return row ? position_of(*row, row->record.user.created) : Position{};
}

std::vector<Factor> OwnerView::factors() {
  Session& session = store_.parts_->live();
  std::vector<Factor> factors;
  if (const auto row = find(session, owner_)) {
    for (auto& factor : session.factors.all(*row)) factors.push_back(std::move(factor.factor));
  }
  return factors;
}

std::optional<Factor> OwnerView::factor(const std::string& id) {
  Session& session = store_.parts_->live();
  const auto owner = find(session, owner_);
  if (!owner) return std::nullopt;
  auto row = session.factors.find(*owner, id);
  if (!row) return std::nullopt;
  return std::move(row->factor);
}

void OwnerView::with_seed(const std::string& id, const std::function<void(core::ByteView)>& look) {
  Session& session = store_.parts_->live();
  const auto owner = find(session, owner_);
  const auto row = owner ? session.factors.find(*owner, id) : std::nullopt;
  const auto look_unless_empty = [&look](core::ByteView seed) {
    if (seed.empty()) no_seed();
    look(seed);
  };
  if (!row) no_seed();
  session.factors.with_seed(*owner, row->row, look_unless_empty);
}

std::optional<Factor> OwnerView::factor_with(core::ByteView credential_id) {
  Session& session = store_.parts_->live();
  const auto owner = find(session, owner_);
  auto row = owner ? session.factors.with_credential(*owner, credential_id) : std::nullopt;
  if (!row) return std::nullopt;
  return std::move(row->factor);
}

Holder OwnerView::credential_holder(core::ByteView credential_id) {
  const auto holder = store_.parts_->live().holder_of(credential_id);
  if (!holder) return Holder::nobody;
  const bool own = holder->organization == owner_.organization().id() && holder->user_id == owner_.user_id();
  return own ? Holder::owner : Holder::other;
}

Position OwnerView::add(Factor factor, core::ByteView seed, const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = claim_row(session, owner_, store_.parts_->random);
    factor.created = factor.changed = change.at;
    session.factors.insert(owner, factor, seed);
    record(session, owner, EventType::factor_added, change, about(factor));
    session.owners.save(owner);
    return position_of(owner, factor.created);
  });
}

Position OwnerView::update(Factor factor, EventType event, const Change& change) {
  return write(std::move(factor), event, std::nullopt, change);
}

Position OwnerView::use_up(Factor factor, Use use, const Change& change) {
  factor.last_used = change.at;
  use.count = ++factor.use_count;
  return write(std::move(factor), EventType::factor_used, std::move(use), change);
}

Position OwnerView::write(Factor factor, EventType event, std::optional<Use> use, const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = require(session, owner_);
    const FactorRow row = require_factor(session, owner, factor.id);
    if (row.factor.kind != factor.kind) throw std::logic_error("a factor does not change its kind");
    factor.created = row.factor.created;
    factor.changed = change.at;
    session.factors.save(owner, row, factor);
    record(session, owner, event, change, {factor.id, factor.kind, std::move(use)});
    session.owners.save(owner);
    return position_of(owner, factor.created);
  });
}

Position OwnerView::use(const std::string& id, Use use, const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = require(session, owner_);
    const FactorRow row = require_factor(session, owner, id);
    use.count = row.factor.use_count + 1;
    record(session, owner, EventType::factor_used, change, {id, row.factor.kind, use});
    session.owners.remember(owner);
    return position_of(owner, row.factor.created);
  });
}

Position OwnerView::remove(const std::string& id, const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    auto owner = find(session, owner_);
    if (!owner) throw std::logic_error("change of a factor that does not exist");
    const FactorRow row = require_factor(session, *owner, id);
    session.factors.erase(*owner, row.row);
    session.owes_truncation = true;
    record(session, *owner, EventType::factor_removed, change, about(row.factor));
    session.owners.save(*owner);
    return position_of(*owner, row.factor.created);
  });
}

void OwnerView::discard(const std::string& id) {
  Session& session = store_.parts_->live();
  store_.savepoint([&] {
    auto owner = find(session, owner_);
    if (!owner) return;
    const auto row = session.factors.find(*owner, id);
    if (!row) return;
    session.factors.erase(*owner, row->row);
    session.owes_truncation = true;
    session.owners.save(*owner);
  });
}

Position OwnerView::note(EventType event, std::optional<Kind> kind, const Change& change,
                         const std::string& factor_id) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = require(session, owner_);
    record(session, owner, event, change, {.factor_id = factor_id, .kind = kind});
    session.owners.save(owner);
    return position_of(owner, owner.record.user.created);
  });
}

Position OwnerView::lock(Lock lock, const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = claim_row(session, owner_, store_.parts_->random);
    bool& locked = owner.record.user.locked;
    if (std::exchange(locked, lock == Lock::locked) != locked) {
      record(session, owner, locked ? EventType::user_locked : EventType::user_unlocked, change);
      session.owners.save(owner);
    }
    return position_of(owner, owner.record.user.created);
  });
}

Position OwnerView::add_user(const std::string& display_name, const Change& change) {
  Session& session = store_.parts_->live();
  if (owner_.organization().is_default()) {
    throw core::Error::because(core::failure::bad_argument, "The default organization holds Unix accounts only");
  }
  return store_.savepoint([&] {
    if (find(session, owner_)) throw core::Error(core::failure::user_exists);
    OwnerRow owner = make(session, owner_, display_name, store_.parts_->random);
    record(session, owner, EventType::user_added, change);
    session.owners.save(owner);
    return position_of(owner, owner.record.user.created);
  });
}

Position OwnerView::remove_user(const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = require(session, owner_);
    note_removals(session, owner, change);
    record(session, owner, EventType::user_removed, change);
    session.owes_truncation = true;
    session.owners.erase(owner.row);  // and the factors with it: ON DELETE CASCADE
    return position_of(owner, owner.record.user.created);
  });
}

Position OwnerView::rebind(const Change& change) {
  Session& session = store_.parts_->live();
  return store_.savepoint([&] {
    OwnerRow owner = require(session, owner_);
    if (!owner_.uid()) not_found();
    const auto holder = session.owners.find_uid(owner_.organization().id(), *owner_.uid());
    if (holder && holder->row != owner.row) throw core::Error(core::failure::binding_changed);
    owner.record.user.uid = owner_.uid();
    record(session, owner, EventType::user_rebound, change);
    session.owners.rebind(owner);
    return position_of(owner, owner.record.user.created);
  });
}

}  // namespace factord::storage
