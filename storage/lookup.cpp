// SPDX-License-Identifier: Apache-2.0
#include "storage/lookup.hpp"

#include <sodium.h>

#include <array>

#include "storage/layout.hpp"

namespace factord::storage {
namespace {

// First byte of what is hashed, so that no two uses share inputs.
enum class Subject : std::uint8_t {
  organization = 1,
  owner = 2,
  uid = 3,
  no_uid = 4,
  factor = 5,
  credential = 6,
  no_credential = 7,
  beginner = 8,
  budget = 9,
  budget_of_all = 10,
  code = 11
};

Layout about(Subject subject) {
  Layout input;
  input.number(static_cast<std::uint8_t>(subject));
  return input;
}

}  // namespace

std::int64_t Lookup::hash(core::ByteView input) const {
  // BLAKE2b with an output of 8 bytes (RFC 7693), not a longer one cut short.
  std::array<std::uint8_t, 8> out;
  const core::ByteView key = keyring_.key(SubKey::lookup);
  crypto_generichash_blake2b(out.data(), out.size(), input.data(), input.size(), key.data(), key.size());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < out.size(); ++i) value |= std::uint64_t{out[i]} << (8 * i);
  return static_cast<std::int64_t>(value);
}

std::int64_t Lookup::organization(const std::string& organization) const {
  return hash(about(Subject::organization).text(organization));
}

std::int64_t Lookup::owner(const std::string& organization, const std::string& user_id) const {
  return hash(about(Subject::owner).text(organization).text(user_id));
}

std::int64_t Lookup::uid(std::optional<uid_t> uid, std::int64_t owner_row) const {
  return uid ? hash(about(Subject::uid).number(std::uint32_t{*uid})) : hash(about(Subject::no_uid).number(owner_row));
}

std::int64_t Lookup::factor(std::int64_t owner_row, const std::string& id) const {
  return hash(about(Subject::factor).number(owner_row).text(id));
}

std::int64_t Lookup::credential(core::ByteView credential_id, std::int64_t factor_row) const {
  return credential_id.empty() ? hash(about(Subject::no_credential).number(factor_row))
                               : hash(about(Subject::credential).text(credential_id));
}

std::int64_t Lookup::budget(std::int64_t owner_row, const BudgetKey& key) const {
  Layout input = about(key.caller ? Subject::budget : Subject::budget_of_all);
  input.number(owner_row).number(static_cast<std::uint8_t>(key.kind));
  if (key.caller) input.number(std::uint32_t{*key.caller}).text(key.source);
  return hash(input);
}

std::int64_t Lookup::code(const std::string& id) const { return hash(about(Subject::code).text(id)); }

std::int64_t Lookup::beginner(uid_t uid) const { return hash(about(Subject::beginner).number(std::uint32_t{uid})); }

}  // namespace factord::storage
