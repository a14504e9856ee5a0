// SPDX-License-Identifier: Apache-2.0
#include "ipc/refusal_log.hpp"

#include <algorithm>
#include <string>

#include "core/log.hpp"

namespace factord::ipc {
namespace {

constexpr double burst = 50;
constexpr double lines_per_second = 1;
constexpr std::size_t remembered = 1024;  // uids; beyond that all start anew

bool is_ours(core::Code code) {
  return code == core::Code::internal || code == core::Code::data_loss || code == core::Code::unavailable;
}

}  // namespace

bool RefusalLog::may_write(uid_t uid) {
  if (allowances_.size() > remembered) allowances_.clear();
  const auto now = Clock::now();
  auto [found, is_new] = allowances_.try_emplace(uid, Allowance{burst, now});
  Allowance& allowance = found->second;
  const std::chrono::duration<double> passed = now - allowance.refilled;
  allowance.lines = std::min(burst, allowance.lines + passed.count() * lines_per_second);
  allowance.refilled = now;
  if (allowance.lines < 1) {
    ++allowance.left_out;
    return false;
  }
  allowance.lines -= 1;
  if (allowance.left_out > 0)
    core::log(core::Severity::notice, "Refusals were left out of the log",
              {{"FACTORD_CALLER_UID", std::to_string(uid)}, {"FACTORD_COUNT", std::to_string(allowance.left_out)}});
  allowance.left_out = 0;
  return true;
}

// A refusal that says all on the wire is news to nobody but the caller; a missing permission is.
void RefusalLog::add(std::string_view method, std::optional<uid_t> uid, const core::Error& error) {
  if (!is_ours(error.code()) && error.cause().empty() && error.code() != core::Code::permission_denied) return;
  if (!may_write(uid.value_or(static_cast<uid_t>(-1)))) return;
  core::log(is_ours(error.code()) ? core::Severity::error : core::Severity::notice, "A call was refused",
            {{"FACTORD_METHOD", method},
             {"FACTORD_CALLER_UID", uid ? std::to_string(*uid) : "unknown"},
             {"FACTORD_ERROR", error.id()},
             {"FACTORD_CAUSE", error.cause()}});
}

}  // namespace factord::ipc
