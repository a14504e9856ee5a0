// SPDX-License-Identifier: Apache-2.0
// Rows of the users: found by keyed hash, opened, compared. Private to storage; on the loop thread.
// Remembers the one row that was read or written last, within a transaction only: whoever rolls back says forget().
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "storage/codec.hpp"
#include "storage/lookup.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"
#include "storage/uses.hpp"

namespace factord::storage {

struct OwnerRow {
  std::int64_t row;
  std::uint64_t version;
  OwnerRecord record;
};

class OwnerRows {
 public:
  OwnerRows(Database& database, Sealer& sealer, const Lookup& lookup, const Uses& uses);

  std::optional<OwnerRow> find(const std::string& organization, const std::string& user_id);
  // Who is bound to this Unix account in that organization.
  std::optional<OwnerRow> find_uid(const std::string& organization, uid_t uid);
  std::optional<OwnerRow> at(std::int64_t row);

  OwnerRow insert(OwnerRecord record);
  void save(OwnerRow& owner);    // but for the uid
  void rebind(OwnerRow& owner);  // and with the uid
  void erase(std::int64_t row);

  std::vector<User> users(const std::string& organization, const std::string& after, std::size_t limit);
  std::uint64_t count(const std::string& organization);

  void remember(const OwnerRow& owner);
  void forget() { last_.reset(); }

 private:
  OwnerRow open(std::int64_t row, std::uint64_t version, core::ByteView sealed) const;
  core::Bytes seal_next(OwnerRow& owner);

  Database& database_;
  Sealer& sealer_;
  const Lookup& lookup_;
  const Uses& uses_;
  std::optional<OwnerRow> last_;
  Statement by_hash_, by_uid_, by_row_, next_row_, insert_, save_, rebind_, erase_, page_, count_;
};

}  // namespace factord::storage
