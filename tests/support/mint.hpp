// SPDX-License-Identifier: Apache-2.0
// Owners without a door, for tests of the layers below it.
#pragma once

#include "core/owner.hpp"

namespace factord::tests {

struct Mint {
  static core::Organization organization(std::string id, bool is_default) { return {std::move(id), is_default}; }
  static core::Owner account(std::string name, uid_t uid) {
    return {organization("local", true), std::move(name), uid};
  }
  static core::Owner missing_account(std::string name) {
    return {organization("local", true), std::move(name), std::nullopt};
  }
  static core::Owner registered(std::string organization_id, std::string user_id) {
    return {organization(std::move(organization_id), false), std::move(user_id), std::nullopt};
  }
};

}  // namespace factord::tests
