// SPDX-License-Identifier: Apache-2.0
#include "ipc/access.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace factord::ipc {
namespace {

constexpr std::array<std::pair<Permission::Name, std::string_view>, 6> permission_names = {{
    {Permission::user_read, "user.read"},
    {Permission::user_write, "user.write"},
    {Permission::user_credential_write, "user.credential.write"},
    {Permission::user_passkey_write, "user.passkey.write"},
    {Permission::check, "check"},
    {Permission::store_admin, "store.admin"},
}};

}  // namespace

std::string_view name(Permission permission) {
  return std::ranges::find(permission_names, Permission::Name(permission), [](auto& row) { return row.first; })->second;
}

std::optional<Permission> permission_named(std::string_view name) {
  for (const auto& [permission, text] : permission_names)
    if (text == name) return permission;
  return std::nullopt;
}

const char* certain(const Claim& claim) {
  if (claim.caller.uid == 0) return "uid 0";
  if (claim.about_self && claim.self == Self::always) return "own factors: reading them needs no permission";
  return nullptr;
}

std::string_view judged_as(const Claim& claim, bool self_service) {
  return claim.about_self && claim.self == Self::service && self_service ? "self.write" : name(claim.permission);
}

}  // namespace factord::ipc
