// SPDX-License-Identifier: Apache-2.0
// Keyed 64-bit hashes by which rows are found without showing what they are about. Private to storage. Two values may
// share a hash: whoever looks up opens every candidate and compares.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "storage/budget.hpp"
#include "storage/keyring.hpp"

namespace factord::storage {

class Lookup {
 public:
  explicit Lookup(const Keyring& keyring) : keyring_(keyring) {}

  std::int64_t organization(const std::string& organization) const;
  std::int64_t owner(const std::string& organization, const std::string& user_id) const;
  // Where there is no uid, and where there is no credential id, a number of the row's own stands in: an empty column
  // would tell Unix accounts from others, and TOTP from passkeys. A registration that is pending has no credential id
  // yet: in the same column stands who has begun it.
  std::int64_t uid(std::optional<uid_t> uid, std::int64_t owner_row) const;
  std::int64_t credential(core::ByteView credential_id, std::int64_t factor_row) const;
  std::int64_t beginner(uid_t uid) const;
  std::int64_t factor(std::int64_t owner_row, const std::string& id) const;
  std::int64_t code(const std::string& id) const;
  std::int64_t budget(std::int64_t owner_row, const BudgetKey& key) const;

 private:
  std::int64_t hash(core::ByteView input) const;
  const Keyring& keyring_;
};

}  // namespace factord::storage
