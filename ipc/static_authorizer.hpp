// SPDX-License-Identifier: Apache-2.0
// The authorizer of a machine without polkit: decides from the configuration alone, at once and purely. Owned by main;
// loop thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ipc/access.hpp"

namespace factord::ipc {

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
