// SPDX-License-Identifier: Apache-2.0
#include "daemon/methods.hpp"

#include "daemon/arguments.hpp"
#include "daemon/code_methods.hpp"
#include "ipc/names.hpp"

namespace factord::daemon {
namespace {

using namespace arguments;
using ipc::Call;
using ipc::Effect;
using ipc::Method;
using ipc::Permission;
using ipc::Self;
using ipc::Subject;
using storage::Kind;

using UseCase = std::function<ipc::Plan(const Call&)>;

// One of a user's own factors is enrolled or verified.
Method enrols(std::string_view name, std::vector<Parameter> in, std::vector<Option> options, std::vector<Parameter> out,
              UseCase use_case) {
  return {.interface = ipc::names::factors,
          .name = name,
          .in = std::move(in),
          .options = std::move(options),
          .out = std::move(out),
          .permission = Permission::user_credential_write,
          .self = Self::service,
          .subject = Subject::user,
          .effect = Effect::writes,
          .use_case = std::move(use_case)};
}

// A user's factor is removed, renamed or suspended.
Method changes(std::string_view name, std::vector<Parameter> in, std::vector<Option> options, UseCase use_case) {
  return {.interface = ipc::names::factors,
          .name = name,
          .in = std::move(in),
          .options = std::move(options),
          .out = {details},
          .permission = Permission::user_write,
          .self = Self::service,
          .subject = Subject::user,
          .effect = Effect::writes,
          .use_case = std::move(use_case)};
}

// Never for oneself: a factor may be put aside because somebody else seems to have it.
Method resumes(std::string_view name, UseCase use_case) {
  Method row = changes(name, {user_id, id_of("factor_id")}, {org}, std::move(use_case));
  row.self = Self::never;
  return row;
}

Method lists(std::string_view name, std::vector<Option> options, Parameter items, UseCase use_case) {
  return {.interface = ipc::names::factors,
          .name = name,
          .in = {user_id},
          .options = std::move(options),
          .out = {items, details},
          .permission = Permission::user_read,
          .self = Self::always,
          .subject = Subject::user,
          .effect = Effect::reads,
          .use_case = std::move(use_case)};
}

Method administers(std::string_view name, std::vector<Option> options, UseCase use_case) {
  return {.interface = ipc::names::admin,
          .name = name,
          .in = {named_user_id},
          .options = std::move(options),
          .out = {details},
          .permission = Permission::user_write,
          .self = Self::never,
          .subject = Subject::named_user,
          .effect = Effect::writes,
          .use_case = std::move(use_case)};
}

std::vector<Method> passkey_methods(const UseCases& of) {
  return {
      enrols("RegisterPasskey", {user_id}, {org, domain, authenticator}, {{"passkey_id"}, creation_options, details},
             [&of](const Call& call) { return of.passkeys.begin_registration(call); }),
      enrols("VerifyPasskeyRegistration", {user_id, id_of("passkey_id"), credential, name_of("passkey_name")}, {org},
             {details}, [&of](const Call& call) { return of.passkeys.verify_registration(call); }),
      changes("RemovePasskey", {user_id, id_of("passkey_id")}, {org, force},
              [&of](const Call& call) { return of.passkeys.remove(call); }),
      {.interface = ipc::names::factors,
       .name = "RemoveMyPasskey",
       .in = {id_of("passkey_id")},
       .options = {force},
       .out = {details},
       .permission = Permission::user_write,
       .self = Self::service,
       .subject = Subject::calling_user,
       .effect = Effect::writes,
       .use_case = [&of](const Call& call) { return of.passkeys.remove(call); }},
      lists("ListPasskeys", {org, state}, {"passkeys", Type::dicts},
            [&of](const Call& call) { return of.lists.list(call, Kind::passkey); }),
  };
}

std::vector<Method> u2f_methods(const UseCases& of) {
  return {
      enrols("RegisterU2F", {user_id}, {org, domain, authenticator, appid}, {{"u2f_id"}, creation_options, details},
             [&of](const Call& call) { return of.u2f.begin_registration(call); }),
      enrols("VerifyU2FRegistration", {user_id, id_of("u2f_id"), credential, name_of("u2f_name")}, {org}, {details},
             [&of](const Call& call) { return of.u2f.verify_registration(call); }),
      changes("RemoveU2F", {user_id, id_of("u2f_id")}, {org, force},
              [&of](const Call& call) { return of.u2f.remove(call); }),
      lists("ListU2F", {org, state}, {"tokens", Type::dicts},
            [&of](const Call& call) { return of.lists.list(call, Kind::u2f); }),
  };
}

std::vector<Method> totp_methods(const UseCases& of) {
  return {
      enrols("RegisterTOTP", {user_id}, {org, factor_name, issuer, account, algorithm, digits, period},
             {{"totp_id"}, uri, details}, [&of](const Call& call) { return of.totp.begin_registration(call); }),
      enrols("VerifyTOTPRegistration", {user_id, id_of("totp_id"), code}, {org}, {details},
             [&of](const Call& call) { return of.totp.verify_registration(call); }),
      changes("RemoveTOTP", {user_id, id_of("totp_id")}, {org, force},
              [&of](const Call& call) { return of.totp.remove(call); }),
      enrols("ImportTOTP", {user_id, uri}, {org, factor_name}, {{"totp_id"}, details},
             [&of](const Call& call) { return of.totp.import(call); }),
      lists("ListTOTP", {org, state}, {"secrets", Type::dicts},
            [&of](const Call& call) { return of.lists.list(call, Kind::totp); }),
  };
}

std::vector<Method> factor_methods(const UseCases& of) {
  return {
      changes("RenameFactor", {user_id, id_of("factor_id"), name_of("name")}, {org},
              [&of](const Call& call) { return of.lists.rename(call); }),
      changes("SuspendFactor", {user_id, id_of("factor_id")}, {org, force},
              [&of](const Call& call) { return of.suspension.suspend(call); }),
      resumes("ResumeFactor", [&of](const Call& call) { return of.suspension.resume(call); }),
      lists("ListAuthenticationFactors", {org, states, kinds}, {"factors", Type::dicts},
            [&of](const Call& call) { return of.lists.list_all(call); }),
      lists("ListAuthenticationMethodTypes", {org, domain}, {"types", Type::texts},
            [&of](const Call& call) { return of.lists.method_types(call); }),
  };
}

Method subscribes(std::string_view name, ipc::Subscribing subscribing, UseCase use_case) {
  return {.interface = ipc::names::factors,
          .name = name,
          .in = {user_id},
          .options = {org},
          .out = {},
          .permission = Permission::user_read,
          .self = Self::always,
          .subject = Subject::user,
          .effect = Effect::reads,
          .use_case = std::move(use_case),
          .subscribing = subscribing};
}

std::vector<Method> subscription_methods(const UseCases& of) {
  return {
      subscribes("Subscribe", ipc::Subscribing::begins, [&of](const Call& call) { return of.users.meet(call); }),
      // Also from a user who is gone by now: whoever cleans up is not to be told that it was clean already.
      subscribes("Unsubscribe", ipc::Subscribing::ends,
                 [](const Call&) { return ipc::Plan{.apply = [] { return ipc::Values{}; }}; }),
  };
}

// A factor of a named user is checked, by a login service or by the user.
Method checks(std::string_view name, std::vector<Parameter> in, std::vector<Option> options, UseCase use_case) {
  return {.interface = ipc::names::checks,
          .name = name,
          .in = std::move(in),
          .options = std::move(options),
          .out = {{"result", Type::dict}},
          .permission = Permission::check,
          .self = Self::always,
          .subject = Subject::named_user,
          .effect = Effect::writes,
          .use_case = std::move(use_case)};
}

std::vector<Method> check_methods(const UseCases& of) {
  return {
      {.interface = ipc::names::checks,
       .name = "StartPasskeyCheck",
       .in = {user_id_or_none},
       .options = {org, domain, user_verification, discoverable},
       .out = {{"challenge_id"}, {"request_options"}, details},
       .permission = Permission::check,
       .self = Self::always,
       .subject = Subject::user_or_all,
       .effect = Effect::reads,
       .use_case = [&of](const Call& call) { return of.passkey_checks.start(call); }},
      {.interface = ipc::names::checks,
       .name = "CheckPasskey",
       .in = {id_of("challenge_id"), credential},
       .options = {source},
       .out = {{"result", Type::dict}},
       .permission = Permission::check,
       .self = Self::always,
       .subject = Subject::challenge,
       .effect = Effect::writes,
       .use_case = [&of](const Call& call) { return of.passkey_checks.check(call); }},
      checks("CheckTOTP", {named_user_id, code}, {org, source},
             [&of](const Call& call) { return of.totp_checks.check(call); }),
      {.interface = ipc::names::checks,
       .name = "GetRequirement",
       .in = {named_user_id},
       .options = {org, source},
       .out = {{"requirement", Type::dict}},
       .permission = Permission::check,
       .self = Self::always,
       .subject = Subject::named_user,
       .effect = Effect::reads,
       .use_case = [&of](const Call& call) { return of.requirement.show(call); }},
  };
}

std::vector<Method> user_methods(const UseCases& of) {
  return {
      administers("AddUser", {org, display_name}, [&of](const Call& call) { return of.users.add(call); }),
      administers("RemoveUser", {org}, [&of](const Call& call) { return of.users.remove(call); }),
      administers("LockUser", {org}, [&of](const Call& call) { return of.users.lock(call); }),
      administers("UnlockUser", {org}, [&of](const Call& call) { return of.users.unlock(call); }),
      administers("RebindUser", {org}, [&of](const Call& call) { return of.users.rebind(call); }),
      {.interface = ipc::names::admin,
       .name = "GetUser",
       .in = {named_user_id},
       .options = {org},
       .out = {{"user", Type::dict}},
       .permission = Permission::user_read,
       .self = Self::always,
       .subject = Subject::named_user,
       .effect = Effect::reads,
       .use_case = [&of](const Call& call) { return of.users.show(call); }},
      {.interface = ipc::names::admin,
       .name = "ListUsers",
       .in = {},
       .options = {org, after, limit},
       .out = {{"users", Type::dicts}, details},
       .permission = Permission::user_read,
       .self = Self::never,
       .subject = Subject::organization,
       .effect = Effect::reads,
       .use_case = [&of](const Call& call) { return of.users.list(call); }},
  };
}

std::vector<Method> access_methods() {
  return {{.interface = ipc::names::admin,
           .name = "ExplainAccess",
           .in = {user_id, method_name},
           .options = {org},
           .out = {{"explanation", Type::dict}},
           .permission = Permission::user_read,
           .self = Self::always,
           .subject = Subject::own_rights,
           .effect = Effect::reads,
           .use_case = {}}};
}

#ifdef FACTORD_BENCH
// What a call costs that does nothing but be judged.
std::vector<Method> bench_methods() {
  return {{.interface = ipc::names::bench,
           .name = "Nothing",
           .in = {user_id},
           .options = {org},
           .out = {details},
           .permission = Permission::user_read,
           .self = Self::always,
           .subject = Subject::user,
           .effect = Effect::none,
           .use_case = [](const Call&) { return ipc::Plan{.apply = [] { return ipc::Values{ipc::Dict{}}; }}; }}};
}
#else
std::vector<Method> bench_methods() { return {}; }
#endif

}  // namespace

std::vector<Method> methods(const UseCases& use_cases) {
  std::vector<Method> table;
  for (auto&& part :
       {passkey_methods(use_cases), u2f_methods(use_cases), totp_methods(use_cases), factor_methods(use_cases),
        code_methods(use_cases.recovery_codes, use_cases.registration_codes), subscription_methods(use_cases),
        check_methods(use_cases), user_methods(use_cases), access_methods(), bench_methods()})
    table.insert(table.end(), part.begin(), part.end());
  let_codes_stand_in(table, use_cases.registration_codes);
  return table;
}

}  // namespace factord::daemon
