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

bool grants(const Allowance& allowance, const Question& question) {
  return std::ranges::find(allowance.permissions, question.permission) != allowance.permissions.end();
}

}  // namespace

StaticAuthorizer::StaticAuthorizer(std::vector<Allowance> allowances, bool self_service)
    : allowances_(std::move(allowances)), self_service_(self_service) {}

std::optional<bool> StaticAuthorizer::at_once(const Question& question) { return ground(question).allows(); }

void StaticAuthorizer::decide(const Question& question, std::function<void(bool)> answer) {
  answer(ground(question).allows());
}

void StaticAuthorizer::explain(const Question& question, std::function<void(const Explanation&)> answer) {
  const Ground found = ground(question);
  Explanation explanation{.allowed = found.allows(),
                          .authorizer = "static",
                          .permission = std::string(judged_as(question, self_service_)),
                          .decided_by = in_words(found, question)};
  if (const Allowance* close = found.allows() ? nullptr : nearest(question))
    explanation.nearest = close->line + (grants(*close, question) ? " (another organization)" : " (other permissions)");
  answer(explanation);
}

StaticAuthorizer::Ground StaticAuthorizer::ground(const Question& question) const {
  if (const char* reason = certain(question)) return {.certain = reason};
  if (question.about_self && question.self == Self::service && self_service_) return {.self_service = true};
  const auto line = std::ranges::find_if(allowances_, [&](const Allowance& allowance) {
    return names_caller(allowance, question.caller) && covers(allowance, question) && grants(allowance, question);
  });
  return {.line = line == allowances_.end() ? nullptr : &*line};
}

// Of the lines that name the caller, and of no others: who else holds the permission is not the caller's to know.
const Allowance* StaticAuthorizer::nearest(const Question& question) const {
  const Allowance* best = nullptr;
  const auto closeness = [&](const Allowance& allowance) {
    return 2 * grants(allowance, question) + covers(allowance, question);
  };
  for (const Allowance& allowance : allowances_)
    if (names_caller(allowance, question.caller) && (best == nullptr || closeness(allowance) > closeness(*best)))
      best = &allowance;
  return best;
}

std::string StaticAuthorizer::in_words(const Ground& ground, const Question& question) const {
  if (ground.certain != nullptr) return ground.certain;
  if (ground.self_service) return "own factors: SelfService=yes";
  if (ground.line != nullptr) return ground.line->line;
  const bool own = question.about_self && question.self == Self::service;
  return (own ? "SelfService=no, and no" : "no") + std::string(" Allow= line names this caller for ") +
         std::string(name(question.permission)) + " in organization " + question.organization;
}

}  // namespace factord::ipc
