// SPDX-License-Identifier: Apache-2.0
// Rows of the factors of one user at a time. Private to storage; on the loop thread. What is read must be what the
// user's sealed record lists, row and version: a factor row that was removed, put back or aged by somebody else's hand
// is record_damaged, not "unknown". Remembers the rows that were read last, within a transaction only, since an
// operation mostly looks at a factor, or at all of a user's, and then changes one: whoever rolls back, or notes a use,
// says forget().
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/lookup.hpp"
#include "storage/owner_rows.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"

namespace factord::storage {

struct FactorRow {
  std::int64_t row;
  Factor factor;
};

class FactorRows {
 public:
  FactorRows(Database& database, Sealer& sealer, const Lookup& lookup, const Uses& uses);

  std::vector<FactorRow> all(const OwnerRow& owner);  // in order of creation
  std::optional<FactorRow> find(const OwnerRow& owner, const std::string& id);
  std::optional<FactorRow> with_credential(const OwnerRow& owner, core::ByteView credential_id);
  void with_seed(const OwnerRow& owner, std::int64_t row, const std::function<void(core::ByteView)>& look);
  // Rows and owners' rows that may hold this credential id, or a registration that this uid has begun: to be opened
  // and compared.
  struct Candidate {
    std::int64_t row, owner;
  };
  std::vector<Candidate> candidates(core::ByteView credential_id);
  std::vector<Candidate> candidates_begun_by(uid_t uid);
  FactorRow at(const OwnerRow& owner, std::int64_t row);

  // These change the list in owner.record too; the caller saves it.
  void insert(OwnerRow& owner, const Factor& factor, core::ByteView seed);
  void save(OwnerRow& owner, const FactorRow& before, const Factor& now);
  void erase(OwnerRow& owner, std::int64_t row);

  void forget() { seen_.reset(); }

 private:
  struct Seen {
    std::int64_t owner_row;
    std::vector<FactorRow> rows;
  };
  void remember(const OwnerRow& owner, std::vector<FactorRow> rows);
  const FactorRow* seen(const OwnerRow& owner, const std::string& id) const;
  FactorRow open(const OwnerRow& owner, std::int64_t row, core::ByteView sealed) const;
  std::vector<Candidate> with_hash(std::int64_t hash);
  std::int64_t credential_hash(const Factor& factor, std::int64_t row) const;

  Database& database_;
  Sealer& sealer_;
  const Lookup& lookup_;
  const Uses& uses_;
  std::optional<Seen> seen_;
  Statement of_owner_, by_id_, by_row_, seed_, by_credential_, next_row_, insert_, save_, save_credential_, erase_;
};

}  // namespace factord::storage
