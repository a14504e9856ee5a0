// SPDX-License-Identifier: Apache-2.0
#include "storage/codec.hpp"

#include "core/failure.hpp"
#include "record.pb.h"

namespace factord::storage {
namespace {

[[noreturn]] void damaged(const char* cause) { throw core::Error(core::failure::record_damaged, cause); }

std::int64_t count(core::Time time) { return time.time_since_epoch().count(); }
core::Time time(std::int64_t microseconds) { return core::Time(std::chrono::microseconds(microseconds)); }

std::string text(const core::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
core::Bytes bytes(const std::string& text) { return {text.begin(), text.end()}; }

template <typename Message>
Message parse(const std::string& bytes, const char* cause) {
  Message message;
  if (!message.ParseFromString(bytes)) damaged(cause);
  return message;
}

Kind kind(std::uint32_t number) {
  if (number < 1 || number > 4) damaged("unknown kind of factor");
  return static_cast<Kind>(number);
}

State state(std::uint32_t number) {
  if (number < 1 || number > 4) damaged("unknown state of factor");
  return static_cast<State>(number);
}

void write(const WebauthnFactor& from, record::Webauthn& to) {
  to.set_domain(from.domain);
  to.set_appid(from.appid);
  to.set_challenge(from.challenge);
  to.set_user_verification(from.user_verification);
  to.set_credential_id(text(from.credential_id));
  to.set_public_key(text(from.public_key));
  to.set_algorithm(from.algorithm);
  to.set_sign_count(from.sign_count);
  to.set_aaguid(from.aaguid);
  to.set_attestation(from.attestation);
  for (const auto& transport : from.transports) to.add_transports(transport);
  to.set_user_verified(from.user_verified);
  to.set_backup_eligible(from.backup_eligible);
  to.set_backed_up(from.backed_up);
}

WebauthnFactor read(const record::Webauthn& from) {
  WebauthnFactor to;
  to.domain = from.domain();
  to.appid = from.appid();
  to.challenge = from.challenge();
  to.user_verification = from.user_verification();
  to.credential_id = bytes(from.credential_id());
  to.public_key = bytes(from.public_key());
  to.algorithm = from.algorithm();
  to.sign_count = from.sign_count();
  to.aaguid = from.aaguid();
  to.attestation = from.attestation();
  to.transports.assign(from.transports().begin(), from.transports().end());
  to.user_verified = from.user_verified();
  to.backup_eligible = from.backup_eligible();
  to.backed_up = from.backed_up();
  return to;
}

void write(const TotpFactor& from, record::Totp& to) {
  to.set_algorithm(from.algorithm);
  to.set_digits(from.digits);
  to.set_period(from.period);
  if (from.last_step) to.set_last_step(*from.last_step);
}

TotpFactor read(const record::Totp& from) {
  TotpFactor to;
  to.algorithm = from.algorithm();
  to.digits = from.digits();
  to.period = from.period();
  if (from.has_last_step()) to.last_step = from.last_step();
  return to;
}

void write(const RecoveryFactor& from, record::Recovery& to) {
  to.set_salt(text(from.salt));
  to.set_operations(from.operations);
  to.set_memory(from.memory);
  for (const auto& hash : from.hashes) to.add_hashes(text(hash));
}

RecoveryFactor read(const record::Recovery& from) {
  RecoveryFactor to;
  to.salt = bytes(from.salt());
  to.operations = from.operations();
  to.memory = from.memory();
  for (const auto& hash : from.hashes()) to.hashes.push_back(bytes(hash));
  return to;
}

void write(const Use& from, record::Use& to) {
  to.set_count(from.count);
  if (from.step) to.set_step(*from.step);
  to.set_sign_count(from.sign_count);
  to.set_backed_up(from.backed_up);
  to.set_source(from.source);
}

Use read(const record::Use& from) {
  Use to;
  to.count = from.count();
  if (from.has_step()) to.step = from.step();
  to.sign_count = from.sign_count();
  to.backed_up = from.backed_up();
  to.source = from.source();
  return to;
}

}  // namespace

std::string encode(const StoreRecord& from) {
  record::Store to;
  to.set_organization(from.organization);
  to.set_domain(from.domain);
  to.set_folded(from.folded);
  return to.SerializeAsString();
}

StoreRecord decode_store(const std::string& from) {
  const auto message = parse<record::Store>(from, "store record is unreadable");
  return {message.organization(), message.domain(), message.folded()};
}

std::string encode(const OwnerRecord& from) {
  record::Owner to;
  to.set_organization(from.user.organization);
  to.set_user_id(from.user.user_id);
  if (from.user.uid) to.set_uid(*from.user.uid);
  to.set_display_name(from.user.display_name);
  to.set_handle(text(from.user.handle));
  to.set_sequence(from.user.sequence);
  to.set_created(count(from.user.created));
  to.set_changed(count(from.user.changed));
  to.set_locked(from.user.locked);
  for (const auto& head : from.factors) {
    auto* entry = to.add_factors();
    entry->set_row(head.row);
    entry->set_version(head.version);
  }
  return to.SerializeAsString();
}

OwnerRecord decode_owner(const std::string& bytes_of_owner) {
  const auto from = parse<record::Owner>(bytes_of_owner, "owner record is unreadable");
  OwnerRecord to;
  to.user.organization = from.organization();
  to.user.user_id = from.user_id();
  if (from.has_uid()) to.user.uid = from.uid();
  to.user.display_name = from.display_name();
  to.user.handle = bytes(from.handle());
  to.user.sequence = from.sequence();
  to.user.created = time(from.created());
  to.user.changed = time(from.changed());
  to.user.locked = from.locked();
  for (const auto& head : from.factors()) to.factors.push_back({head.row(), head.version()});
  return to;
}

std::string encode(const Factor& from) {
  record::Factor to;
  to.set_id(from.id);
  to.set_kind(static_cast<std::uint32_t>(from.kind));
  to.set_state(static_cast<std::uint32_t>(from.state));
  to.set_name(from.name);
  to.set_created(count(from.created));
  to.set_changed(count(from.changed));
  to.set_last_used(count(from.last_used));
  to.set_use_count(from.use_count);
  if (from.expires) to.set_expires(count(*from.expires));
  if (from.begun_by) to.set_begun_by(*from.begun_by);
  to.set_code_id(from.code_id);
  if (from.kind == Kind::totp)
    write(from.totp, *to.mutable_totp());
  else if (from.kind == Kind::recovery_codes)
    write(from.recovery, *to.mutable_recovery());
  else
    write(from.webauthn, *to.mutable_webauthn());
  return to.SerializeAsString();
}

Factor decode_factor(const std::string& bytes_of_factor) {
  const auto from = parse<record::Factor>(bytes_of_factor, "factor record is unreadable");
  Factor to;
  to.id = from.id();
  to.kind = kind(from.kind());
  to.state = state(from.state());
  to.name = from.name();
  to.created = time(from.created());
  to.changed = time(from.changed());
  to.last_used = time(from.last_used());
  to.use_count = from.use_count();
  if (from.has_expires()) to.expires = time(from.expires());
  if (from.has_begun_by()) to.begun_by = from.begun_by();
  to.code_id = from.code_id();
  if (from.has_webauthn()) to.webauthn = read(from.webauthn());
  if (from.has_totp()) to.totp = read(from.totp());
  if (from.has_recovery()) to.recovery = read(from.recovery());
  return to;
}

std::string encode(const Event& from) {
  record::Event to;
  to.set_type(static_cast<std::uint32_t>(from.type));
  to.set_at(count(from.at));
  to.set_actor(from.actor);
  to.set_organization(from.organization);
  to.set_user_id(from.user_id);
  to.set_sequence(from.sequence);
  to.set_factor_id(from.factor_id);
  if (from.kind) to.set_kind(static_cast<std::uint32_t>(*from.kind));
  if (from.use) write(*from.use, *to.mutable_use());
  return to.SerializeAsString();
}

Event decode_event(const std::string& bytes_of_event) {
  const auto from = parse<record::Event>(bytes_of_event, "event is unreadable");
  Event to;
  to.type = static_cast<EventType>(from.type());
  to.at = time(from.at());
  to.actor = from.actor();
  to.organization = from.organization();
  to.user_id = from.user_id();
  to.sequence = from.sequence();
  to.factor_id = from.factor_id();
  if (from.kind() != 0) to.kind = kind(from.kind());
  if (from.has_use()) to.use = read(from.use());
  return to;
}

std::string encode(const Budget& from) {
  record::Budget to;
  to.set_kind(static_cast<std::uint32_t>(from.key.kind));
  if (from.key.caller) to.set_caller(*from.key.caller);
  to.set_source(from.key.source);
  to.set_failures(from.failures);
  to.set_locks(from.locks);
  to.set_locked_until(count(from.locked_until));
  to.set_last_failure(count(from.last_failure));
  to.set_last_success(count(from.last_success));
  for (const core::Time at : from.recent) to.add_recent(count(at));
  return to.SerializeAsString();
}

Budget decode_budget(const std::string& bytes_of_budget) {
  const auto from = parse<record::Budget>(bytes_of_budget, "a record of guesses is unreadable");
  Budget to;
  to.key = {kind(from.kind()), from.has_caller() ? std::optional<uid_t>(from.caller()) : std::nullopt, from.source()};
  to.failures = from.failures();
  to.locks = from.locks();
  to.locked_until = time(from.locked_until());
  to.last_failure = time(from.last_failure());
  to.last_success = time(from.last_success());
  for (const std::int64_t at : from.recent()) to.recent.push_back(time(at));
  return to;
}

std::string encode(const RegistrationCode& from) {
  record::Code to;
  to.set_id(from.id);
  to.set_kind(static_cast<std::uint32_t>(from.kind));
  to.set_created(count(from.created));
  to.set_expires(count(from.expires));
  to.set_failures(from.failures);
  to.set_hash(text(from.hash));
  return to.SerializeAsString();
}

RegistrationCode decode_code(const std::string& bytes_of_code) {
  const auto from = parse<record::Code>(bytes_of_code, "a record of a registration code is unreadable");
  return {from.id(),       kind(from.kind()), time(from.created()), time(from.expires()),
          from.failures(), bytes(from.hash())};
}

}  // namespace factord::storage
