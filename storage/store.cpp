// SPDX-License-Identifier: Apache-2.0
#include "storage/store.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "storage/session.hpp"

namespace factord::storage {
namespace {

void check(const core::Secret* master_key) {
  if (master_key == nullptr || master_key->size() == key_size) return;
  throw core::Error(core::failure::unavailable,
                    "the master key must be 32 bytes, not " + std::to_string(master_key->size()));
}

// Discards it where its time is over. What does not open counts: it may be one.
bool is_pending(Session& session, const FactorRows::Candidate& candidate, uid_t uid, core::Time now) try {
  auto owner = session.owners.at(candidate.owner);
  if (!owner) return true;
  const Factor factor = session.factors.at(*owner, candidate.row).factor;
  if (factor.begun_by != uid) return false;
  if (!factor.expires || *factor.expires > now) return true;
  session.factors.erase(*owner, candidate.row);
  session.owners.save(*owner);
  session.owes_truncation = true;
  return false;
} catch (const core::Error& error) {
  if (error.id() != core::failure::record_damaged.id) throw;
  return true;
}

void fold_uses(Session& session, std::int64_t owner_row) {
  auto owner = session.owners.at(owner_row);
  if (!owner) return;  // removed since
  for (const FactorRow& row : session.factors.all(*owner))
    if (session.uses.holds(owner_row, row.factor.id)) session.factors.save(*owner, row, row.factor);
  for (const BudgetKey& key : session.uses.right(owner_row))
    session.budgets.save(owner_row, *session.budget(owner_row, key));
  session.owners.save(*owner);
}

// What does not open any more needs no uses either.
void fold_what_opens(Store& store, Session& session, std::int64_t owner_row) try {
  store.savepoint([&] { fold_uses(session, owner_row); });
} catch (const core::Error& error) {
  if (error.id() != core::failure::record_damaged.id) throw;
}

}  // namespace

std::unique_ptr<Store> Store::open(const std::filesystem::path& directory, const core::Secret* master_key,
                                   const Birth& birth, core::Random& random) {
  if (sodium_init() < 0) throw core::Error(core::failure::internal, "libsodium did not initialise");
  check(master_key);
  auto parts = std::make_unique<Parts>(directory, random);
  if (!parts->file.exists()) {
    if (master_key == nullptr) {
      throw core::Error(core::failure::unavailable, parts->file.path() + ": no store here, and no key to make one");
    }
    create_store(parts->file, *master_key, {birth.organization, birth.domain}, random);
  }
  const Cover cover = read_cover(parts->file);
  if (master_key != nullptr) parts->keyring = unlock(cover, *master_key);
  if (parts->keyring != nullptr) {
    parts->store_id = cover.store_id;
    parts->sealer.emplace(parts->keyring, cover.store_id, random);
    parts->lookup.emplace(*parts->keyring);
    parts->connect();
  }
  return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

bool Store::locked() const { return parts_->keyring == nullptr; }
const std::string& Store::default_organization() const { return parts_->defaults.organization; }
const std::string& Store::default_domain() const { return parts_->defaults.domain; }

OwnerView Store::of(const core::Owner& owner) { return {*this, owner}; }

std::vector<User> Store::users(const core::Organization& organization, const std::string& after, std::size_t limit) {
  return parts_->live().owners.users(organization.id(), after, limit);
}

std::uint64_t Store::user_count(const core::Organization& organization) {
  return parts_->live().owners.count(organization.id());
}

std::vector<Event> Store::events(std::uint64_t after, std::size_t limit) {
  return parts_->live().journal.events(after, limit);
}

std::optional<std::string> Store::user_with(const core::Organization& organization, core::ByteView credential_id) {
  auto holder = parts_->live().holder_of(credential_id);
  if (!holder || holder->organization != organization.id()) return std::nullopt;
  return std::move(holder->user_id);
}

bool Store::knows_code(const std::string& id) { return parts_->live().codes.known(id); }

core::Time Store::last_event_at() { return parts_->live().journal.last_at(); }

std::uint32_t Store::pending_begun_by(uid_t uid, core::Time now) {
  Session& session = parts_->live();
  return savepoint([&] {
    std::uint32_t pending = 0;
    for (const auto& candidate : session.factors.candidates_begun_by(uid))
      if (is_pending(session, candidate, uid, now)) ++pending;
    return pending;
  });
}

void Store::begin() {
  Session& session = parts_->live();
  session.forget();
  session.events.clear();
  session.begin.execute();
}

std::vector<Event> Store::commit() {
  Session& session = parts_->live();
  session.require_transaction();
  try {
    session.forget();
    session.commit.execute();
    session.uses.settle();
    for (const Event& event : session.events) session.last_event = std::max(session.last_event, event.number);
    return std::exchange(session.events, {});
  } catch (const core::Error& error) {
    session.undo_all();
    throw core::Error(core::failure::unavailable, "commit failed: " + error.cause());
  }
}

void Store::rollback() {
  if (parts_->session) parts_->session->undo_all();
}

bool Store::in_transaction() const { return parts_->session && parts_->session->database->in_transaction(); }

void Store::reopen() {
  if (locked()) return;
  // Closed first: two connections at once would keep the old one's view of the log alive.
  parts_->session.reset();
  const Cover cover = read_cover(parts_->file);
  if (cover.store_id != parts_->store_id) {
    throw core::Error(core::failure::unavailable, parts_->file.path() + ": is another store than before");
  }
  parts_->connect();
}

std::size_t Store::unfolded() const { return parts_->session ? parts_->session->uses.size() : 0; }

bool Store::owes_folding() const {
  constexpr std::uint64_t longest_tail = 4096;  // events
  return unfolded() > 0 || (parts_->session && parts_->session->last_event > parts_->defaults.folded + longest_tail);
}

void Store::fold(std::size_t limit) {
  Session& session = parts_->live();
  if (session.database->in_transaction()) return;
  const auto rows = session.uses.oldest(limit);
  StoreRecord record = parts_->defaults;
  begin();
  try {
    for (const std::int64_t row : rows) fold_what_opens(*this, session, row);
    const std::uint64_t needed = session.uses.first_event(rows.size());
    record.folded = needed == 0 ? session.journal.last_number() : needed - 1;
    write_defaults(*session.database, *parts_->sealer, record);
    commit();
  } catch (...) {
    session.undo_all();
    throw;
  }
  parts_->defaults = std::move(record);
  session.uses.drop(rows);
}

bool Store::owes_truncation() const { return parts_->session && parts_->session->owes_truncation; }

void Store::truncate_wal() {
  Session& session = parts_->live();
  if (session.database->in_transaction()) return;
  sqlite3* handle = session.database->handle();
  // Without the busy handler: the loop does not wait for a reader.
  sqlite3_busy_timeout(handle, 0);
  const int result = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle, Database::busy_milliseconds);
  if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY && (result & 0xff) != SQLITE_LOCKED) {
    session.database->fail("truncate the log");
  }
  session.owes_truncation = result != SQLITE_OK;
}

Store::SavepointGuard::SavepointGuard(Store& store) : store_(store) {
  Session& session = store.parts_->live();
  // Outside a transaction a savepoint would be one, and commit by itself.
  session.require_transaction();
  events_ = session.events.size();
  uses_ = session.uses.mark();
  session.savepoint.execute();
}

Store::SavepointGuard::~SavepointGuard() {
  if (!open_ || !store_.parts_->session) return;
  Session& session = *store_.parts_->session;
  session.forget();
  if (session.events.size() > events_) session.events.resize(events_);
  session.uses.undo(uses_);
  if (!session.database->in_transaction()) return;
  try {
    session.rollback_to.execute();
    session.release.execute();
  } catch (...) {
    // Better to lose the batch than to keep half of an operation.
    session.undo_all();
  }
}

void Store::SavepointGuard::release() {
  Session& session = store_.parts_->live();
  session.require_transaction();
  session.release.execute();
  open_ = false;
}

}  // namespace factord::storage
