// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn_factors.hpp"

#include <memory>
#include <utility>

#include "core/base64url.hpp"
#include "core/id.hpp"
#include "daemon/details.hpp"
#include "daemon/last_factor.hpp"
#include "daemon/webauthn/creation_options.hpp"
#include "daemon/webauthn/registration.hpp"
#include "daemon/webauthn/verifying_key.hpp"

namespace factord::daemon {
namespace {

using storage::Kind;
using webauthn::UserVerification;

// In the order of preference: first what every authenticator has and what is quickest, longer curves next, RSA last,
// for TPMs that have nothing else. PS256 comes after RS256: some TPMs salt as long as they can, which is not PS256.
const std::vector<int> algorithms = {webauthn::algorithm::es256, webauthn::algorithm::eddsa,
                                     webauthn::algorithm::es384, webauthn::algorithm::es512,
                                     webauthn::algorithm::rs256, webauthn::algorithm::ps256};
constexpr std::uint32_t timeout_ms = 300'000;

// A record that names none of the three, which no version wrote, is held to the strictest.
UserVerification asked_of(const storage::WebauthnFactor& factor) {
  return webauthn::user_verification_named(factor.user_verification).value_or(UserVerification::required);
}

std::string new_challenge(core::Random& random) {
  core::Bytes bytes(32);
  random.fill(bytes);
  return core::to_base64url(bytes);
}

storage::WebauthnFactor registered(storage::WebauthnFactor pending, webauthn::NewCredential credential) {
  pending.challenge.clear();
  pending.credential_id = std::move(credential.credential_id);
  pending.public_key = std::move(credential.public_key);
  pending.algorithm = credential.algorithm;
  pending.sign_count = credential.sign_count;
  pending.aaguid = std::move(credential.aaguid);
  pending.attestation = std::move(credential.attestation_format);
  pending.transports = std::move(credential.transports);
  pending.user_verified = credential.user_verified;
  pending.backup_eligible = credential.backup_eligible;
  pending.backed_up = credential.backed_up;
  return pending;
}

core::Error refused(const webauthn::Refusal& refusal) {
  const auto& failure = refusal.kind == webauthn::Refusal::Kind::unreadable ? core::failure::credential_unreadable
                                                                            : core::failure::ceremony_failed;
  return core::Error(failure, "WebAuthn step " + refusal.step + ": " + refusal.reason);
}

}  // namespace

struct WebauthnFactors::Ceremony {
  storage::Factor pending;
  std::string_view credential;  // lies in the Call, which lives until it is answered
  webauthn::RegistrationExpectations expected;
  webauthn::RegistrationVerdict verdict{};
};

const std::string& WebauthnFactors::id(const ipc::Call& call) const {
  return call.text(kind_ == Kind::passkey ? "passkey_id" : "u2f_id");
}

const std::string& WebauthnFactors::factor_name(const ipc::Call& call) const {
  return call.text(kind_ == Kind::passkey ? "passkey_name" : "u2f_name");
}

ipc::Plan WebauthnFactors::begin_registration(const ipc::Call& call) const {
  return {.apply = [this, &call] { return begin(call); }};
}

ipc::Values WebauthnFactors::begin(const ipc::Call& call) const {
  const auto party = vault_.policy.relying_party(call.option_text("domain", ""));
  auto view = vault_.store.of(call.owner());
  const storage::User user = view.claim();
  storage::Factor factor;
  factor.id = core::mint_id(vault_.random);
  factor.kind = kind_;
  vault_.begin_pending(call, view, factor);
  factor.webauthn.domain = party.id;
  factor.webauthn.appid = call.option_text("appid", "");
  factor.webauthn.challenge = new_challenge(vault_.random);
  // A second factor proves possession; asking for a PIN as well is what passkeys are for.
  factor.webauthn.user_verification =
      name(kind_ == Kind::passkey ? vault_.policy.user_verification : UserVerification::discouraged);

  std::string options = creation_options(factor, user, view.factors(), call.option_text("authenticator", ""));
  const std::string id = factor.id;
  const auto position = view.add(std::move(factor), {}, vault_.change(call));
  return {id, std::move(options), details(position, call.organization().id())};
}

std::string WebauthnFactors::creation_options(const storage::Factor& factor, const storage::User& user,
                                              const std::vector<storage::Factor>& known,
                                              const std::string& attachment) const {
  webauthn::CreationOptions options{.rp_id = factor.webauthn.domain,
                                    .rp_name = factor.webauthn.domain,
                                    .user_handle = user.handle,
                                    .user_name = user.user_id,
                                    .user_display_name = user.display_name.empty() ? user.user_id : user.display_name,
                                    .challenge = factor.webauthn.challenge,
                                    .algorithms = algorithms,
                                    .timeout_ms = timeout_ms,
                                    .attachment = attachment,
                                    .resident_key_preferred = kind_ == Kind::passkey,
                                    .user_verification = asked_of(factor.webauthn),
                                    .attestation = vault_.policy.attestation,
                                    .appid_exclude = factor.webauthn.appid};
  // An authenticator that holds a credential of this user and relying party says so instead of making a second one.
  for (const storage::Factor& other : known)
    if (!other.webauthn.credential_id.empty() && other.webauthn.domain == factor.webauthn.domain)
      options.exclude.push_back({other.webauthn.credential_id, other.webauthn.transports});
  return webauthn::to_json(options);
}

storage::Factor WebauthnFactors::pending(const ipc::Call& call) const {
  auto factor = vault_.factor(call, kind_, id(call), core::failure::webauthn_not_pending);
  if (factor.state != storage::State::not_ready) throw core::Error(core::failure::webauthn_not_pending);
  vault_.require_same_code(call, factor);
  return factor;
}

ipc::Plan WebauthnFactors::verify_registration(const ipc::Call& call) const {
  vault_.store.of(call.owner()).require_user();
  storage::Factor factor = pending(call);
  webauthn::RegistrationExpectations expected{.challenge = factor.webauthn.challenge,
                                              .relying_party = vault_.policy.relying_party(factor.webauthn.domain),
                                              .user_verification = asked_of(factor.webauthn),
                                              .algorithms = algorithms,
                                              .at = vault_.clock.now(),
                                              .attestation_policy = vault_.policy.attestation_policy};
  const auto ceremony =
      std::make_shared<Ceremony>(Ceremony{std::move(factor), call.text("public_key_credential"), std::move(expected)});
  return {
      .verify =
          [ceremony] { ceremony->verdict = webauthn::verify_registration(ceremony->credential, ceremony->expected); },
      .apply = [this, &call, ceremony] { return finish(call, *ceremony); }};
}

ipc::Values WebauthnFactors::finish(const ipc::Call& call, const Ceremony& ceremony) const {
  // While the signature was verified, the registration may have been verified by another call, removed or replaced.
  storage::Factor factor = pending(call);
  if (const auto* refusal = std::get_if<webauthn::Refusal>(&ceremony.verdict)) throw refused(*refusal);

  auto credential = std::get<webauthn::NewCredential>(ceremony.verdict);
  auto view = vault_.store.of(call.owner());
  const auto holder = view.credential_holder(credential.credential_id);
  if (holder == storage::Holder::owner) throw core::Error(core::failure::credential_known);
  // Said as any other failure: that somebody else has registered it is nobody's business.
  if (holder == storage::Holder::other)
    throw core::Error(core::failure::ceremony_failed, "WebAuthn step 26: credential is registered for another user");

  factor.state = storage::State::ready;
  factor.name = factor_name(call);
  factor.expires.reset();
  factor.begun_by.reset();
  factor.code_id.clear();
  factor.webauthn = registered(std::move(factor.webauthn), std::move(credential));
  const auto position = view.update(std::move(factor), storage::EventType::factor_verified, vault_.change(call));
  return {details(position, call.organization().id())};
}

ipc::Plan WebauthnFactors::remove(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto factor = vault_.factor(call, kind_, id(call), core::failure::webauthn_not_found);
    protect_last(vault_, call, factor);
    const auto position = vault_.store.of(call.owner()).remove(factor.id, vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

}  // namespace factord::daemon
