// SPDX-License-Identifier: Apache-2.0
#include "daemon/details.hpp"

namespace factord::daemon {
namespace {

void describe_webauthn(ipc::Dict& item, const storage::WebauthnFactor& webauthn, std::string_view authenticator_name) {
  item["domain"] = webauthn.domain;
  item["aaguid"] = webauthn.aaguid;
  item["authenticatorName"] = authenticator_name;
  item["algorithm"] = webauthn.algorithm;
  item["attestation"] = webauthn.attestation;
  item["transports"] = webauthn.transports;
  item["backupEligible"] = webauthn.backup_eligible;
  item["backedUp"] = webauthn.backed_up;
  item["userVerified"] = webauthn.user_verified;
  item["signCount"] = webauthn.sign_count;
}

void describe_totp(ipc::Dict& item, const storage::TotpFactor& totp) {
  item["algorithm"] = totp.algorithm;
  item["digits"] = totp.digits;
  item["period"] = totp.period;
}

void describe_kind(ipc::Dict& item, const storage::Factor& factor, std::string_view authenticator_name) {
  if (factor.kind == storage::Kind::totp)
    describe_totp(item, factor.totp);
  else if (factor.kind == storage::Kind::recovery_codes)
    item["codesLeft"] = static_cast<std::uint32_t>(factor.recovery.hashes.size());
  else
    describe_webauthn(item, factor.webauthn, authenticator_name);
}

}  // namespace

std::uint64_t microseconds(core::Time time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

std::string_view name(storage::Kind kind) {
  switch (kind) {
    case storage::Kind::passkey:
      return "passkey";
    case storage::Kind::u2f:
      return "u2f";
    case storage::Kind::totp:
      return "totp";
    case storage::Kind::recovery_codes:
      return "recovery-codes";
  }
  return "";
}

std::string_view name(storage::State state) {
  switch (state) {
    case storage::State::not_ready:
      return "not-ready";
    case storage::State::ready:
      return "ready";
    case storage::State::suspended:
      return "suspended";
    case storage::State::quarantined:
      return "quarantined";
  }
  return "";
}

storage::State shown_state(const storage::Factor& factor) {
  const bool used_up = factor.kind == storage::Kind::recovery_codes && factor.recovery.hashes.empty();
  return used_up && factor.state == storage::State::ready ? storage::State::not_ready : factor.state;
}

ipc::Dict details_without_creation(const storage::Position& position, const std::string& organization) {
  return {
      {"sequence", position.sequence}, {"changeDate", microseconds(position.changed)}, {"resourceOwner", organization}};
}

ipc::Dict details(const storage::Position& position, const std::string& organization) {
  ipc::Dict dict = details_without_creation(position, organization);
  dict["creationDate"] = microseconds(position.created);
  return dict;
}

ipc::Dict list_details(const storage::Position& position, const std::string& organization, std::uint64_t total) {
  ipc::Dict dict = details(position, organization);
  dict["totalResult"] = total;
  return dict;
}

ipc::Dict describe(const storage::Factor& factor, std::string_view authenticator_name) {
  ipc::Dict item{{"id", factor.id},
                 {"kind", name(factor.kind)},
                 {"state", name(shown_state(factor))},
                 {"name", factor.name},
                 {"creationDate", microseconds(factor.created)},
                 {"changeDate", microseconds(factor.changed)},
                 {"lastUsed", microseconds(factor.last_used)},
                 {"useCount", factor.use_count}};
  describe_kind(item, factor, authenticator_name);
  return item;
}

ipc::Dict describe(const storage::User& user) {
  ipc::Dict item{{"userId", user.user_id},
                 {"org", user.organization},
                 {"displayName", user.display_name},
                 {"locked", user.locked},
                 {"creationDate", microseconds(user.created)},
                 {"changeDate", microseconds(user.changed)}};
  if (user.uid) item["uid"] = static_cast<std::uint32_t>(*user.uid);
  return item;
}

}  // namespace factord::daemon
