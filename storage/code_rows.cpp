// SPDX-License-Identifier: Apache-2.0
#include "storage/code_rows.hpp"

#include <sodium.h>

#include "storage/codec.hpp"
#include "storage/layout.hpp"

namespace factord::storage {
namespace {

constexpr std::size_t hash_size = 32;

Place place_of(std::int64_t owner_row, std::int64_t row, std::uint64_t version) {
  return {Table::code, row, owner_row, version};
}

}  // namespace

CodeRows::CodeRows(Database& database, Sealer& sealer, const Lookup& lookup)
    : sealer_(sealer),
      lookup_(lookup),
      by_id_(database, "SELECT id, owner, version, sealed FROM registration_code WHERE id_hash = ?"),
      of_owner_(database, "SELECT id, owner, version, sealed FROM registration_code WHERE owner = ? ORDER BY id"),
      next_row_(database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'registration_code'"),
      insert_(database, "INSERT INTO registration_code (id, owner, id_hash, version, sealed) VALUES (?, ?, ?, ?, ?)"),
      save_(database, "UPDATE registration_code SET version = ?2, sealed = ?3 WHERE id = ?1"),
      erase_(database, "DELETE FROM registration_code WHERE id = ?") {}

CodeRows::Row CodeRows::open(Statement::Run& run) const {
  const std::int64_t row = run.integer(0), owner = run.integer(1);
  const auto version = static_cast<std::uint64_t>(run.integer(2));
  return {row, owner, version, decode_code(sealer_.open(place_of(owner, row, version), run.blob(3)))};
}

std::optional<CodeRows::Row> CodeRows::find_row(const std::string& id) {
  auto run = by_id_.with(lookup_.code(id));
  while (run.next()) {
    Row found = open(run);
    if (found.code.id == id) return found;
  }
  return std::nullopt;
}

bool CodeRows::known(const std::string& id) { return find_row(id).has_value(); }

std::optional<RegistrationCode> CodeRows::find(std::int64_t owner_row, const std::string& id) {
  auto found = find_row(id);
  if (!found || found->owner != owner_row) return std::nullopt;
  return std::move(found->code);
}

std::vector<RegistrationCode> CodeRows::all(std::int64_t owner_row) {
  std::vector<RegistrationCode> codes;
  auto run = of_owner_.with(owner_row);
  while (run.next()) codes.push_back(open(run).code);
  return codes;
}

void CodeRows::insert(std::int64_t owner_row, const RegistrationCode& code) {
  std::int64_t row = 1;
  {
    auto run = next_row_.with();
    if (run.next()) row = run.integer(0);
  }
  const core::Bytes sealed = sealer_.seal(place_of(owner_row, row, 1), encode(code));
  insert_.execute(row, owner_row, lookup_.code(code.id), std::int64_t{1}, core::ByteView(sealed));
}

void CodeRows::save(std::int64_t owner_row, const RegistrationCode& code) {
  const auto present = find_row(code.id);
  if (!present || present->owner != owner_row) return;
  const std::uint64_t version = present->version + 1;
  const core::Bytes sealed = sealer_.seal(place_of(owner_row, present->row, version), encode(code));
  save_.execute(present->row, static_cast<std::int64_t>(version), core::ByteView(sealed));
}

void CodeRows::erase(std::int64_t owner_row, const std::string& id) {
  const auto present = find_row(id);
  if (present && present->owner == owner_row) erase_.execute(present->row);
}

// A code has as many random bits as nobody can try: it needs no slow hash, and the key is not in the file.
core::Bytes CodeRows::hash(const std::string& id, core::ByteView secret) const {
  const Layout head = Layout().text(id);
  const core::ByteView key = sealer_.keyring().key(SubKey::code_hash);
  crypto_generichash_blake2b_state state;
  core::Bytes out(hash_size);
  crypto_generichash_blake2b_init(&state, key.data(), key.size(), out.size());
  crypto_generichash_blake2b_update(&state, head.view().data(), head.view().size());
  crypto_generichash_blake2b_update(&state, secret.data(), secret.size());
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
  return out;
}

}  // namespace factord::storage
