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

bool covers(const Allowance& allowance, const Claim& claim) {
  if (!allowance.organization) return claim.default_organization;
  return *allowance.organization == "*" || *allowance.organization == claim.organization;
}

bool grants(const Allowance& allowance, const Claim& claim) {
  return std::ranges::find(allowance.permissions, claim.permission) != allowance.permissions.end();
}

}  // namespace

StaticAuthorizer::StaticAuthorizer(std::vector<Allowance> allowances, bool self_service)
    : allowances_(std::move(allowances)), self_service_(self_service) {}

std::optional<bool> StaticAuthorizer::at_once(const Claim& claim) { return ground(claim).allows(); }

void StaticAuthorizer::decide(const Question& question, std::function<void(bool)> answer) {
  answer(ground(question.claim()).allows());
}

void StaticAuthorizer::explain(const Question& question, std::function<void(const Explanation&)> answer) {
  const Claim claim = question.claim();
  const Ground found = ground(claim);
  Explanation explanation{.allowed = found.allows(),
                          .authorizer = "static",
                          .permission = std::string(judged_as(claim, self_service_)),
                          .decided_by = in_words(found, claim)};
  if (const Allowance* close = found.allows() ? nullptr : nearest(claim))
    explanation.nearest = close->line + (grants(*close, claim) ? " (another organization)" : " (other permissions)");
  answer(explanation);
}

StaticAuthorizer::Ground StaticAuthorizer::ground(const Claim& claim) const {
  if (const char* reason = certain(claim)) return {.certain = reason};
  if (claim.about_self && claim.self == Self::service && self_service_) return {.self_service = true};
  const auto line = std::ranges::find_if(allowances_, [&](const Allowance& allowance) {
    return names_caller(allowance, claim.caller) && covers(allowance, claim) && grants(allowance, claim);
  });
  return {.line = line == allowances_.end() ? nullptr : &*line};
}

// Of the lines that name the caller, and of no others: who else holds the permission is not the caller's to know.
const Allowance* StaticAuthorizer::nearest(const Claim& claim) const {
  const Allowance* best = nullptr;
  const auto closeness = [&](const Allowance& allowance) {
    return 2 * grants(allowance, claim) + covers(allowance, claim);
  };
  for (const Allowance& allowance : allowances_)
    if (names_caller(allowance, claim.caller) && (best == nullptr || closeness(allowance) > closeness(*best)))
      best = &allowance;
  return best;
}

std::string StaticAuthorizer::in_words(const Ground& ground, const Claim& claim) const {
  if (ground.certain != nullptr) return ground.certain;
  if (ground.self_service) return "own factors: SelfService=yes";
  if (ground.line != nullptr) return ground.line->line;
  const bool own = claim.about_self && claim.self == Self::service;
  return (own ? "SelfService=no, and no" : "no") + std::string(" Allow= line names this caller for ") +
         std::string(name(claim.permission)) + " in organization " + claim.organization;
}

}  // namespace factord::ipc
