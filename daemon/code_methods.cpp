// SPDX-License-Identifier: Apache-2.0
#include "daemon/code_methods.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "daemon/arguments.hpp"
#include "ipc/names.hpp"

namespace factord::daemon {
namespace {

using namespace arguments;
using ipc::Call;
using ipc::Method;
using storage::Kind;
using Step = RegistrationCodes::Step;

struct Registration {
  std::string_view method;
  Kind kind;
  Step step;
};

constexpr std::array<Registration, 6> registrations = {{
    {"RegisterPasskey", Kind::passkey, Step::begins},
    {"VerifyPasskeyRegistration", Kind::passkey, Step::completes},
    {"RegisterU2F", Kind::u2f, Step::begins},
    {"VerifyU2FRegistration", Kind::u2f, Step::completes},
    {"RegisterTOTP", Kind::totp, Step::begins},
    {"VerifyTOTPRegistration", Kind::totp, Step::completes},
}};

}  // namespace

std::vector<Method> code_methods(const RecoveryCodes& recovery, const RegistrationCodes& registration) {
  return {
      {.interface = ipc::names::factors,
       .name = "GenerateRecoveryCodes",
       .in = {user_id, count},
       .options = {org},
       .out = {{"codes", Type::fd}, details},
       .permission = ipc::Permission::user_credential_write,
       .self = ipc::Self::service,
       .subject = ipc::Subject::user,
       .effect = ipc::Effect::writes,
       .use_case = [&recovery](const Call& call) { return recovery.generate(call); }},
      {.interface = ipc::names::factors,
       .name = "RemoveRecoveryCodes",
       .in = {user_id},
       .options = {org},
       .out = {details},
       .permission = ipc::Permission::user_write,
       .self = ipc::Self::service,
       .subject = ipc::Subject::user,
       .effect = ipc::Effect::writes,
       .use_case = [&recovery](const Call& call) { return recovery.remove(call); }},
      {.interface = ipc::names::checks,
       .name = "CheckRecoveryCode",
       .in = {named_user_id, secret_code},
       .options = {org, source},
       .out = {{"result", Type::dict}},
       .permission = ipc::Permission::check,
       .self = ipc::Self::always,
       .subject = ipc::Subject::named_user,
       .effect = ipc::Effect::writes,
       .use_case = [&recovery](const Call& call) { return recovery.check(call); }},
      {.interface = ipc::names::factors,
       .name = "CreateRegistrationCode",
       .in = {user_id},
       .options = {org, lifetime, factor_kind},
       .out = {{"code_id"}, secret_code, details},
       .permission = ipc::Permission::user_passkey_write,
       .self = ipc::Self::never,
       .subject = ipc::Subject::user,
       .effect = ipc::Effect::writes,
       .use_case = [&registration](const Call& call) { return registration.create(call); }},
  };
}

void let_codes_stand_in(std::vector<Method>& table, const RegistrationCodes& registration) {
  for (const Registration& of : registrations) {
    const auto row = std::ranges::find(table, of.method, &Method::name);
    if (row == table.end()) throw std::logic_error("no method " + std::string(of.method));
    row->options.push_back(code_id);
    row->options.push_back(code_fd);
    row->code_stands_in = true;
    row->use_case = [&registration, of, use_case = std::move(row->use_case)](const Call& call) {
      return registration.admit(call, of.kind, of.step, use_case);
    };
  }
}

}  // namespace factord::daemon
