// SPDX-License-Identifier: Apache-2.0
// A TOTP secret whose codes a test knows.
#pragma once

#include <string>

#include "daemon/otp/otpauth.hpp"
#include "daemon/totp_secret.hpp"
#include "tests/unit/daemon/room.hpp"

namespace factord::tests {

inline constexpr char known_secret[] = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

// The factor's id.
inline std::string import_secret(Room& room, const core::Owner& owner) {
  return text(room.call("ImportTOTP", CallMint::with_secret(CallMint::about(owner, {}), "uri",
                                                            core::Secret::copy_of(core::bytes_of(known_secret)))));
}

// The code that an app shows which is wrong by so many time steps.
inline std::string code_now(const Room& room, int steps = 0) {
  const auto enrolment = otp::from_uri(known_secret);
  const auto step = static_cast<std::int64_t>(daemon::unix_seconds(room.clock.at) / enrolment->parameters.period);
  return otp::code_at(enrolment->seed.view(), static_cast<std::uint64_t>(step + steps), enrolment->parameters);
}

// The failure of a check of this code by that caller.
inline std::string check_code(Room& room, const core::Owner& owner, const std::string& code, uid_t caller,
                              ipc::Dict options = {}) {
  options["code"] = code;
  return failure_of([&] { room.call("CheckTOTP", CallMint::about(owner, options, caller)); });
}

// As many wrong codes as lock the caller.
inline void lock_codes(Room& room, const core::Owner& owner, uid_t caller, const ipc::Dict& options = {}) {
  for (std::uint32_t i = 0; i < room.policy.lockout.attempts; ++i)
    check_code(room, owner, "a wrong code", caller, options);
}

}  // namespace factord::tests
