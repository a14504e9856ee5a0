// SPDX-License-Identifier: Apache-2.0
// Registration codes: whoever presents one may register one factor of a kind for a user, without a permission and under
// whatever uid, as where a machine is set up without its user. Promises: without a valid code nobody learns anything,
// not even whether the user exists; a code is used up by the verification that succeeds, and by nothing before; wrong
// ones are counted before they are answered. Owned by the service; loop thread.
#pragma once

#include <functional>

#include "daemon/code_failures.hpp"
#include "daemon/vault.hpp"

namespace factord::daemon {

inline constexpr std::uint32_t code_tries = 5;       // wrong ones; then the code is dead
inline constexpr std::uint32_t codes_of_a_user = 8;  // that are good at a time

class RegistrationCodes {
 public:
  RegistrationCodes(const Vault& vault, CodeFailures& failures) : vault_(vault), failures_(failures) {}

  ipc::Plan create(const ipc::Call& call) const;  // → id, code by memfd, details

  // What a call with a code is about: its success leaves the code good for the second step, or uses it up.
  enum class Step { begins, completes };
  using UseCase = std::function<ipc::Plan(const ipc::Call&)>;
  // The plan of `use_case`, if the call comes without a code, or with one that is valid for this kind and user.
  ipc::Plan admit(const ipc::Call& call, storage::Kind kind, Step step, const UseCase& use_case) const;

 private:
  enum class Verdict { valid, unknown, wrong, expired, dead };

  Verdict judge(const ipc::Call& call, storage::Kind kind) const;
  ipc::Values made(const ipc::Call& call) const;
  void make_room(storage::OwnerView& view) const;

  const Vault& vault_;
  CodeFailures& failures_;
};

}  // namespace factord::daemon
