// SPDX-License-Identifier: Apache-2.0
// The authorizer of a machine without polkit: decides from the configuration alone, at once and purely. Owned by main;
// loop thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ipc/explanation.hpp"

namespace factord::ipc {

// One Allow= line, with its names resolved to numbers when the configuration was read.
struct Allowance {
  std::optional<uid_t> uid;  // of these two, exactly one
  std::optional<gid_t> gid;
  std::vector<Permission> permissions;
  std::optional<std::string> organization;  // nothing: the default one; "*": all
  std::string line{};                       // for people: "factord.conf:12: Allow=user:portal check org:*"
};

class StaticAuthorizer final : public Authorizer {
 public:
  StaticAuthorizer(std::vector<Allowance> allowances, bool self_service);
  std::optional<bool> at_once(const Claim& claim) override;
  void decide(const Question& question, std::function<void(bool)> answer) override;
  void explain(const Question& question, std::function<void(const Explanation&)> answer) override;

 private:
  // What decides a question, in the order in which it is looked for.
  struct Ground {
    const char* certain = nullptr;
    bool self_service = false;
    const Allowance* line = nullptr;

    bool allows() const { return certain != nullptr || self_service || line != nullptr; }
  };
  Ground ground(const Claim& claim) const;
  const Allowance* nearest(const Claim& claim) const;
  std::string in_words(const Ground& ground, const Claim& claim) const;

  std::vector<Allowance> allowances_;
  bool self_service_;
};

}  // namespace factord::ipc
