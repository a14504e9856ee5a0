// SPDX-License-Identifier: Apache-2.0
// Who may do what: the permissions of the contract, and the authorizer that decides from the configuration alone.
// Decisions are pure; the door asks them before it looks at anything else. Owned by main; loop thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/bus.hpp"

namespace factord::ipc {

// Has no default: a row of the method table without a permission does not compile.
class Permission {
 public:
  enum Name { user_read, user_write, user_credential_write };
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

struct Question {
  Credentials caller;
  Permission permission;
  Self self;
  bool about_self;           // the user asked about is the caller
  std::string organization;  // in which the permission is judged
  bool default_organization;
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // Answers once, at once or later, on the loop thread. Whatever goes wrong is a no.
  virtual void decide(const Question& question, std::function<void(bool allowed)> answer) = 0;
};

// One Allow= line, with its names resolved to numbers when the configuration was read.
struct Allowance {
  std::optional<uid_t> uid;  // of these two, exactly one
  std::optional<gid_t> gid;
  std::vector<Permission> permissions;
  std::optional<std::string> organization;  // nothing: the default one; "*": all
};

class StaticAuthorizer final : public Authorizer {
 public:
  StaticAuthorizer(std::vector<Allowance> allowances, bool self_service);
  void decide(const Question& question, std::function<void(bool)> answer) override;

 private:
  bool allows(const Question& question) const;

  std::vector<Allowance> allowances_;
  bool self_service_;
};

}  // namespace factord::ipc
