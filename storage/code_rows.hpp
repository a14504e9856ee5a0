// SPDX-License-Identifier: Apache-2.0
// Rows of registration codes, found by the keyed hash of their id. Private to storage; on the loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/lookup.hpp"
#include "storage/registration_code.hpp"
#include "storage/seal.hpp"
#include "storage/sqlite.hpp"

namespace factord::storage {

class CodeRows {
 public:
  CodeRows(Database& database, Sealer& sealer, const Lookup& lookup);

  bool known(const std::string& id);  // whosever it is
  std::optional<RegistrationCode> find(std::int64_t owner_row, const std::string& id);
  std::vector<RegistrationCode> all(std::int64_t owner_row);
  void insert(std::int64_t owner_row, const RegistrationCode& code);
  void save(std::int64_t owner_row, const RegistrationCode& code);
  void erase(std::int64_t owner_row, const std::string& id);

  core::Bytes hash(const std::string& id, core::ByteView secret) const;

 private:
  struct Row {
    std::int64_t row, owner;
    std::uint64_t version;
    RegistrationCode code;
  };
  Row open(Statement::Run& run) const;
  std::optional<Row> find_row(const std::string& id);

  Sealer& sealer_;
  const Lookup& lookup_;
  Statement by_id_, of_owner_, next_row_, insert_, save_, erase_;
};

}  // namespace factord::storage
