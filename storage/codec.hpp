// SPDX-License-Identifier: Apache-2.0
// Records to bytes and back (record.proto), the only place that knows protobuf. Private to storage; pure.
// Reading throws Error (record_damaged) for bytes that are no such record.
#pragma once

#include <string>
#include <vector>

#include "storage/budget.hpp"
#include "storage/event.hpp"
#include "storage/factor.hpp"
#include "storage/registration_code.hpp"

namespace factord::storage {

struct StoreRecord {
  std::string organization, domain;  // the defaults, for good
  std::uint64_t folded = 0;          // the rows know of all uses up to this event
};

struct FactorHead {
  std::int64_t row;
  std::uint64_t version;
};

struct OwnerRecord {
  User user;
  std::vector<FactorHead> factors;  // in order of creation
};

std::string encode(const StoreRecord& record);
std::string encode(const OwnerRecord& record);
std::string encode(const Factor& factor);
std::string encode(const Event& event);
std::string encode(const Budget& budget);
std::string encode(const RegistrationCode& code);

StoreRecord decode_store(const std::string& bytes);
OwnerRecord decode_owner(const std::string& bytes);
Factor decode_factor(const std::string& bytes);
Budget decode_budget(const std::string& bytes);
RegistrationCode decode_code(const std::string& bytes);
Event decode_event(const std::string& bytes);  // without the number, which is the row's

}  // namespace factord::storage
