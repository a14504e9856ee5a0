// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/relying_party.hpp"

#include <array>

namespace factord::webauthn {
namespace {

constexpr std::array<std::string_view, 3> names{"required", "preferred", "discouraged"};  // in the order of the enum

}  // namespace

std::string_view name(UserVerification verification) { return names.at(static_cast<std::size_t>(verification)); }

std::optional<UserVerification> user_verification_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<UserVerification>(i);
  return std::nullopt;
}

}  // namespace factord::webauthn
