// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/relying_party.hpp"

#include <array>

namespace factord::webauthn {
namespace {

// In the order of the enums.
constexpr std::array<std::string_view, 3> verifications{"required", "preferred", "discouraged"};
constexpr std::array<std::string_view, 3> conveyances{"none", "indirect", "direct"};

template <typename Enum>
std::optional<Enum> named(const std::array<std::string_view, 3>& names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name(UserVerification verification) {
  return verifications.at(static_cast<std::size_t>(verification));
}

std::optional<UserVerification> user_verification_named(std::string_view name) {
  return named<UserVerification>(verifications, name);
}

std::string_view name(AttestationConveyance conveyance) { return conveyances.at(static_cast<std::size_t>(conveyance)); }

std::optional<AttestationConveyance> attestation_conveyance_named(std::string_view name) {
  return named<AttestationConveyance>(conveyances, name);
}

}  // namespace factord::webauthn
