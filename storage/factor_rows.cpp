// SPDX-License-Identifier: Apache-2.0
#include "storage/factor_rows.hpp"

#include <algorithm>
#include <utility>

#include "core/failure.hpp"

namespace factord::storage {
namespace {

[[noreturn]] void damaged(const OwnerRow& owner, const char* what) {
  throw core::Error(core::failure::record_damaged, "factors of owner row " + std::to_string(owner.row) + ": " + what);
}

auto listed(auto& owner, std::int64_t row) {
  const auto head = std::ranges::find(owner.record.factors, row, &FactorHead::row);
  if (head == owner.record.factors.end()) damaged(owner, "a row that the owner's record does not list");
  return head;
}

Place place_of(const OwnerRow& owner, const FactorHead& head) {
  return {Table::factor, head.row, owner.row, head.version};
}

// A seed is written once, with its row.
Place seed_place(std::int64_t owner_row, std::int64_t row) { return {Table::seed, row, owner_row, 1}; }

}  // namespace

FactorRows::FactorRows(Database& database, Sealer& sealer, const Lookup& lookup, const Uses& uses)
    : database_(database),
      sealer_(sealer),
      lookup_(lookup),
      uses_(uses),
      of_owner_(database, "SELECT id, sealed FROM factor WHERE owner = ? ORDER BY id"),
      by_id_(database, "SELECT id, sealed FROM factor WHERE owner = ? AND id_hash = ?"),
      by_row_(database, "SELECT sealed FROM factor WHERE id = ? AND owner = ?"),
      seed_(database, "SELECT seed FROM factor WHERE id = ? AND owner = ?"),
      by_credential_(database, "SELECT id, owner FROM factor WHERE credential_hash = ?"),
      next_row_(database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'factor'"),
      insert_(database,
              "INSERT INTO factor (id, owner, id_hash, credential_hash, sealed, seed) VALUES (?, ?, ?, ?, ?, ?)"),
      // An indexed column that is set is written to its index even where it stays the same.
      save_(database, "UPDATE factor SET sealed = ?2 WHERE id = ?1"),
      save_credential_(database, "UPDATE factor SET sealed = ?2, credential_hash = ?3 WHERE id = ?1"),
      erase_(database, "DELETE FROM factor WHERE id = ?") {}

FactorRow FactorRows::open(const OwnerRow& owner, std::int64_t row, core::ByteView sealed) const {
  FactorRow opened{row, decode_factor(sealer_.open(place_of(owner, *listed(owner, row)), sealed))};
  uses_.lay_over(owner.row, opened.factor);
  return opened;
}

std::vector<FactorRow> FactorRows::all(const OwnerRow& owner) {
  std::vector<FactorRow> factors;
  auto run = of_owner_.with(owner.row);
  while (run.next()) factors.push_back(open(owner, run.integer(0), run.blob(1)));
  if (factors.size() != owner.record.factors.size()) damaged(owner, "a row is missing");
  remember(owner, factors);
  return factors;
}

void FactorRows::remember(const OwnerRow& owner, std::vector<FactorRow> rows) {
  if (database_.in_transaction()) seen_ = {owner.row, std::move(rows)};
}

const FactorRow* FactorRows::seen(const OwnerRow& owner, const std::string& id) const {
  if (!seen_ || seen_->owner_row != owner.row || !database_.in_transaction()) return nullptr;
  const auto row = std::ranges::find(seen_->rows, id,
                                     [](const FactorRow& factor) -> const std::string& { return factor.factor.id; });
  return row == seen_->rows.end() ? nullptr : &*row;
}

std::optional<FactorRow> FactorRows::find(const OwnerRow& owner, const std::string& id) {
  if (const FactorRow* row = seen(owner, id)) return *row;
  {
    auto run = by_id_.with(owner.row, lookup_.factor(owner.row, id));
    while (run.next()) {
      FactorRow factor = open(owner, run.integer(0), run.blob(1));
      if (factor.factor.id != id) continue;
      remember(owner, {factor});
      return factor;
    }
  }
  // "Unknown" is said of whole lists only: a row whose hash was edited, or that was taken away, is damage.
  for (const auto& factor : all(owner)) {
    if (factor.factor.id == id) damaged(owner, "a look-up hash was edited");
  }
  return std::nullopt;
}

void FactorRows::with_seed(const OwnerRow& owner, std::int64_t row, const std::function<void(core::ByteView)>& look) {
  auto run = seed_.with(row, owner.row);
  if (!run.next()) damaged(owner, "a row is missing");
  sealer_.with_seed(seed_place(owner.row, row), run.blob(0), look);
}

std::vector<FactorRows::Candidate> FactorRows::with_hash(std::int64_t hash) {
  std::vector<Candidate> found;
  auto run = by_credential_.with(hash);
  while (run.next()) found.push_back({run.integer(0), run.integer(1)});
  return found;
}

std::vector<FactorRows::Candidate> FactorRows::candidates(core::ByteView credential_id) {
  return with_hash(lookup_.credential(credential_id, 0));
}

std::optional<FactorRow> FactorRows::with_credential(const OwnerRow& owner, core::ByteView credential_id) {
  if (credential_id.empty()) return std::nullopt;
  for (const Candidate& candidate : candidates(credential_id)) {
    if (candidate.owner != owner.row) continue;
    FactorRow row = at(owner, candidate.row);
    if (std::ranges::equal(row.factor.webauthn.credential_id, credential_id)) return row;
  }
  return std::nullopt;
}

std::vector<FactorRows::Candidate> FactorRows::candidates_begun_by(uid_t uid) {
  return with_hash(lookup_.beginner(uid));
}

std::int64_t FactorRows::credential_hash(const Factor& factor, std::int64_t row) const {
  const core::Bytes& credential_id = factor.webauthn.credential_id;
  if (factor.begun_by && credential_id.empty()) return lookup_.beginner(*factor.begun_by);
  return lookup_.credential(credential_id, row);
}

FactorRow FactorRows::at(const OwnerRow& owner, std::int64_t row) {
  auto run = by_row_.with(row, owner.row);
  if (!run.next()) damaged(owner, "a row is missing");
  return open(owner, row, run.blob(0));
}

void FactorRows::insert(OwnerRow& owner, const Factor& factor, core::ByteView seed) {
  forget();
  FactorHead head{1, 1};
  {
    auto run = next_row_.with();
    if (run.next()) head.row = run.integer(0);
  }
  const core::Bytes sealed = sealer_.seal(place_of(owner, head), encode(factor));
  const core::Bytes sealed_seed = sealer_.seal_seed(seed_place(owner.row, head.row), seed);
  insert_.execute(head.row, owner.row, lookup_.factor(owner.row, factor.id), credential_hash(factor, head.row),
                  core::ByteView(sealed), core::ByteView(sealed_seed));
  owner.record.factors.push_back(head);
}

void FactorRows::save(OwnerRow& owner, const FactorRow& before, const Factor& now) {
  forget();
  const auto head = listed(owner, before.row);
  ++head->version;
  const core::Bytes sealed = sealer_.seal(place_of(owner, *head), encode(now));
  const Factor& then = before.factor;
  if (then.webauthn.credential_id == now.webauthn.credential_id && then.begun_by == now.begun_by) {
    save_.execute(before.row, core::ByteView(sealed));
  } else {
    save_credential_.execute(before.row, core::ByteView(sealed), credential_hash(now, before.row));
  }
}

void FactorRows::erase(OwnerRow& owner, std::int64_t row) {
  forget();
  owner.record.factors.erase(listed(owner, row));
  erase_.execute(row);
}

}  // namespace factord::storage
