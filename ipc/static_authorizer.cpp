// SPDX-License-Identifier: Apache-2.0
#include "ipc/static_authorizer.hpp"

#include <algorithm>
#include <utility>

namespace factord::ipc {
namespace {

bool names_caller(const Allowance& allowance, const Credentials& caller) {
  if (allowance.uid) return *allowance.uid == caller.uid;
  return std::ranges::find(caller.groups, *allowance.gid) != caller.groups.end();
}

bool covers(const Allowance& allowance, const Question& question) {
  if (!allowance.organization) return question.default_organization;
  return *allowance.organization == "*" || *allowance.organization == question.organization;
}

}  // namespace

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
