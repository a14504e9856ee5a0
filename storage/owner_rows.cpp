// SPDX-License-Identifier: Apache-2.0
#include "storage/owner_rows.hpp"

#include <algorithm>
#include <limits>

namespace factord::storage {
namespace {

bool is(const User& user, const std::string& organization, const std::string& user_id) {
  return user.organization == organization && user.user_id == user_id;
}

}  // namespace

OwnerRows::OwnerRows(Database& database, Sealer& sealer, const Lookup& lookup, const Uses& uses)
    : database_(database),
      sealer_(sealer),
      lookup_(lookup),
      uses_(uses),
      by_hash_(database, "SELECT id, version, sealed FROM owner WHERE owner_hash = ?"),
      by_uid_(database, "SELECT id, version, sealed FROM owner WHERE uid_hash = ?"),
      by_row_(database, "SELECT id, version, sealed FROM owner WHERE id = ?"),
      next_row_(database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'owner'"),
      insert_(database,
              "INSERT INTO owner (id, organization_hash, owner_hash, uid_hash, version, sealed) "
              "VALUES (?, ?, ?, ?, ?, ?)"),
      // An indexed column that is set is written to its index even where it stays the same.
      save_(database, "UPDATE owner SET version = ?2, sealed = ?3 WHERE id = ?1"),
      rebind_(database, "UPDATE owner SET version = ?2, sealed = ?3, uid_hash = ?4 WHERE id = ?1"),
      erase_(database, "DELETE FROM owner WHERE id = ?"),
      page_(database,
            "SELECT id, version, sealed FROM owner WHERE organization_hash = ? AND owner_hash >= ? "
            "ORDER BY owner_hash, id"),
      count_(database, "SELECT count(*) FROM owner WHERE organization_hash = ?") {}

OwnerRow OwnerRows::open(std::int64_t row, std::uint64_t version, core::ByteView sealed) const {
  OwnerRow owner{row, version, decode_owner(sealer_.open({Table::owner, row, row, version}, sealed))};
  uses_.lay_over(row, owner.record.user);
  return owner;
}

void OwnerRows::remember(const OwnerRow& owner) {
  if (database_.in_transaction()) last_ = owner;
}

std::optional<OwnerRow> OwnerRows::find(const std::string& organization, const std::string& user_id) {
  if (last_ && database_.in_transaction() && is(last_->record.user, organization, user_id)) return last_;
  auto run = by_hash_.with(lookup_.owner(organization, user_id));
  while (run.next()) {
    OwnerRow owner = open(run.integer(0), static_cast<std::uint64_t>(run.integer(1)), run.blob(2));
    if (!is(owner.record.user, organization, user_id)) continue;
    remember(owner);
    return owner;
  }
  return std::nullopt;
}

std::optional<OwnerRow> OwnerRows::find_uid(const std::string& organization, uid_t uid) {
  auto run = by_uid_.with(lookup_.uid(uid, 0));
  while (run.next()) {
    OwnerRow owner = open(run.integer(0), static_cast<std::uint64_t>(run.integer(1)), run.blob(2));
    if (owner.record.user.organization == organization && owner.record.user.uid == uid) return owner;
  }
  return std::nullopt;
}

std::optional<OwnerRow> OwnerRows::at(std::int64_t row) {
  auto run = by_row_.with(row);
  if (!run.next()) return std::nullopt;
  return open(row, static_cast<std::uint64_t>(run.integer(1)), run.blob(2));
}

OwnerRow OwnerRows::insert(OwnerRecord record) {
  OwnerRow owner{1, 1, std::move(record)};
  {
    auto run = next_row_.with();
    if (run.next()) owner.row = run.integer(0);
  }
  const User& user = owner.record.user;
  const core::Bytes sealed = sealer_.seal({Table::owner, owner.row, owner.row, owner.version}, encode(owner.record));
  insert_.execute(owner.row, lookup_.organization(user.organization), lookup_.owner(user.organization, user.user_id),
                  lookup_.uid(user.uid, owner.row), std::int64_t{1}, core::ByteView(sealed));
  remember(owner);
  return owner;
}

core::Bytes OwnerRows::seal_next(OwnerRow& owner) {
  forget();
  ++owner.version;
  return sealer_.seal({Table::owner, owner.row, owner.row, owner.version}, encode(owner.record));
}

void OwnerRows::save(OwnerRow& owner) {
  const core::Bytes sealed = seal_next(owner);
  save_.execute(owner.row, static_cast<std::int64_t>(owner.version), core::ByteView(sealed));
  remember(owner);
}

void OwnerRows::rebind(OwnerRow& owner) {
  const core::Bytes sealed = seal_next(owner);
  rebind_.execute(owner.row, static_cast<std::int64_t>(owner.version), core::ByteView(sealed),
                  lookup_.uid(owner.record.user.uid, owner.row));
  remember(owner);
}

void OwnerRows::erase(std::int64_t row) {
  forget();
  erase_.execute(row);
}

std::vector<User> OwnerRows::users(const std::string& organization, const std::string& after, std::size_t limit) {
  std::int64_t start = std::numeric_limits<std::int64_t>::min();
  if (!after.empty()) {
    // By the hash of the name alone, so that a page can start behind a user who is gone by now.
    start = lookup_.owner(organization, after);
    if (start == std::numeric_limits<std::int64_t>::max()) return {};
    ++start;
  }
  std::vector<User> users;
  auto run = page_.with(lookup_.organization(organization), start);
  while (users.size() < limit && run.next()) {
    OwnerRow owner = open(run.integer(0), static_cast<std::uint64_t>(run.integer(1)), run.blob(2));
    if (owner.record.user.organization == organization) users.push_back(std::move(owner.record.user));
  }
  return users;
}

std::uint64_t OwnerRows::count(const std::string& organization) {
  auto run = count_.with(lookup_.organization(organization));
  run.next();
  return static_cast<std::uint64_t>(run.integer(0));
}

}  // namespace factord::storage
