// SPDX-License-Identifier: Apache-2.0
// Calls without a door, for tests of the use cases: what a Visit fills in after it has decoded and judged.
#pragma once

#include <string>
#include <utility>

#include "ipc/method.hpp"
#include "tests/support/mint.hpp"

namespace factord::tests {

struct CallMint {
  // `arguments`: by name, options among them.
  static ipc::Call about(core::Owner owner, ipc::Dict arguments, uid_t caller = 1000) {
    ipc::Call call = within(owner.organization(), std::move(arguments), caller);
    call.owner_ = std::move(owner);
    return call;
  }
  static ipc::Call within(core::Organization organization, ipc::Dict arguments, uid_t caller = 1000) {
    ipc::Call call;
    call.arguments_ = std::move(arguments);
    call.organization_ = std::move(organization);
    call.caller_ = caller;
    return call;
  }
  // The caller's connection, and whether it holds no permission but asks about itself.
  static ipc::Call from(ipc::Call call, std::string connection, bool by_self = false) {
    call.connection_ = std::move(connection);
    call.by_self_ = by_self;
    return call;
  }
  static ipc::Call in(ipc::Call call, core::Organization organization) {
    call.organization_ = std::move(organization);
    return call;
  }
  // As the door does with an argument challenge_id that names one.
  static ipc::Call answering(ipc::Call call, std::shared_ptr<const ipc::Challenge> challenge) {
    call.challenge_ = std::move(challenge);
    return call;
  }
  // As the door does with a caller who names a code.
  enum class Issuer { no, yes };
  static ipc::Call by_code(ipc::Call call, Issuer issuer = Issuer::no) {
    call.by_code_ = true;
    call.may_issue_codes_ = issuer == Issuer::yes;
    return call;
  }
  // As the door does with an argument of type h that it has read.
  static ipc::Call with_secret(ipc::Call call, const std::string& name, core::Secret secret) {
    call.secrets_.emplace(name, std::move(secret));
    return call;
  }
};

}  // namespace factord::tests
