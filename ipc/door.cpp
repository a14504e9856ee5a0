// SPDX-License-Identifier: Apache-2.0
#include "ipc/door.hpp"

#include <memory>
#include <string>
#include <utility>

#include "ipc/visit.hpp"

namespace factord::ipc {
namespace {

std::vector<std::string> names_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.emplace_back(parameter.name);
  return names;
}

Member member_of(const Method& method) {
  Member member{std::string(method.interface), std::string(method.name), in_signature(method),
                names_of(method.in),           out_signature(method),    names_of(method.out)};
  if (method.takes_options) member.in_names.emplace_back("options");
  return member;
}

}  // namespace

Door::Door(const Neighbours& neighbours, std::vector<Method> methods)
    : neighbours_(neighbours),
      callers_(neighbours.bus,
               [this](const std::string& gone) {
                 neighbours_.authorizer.left(gone);
                 neighbours_.challenges.left(gone);
                 backlog_.left(gone);
               }),
      admission_(neighbours.limits),
      post_(neighbours.bus),
      backlog_(post_),
      handouts_(post_),
      screen_(neighbours.bus, backlog_),
      subscriptions_(post_, neighbours.accounts, neighbours.authorizer, neighbours.limits),
      methods_(std::move(methods)) {}

std::vector<std::pair<Member, Bus::Handler>> Door::members() {
  std::vector<std::pair<Member, Bus::Handler>> members;
  for (const Method& method : methods_)
    members.emplace_back(member_of(method), [this, &method](Incoming incoming) {
      std::make_shared<Visit>(*this, method, std::move(incoming))->begin();
    });
  return members;
}

}  // namespace factord::ipc
