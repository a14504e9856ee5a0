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

const char* certain(const Question& question) {
  if (question.caller.uid == 0) return "uid 0";
  if (question.about_self && question.self == Self::always) return "own factors: reading them needs no permission";
  return nullptr;
}

std::string_view judged_as(const Question& question, bool self_service) {
  return question.about_self && question.self == Self::service && self_service ? "self.write"
                                                                               : name(question.permission);
}

}  // namespace factord::ipc
