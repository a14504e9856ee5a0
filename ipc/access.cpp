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

}  // namespace factord::ipc
