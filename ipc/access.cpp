// SPDX-License-Identifier: Apache-2.0
#include "ipc/access.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace factord::ipc {
namespace {

constexpr std::array<std::pair<Permission::Name, std::string_view>, 3> permission_names = {{
    {Permission::user_read, "user.read"},
    {Permission::user_write, "user.write"},
    {Permission::user_credential_write, "user.credential.write"},
}};

bool names_caller(const Allowance& allowance, const Credentials& caller) {
  if (allowance.uid) return *allowance.uid == caller.uid;
  return std::ranges::find(caller.groups, *allowance.gid) != caller.groups.end();
}

bool covers(const Allowance& allowance, const Question& question) {
  if (!allowance.organization) return question.default_organization;
  return *allowance.organization == "*" || *allowance.organization == question.organization;
}

}  // namespace

std::string_view name(Permission permission) {
  return std::ranges::find(permission_names, Permission::Name(permission), [](auto& row) { return row.first; })->second;
}

std::optional<Permission> permission_named(std::string_view name) {
  for (const auto& [permission, text] : permission_names)
    if (text == name) return permission;
  return std::nullopt;
}

StaticAuthorizer::StaticAuthorizer(std::vector<Allowance> allowances, bool self_service)
    : allowances_(std::move(allowances)), self_service_(self_service) {}

void StaticAuthorizer::decide(const Question& question, std::function<void(bool)> answer) { answer(allows(question)); }

bool StaticAuthorizer::allows(const Question& question) const {
  if (question.caller.uid == 0) return true;
  if (question.about_self && question.self == Self::always) return true;
  if (question.about_self && question.self == Self::service && self_service_) return true;
  return std::ranges::any_of(allowances_, [&](const Allowance& allowance) {
    return names_caller(allowance, question.caller) && covers(allowance, question) &&
           std::ranges::find(allowance.permissions, question.permission) != allowance.permissions.end();
  });
}

}  // namespace factord::ipc
