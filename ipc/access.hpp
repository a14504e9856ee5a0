// SPDX-License-Identifier: Apache-2.0
// Who may do what: the permissions of the contract, and the question that the door puts to an authorizer before it
// looks at anything else. Loop thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/bus.hpp"

namespace factord::ipc {

// Has no default: a row of the method table without a permission does not compile.
class Permission {
 public:
  enum Name { user_read, user_write, user_credential_write, user_passkey_write, check, store_admin };
  constexpr Permission(Name name) : name_(name) {}
  constexpr operator Name() const { return name_; }

 private:
  Name name_;
};

std::string_view name(Permission permission);  // "user.read"
std::optional<Permission> permission_named(std::string_view name);

// What a caller may do with its own factors without holding the permission.
enum class Self {
  never,    // the permission is needed, also for oneself
  always,   // reading one's own
  service,  // changing one's own, where self service is on ("self.write")
};

// What the answer to a question hangs on. Refers to what the asker holds: most questions take no asking, and are not
// worth copies.
struct Claim {
  const Credentials& caller;
  Permission permission;
  Self self;
  bool about_self;                  // the user asked about is the caller
  const std::string& organization;  // in which the permission is judged
  bool default_organization;
};

struct Question {
  Credentials caller;
  Permission permission;
  Self self;
  bool about_self;
  std::string organization;
  bool default_organization;
  // Of no weight for the answer, but for whoever is asked.
  std::string unique_name{};  // the caller's connection
  std::string method{};
  std::string user_id{};  // empty: the method is about no user, or the argument was refused
  Interaction interaction = Interaction::forbidden;

  Claim claim() const { return {caller, permission, self, about_self, organization, default_organization}; }
};

struct Explanation;  // ipc/explanation.hpp

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // Answers once, at once or later, on the loop thread; not at all once the authorizer is gone. Whatever goes wrong is
  // a no.
  virtual void decide(const Question& question, std::function<void(bool allowed)> answer) = 0;
  // What decide() would answer, where that takes no asking.
  virtual std::optional<bool> at_once(const Claim& /*claim*/) { return std::nullopt; }
  // A dry run: what decide() would answer, and why. Nobody is prompted, whatever the question says.
  virtual void explain(const Question& question, std::function<void(const Explanation&)> answer) = 0;
  // That connection has left the bus: what is still open about it is a no, and is not asked any more.
  virtual void left(const std::string& /*unique_name*/) {}
};

// What no authorizer has to think about: uid 0 may, and reading one's own is nobody else's business. Null where it does
// have to; else the reason, for people.
const char* certain(const Claim& claim);
// By which name it is judged: "self.write" for one's own where self service is on, else the permission's.
std::string_view judged_as(const Claim& claim, bool self_service);

}  // namespace factord::ipc
