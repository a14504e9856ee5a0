// SPDX-License-Identifier: Apache-2.0
#include "daemon/passkey_checks.hpp"

#include <algorithm>
#include <utility>

#include "core/base64url.hpp"
#include "core/log.hpp"
#include "daemon/check_result.hpp"
#include "daemon/details.hpp"
#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/request_options.hpp"

namespace factord::daemon {
namespace {

using storage::Kind;
using webauthn::Refusal;
using webauthn::UserVerification;

constexpr std::uint32_t timeout_ms = 300'000;

struct PasskeyChallenge final : ipc::Challenge {
  using ipc::Challenge::Challenge;
  std::string text{};  // base64url
  std::string domain{};
  UserVerification user_verification = UserVerification::required;
  std::string appid{};
  std::vector<std::string> factors{};  // ids of those that were asked for; none where anybody may answer
};

std::string new_challenge(core::Random& random) {
  core::Bytes bytes(32);
  random.fill(bytes);
  return core::to_base64url(bytes);
}

// U2F tokens know no user verification, and what they are registered with says so.
bool can_answer(const storage::Factor& factor, const PasskeyChallenge& challenge) {
  const bool kind = factor.kind == Kind::passkey ||
                    (factor.kind == Kind::u2f && challenge.user_verification != UserVerification::required);
  return kind && factor.state == storage::State::ready && factor.webauthn.domain == challenge.domain;
}

bool was_asked(const storage::Factor& factor, const PasskeyChallenge& challenge) {
  return challenge.user_id.empty() || std::ranges::find(challenge.factors, factor.id) != challenge.factors.end();
}

// One text for all: what exactly was wrong helps nobody but whoever tries.
core::Error refused(const std::string& cause) { return core::Error(core::failure::assertion_failed, cause); }

core::Error refused(const Refusal& refusal) { return refused("WebAuthn step " + refusal.step + ": " + refusal.reason); }

// As the verifier's step 22, against what the record says by now.
bool went_back(const storage::Factor& factor, const webauthn::VerifiedAssertion& assertion) {
  return factor.webauthn.sign_count != 0 && assertion.sign_count <= factor.webauthn.sign_count;
}

UserVerification wanted(const ipc::Call& call, const Policy& policy) {
  const auto asked = call.option_text("user_verification");
  return asked ? webauthn::user_verification_named(*asked).value() : policy.check_user_verification;
}

// What may be asked of the user's factors. One AppID can be sent: the first that there is; tokens that were registered
// with another one still answer for the domain.
webauthn::RequestOptions ask(PasskeyChallenge& challenge, const std::vector<storage::Factor>& factors) {
  webauthn::RequestOptions options{.rp_id = challenge.domain,
                                   .challenge = challenge.text,
                                   .timeout_ms = timeout_ms,
                                   .allow = {},
                                   .user_verification = challenge.user_verification,
                                   .appid = {}};
  for (const storage::Factor& factor : factors) {
    if (!can_answer(factor, challenge)) continue;
    options.allow.push_back({factor.webauthn.credential_id, factor.webauthn.transports});
    challenge.factors.push_back(factor.id);
    if (challenge.appid.empty()) challenge.appid = factor.webauthn.appid;
  }
  options.appid = challenge.appid;
  return options;
}

}  // namespace

struct PasskeyChecks::Attempt {
  const PasskeyChallenge& challenge;  // lies in the Call, which lives until it is answered
  webauthn::ReadAssertion assertion;
  std::string factor_id{};
  webauthn::CredentialRecord record{};
  webauthn::AssertionExpectations expected{};
  webauthn::AssertionVerdict verdict{};
  bool cloned = false;
};

ipc::Plan PasskeyChecks::start(const ipc::Call& call) const {
  return {.apply = [this, &call] { return begin(call); }};
}

ipc::Values PasskeyChecks::begin(const ipc::Call& call) const {
  const std::string& user_id = call.text("user_id");
  if (user_id.empty() != call.option_flag("discoverable"))
    throw core::Error::because(core::failure::bad_argument,
                               "Argument user_id must be given, or else option discoverable");
  const auto challenge = std::make_shared<PasskeyChallenge>(call.organization(), user_id);
  challenge->text = new_challenge(vault_.random);
  challenge->domain = vault_.policy.relying_party(call.option_text("domain", "")).id;
  challenge->user_verification = wanted(call, vault_.policy);

  storage::Position position;
  std::vector<storage::Factor> factors;
  if (!user_id.empty()) {
    if (const auto user = vault_.require_unlocked(call)) position = {user->sequence, user->changed, user->created};
    factors = vault_.store.of(call.owner()).factors();
  }
  const auto options = ask(*challenge, factors);
  if (options.allow.empty() && !user_id.empty()) throw core::Error(core::failure::no_credential);
  const std::string id = challenges_.add(challenge, call);
  return {id, to_json(options), details(position, call.organization().id())};
}

ipc::Plan PasskeyChecks::check(const ipc::Call& call) const {
  const auto* challenge = dynamic_cast<const PasskeyChallenge*>(call.challenge());
  if (challenge == nullptr) throw refused("the connection has no such challenge");
  if (!vault_.policy.allows(challenge->domain)) throw refused("the domain is not allowed any more");
  auto read = webauthn::read_assertion(call.text("public_key_credential"));
  if (const auto* refusal = std::get_if<Refusal>(&read)) throw refused(*refusal);
  const auto attempt =
      std::make_shared<Attempt>(Attempt{*challenge, std::move(std::get<webauthn::ReadAssertion>(read))});
  if (!challenge->user_id.empty()) return judged(call, attempt);
  auto user_id = vault_.store.user_with(call.organization(), attempt->assertion.credential.id);
  if (!user_id) throw refused("WebAuthn step 6: nobody of the organization has that credential");
  return {.apply = {}, .about = *std::move(user_id), .then = [this, &call, attempt] { return judged(call, attempt); }};
}

ipc::Plan PasskeyChecks::judged(const ipc::Call& call, const std::shared_ptr<Attempt>& attempt) const {
  look_up(call, *attempt);
  return {.verify =
              [this, attempt] {
                attempt->verdict =
                    webauthn::verify_assertion(attempt->assertion, attempt->record, attempt->expected, keys_);
              },
          .apply = [this, &call, attempt] { return finish(call, *attempt); },
          .leave_behind = [this, &call, attempt] { quarantine(call, *attempt); }};
}

// What it takes to judge the signature.
void PasskeyChecks::look_up(const ipc::Call& call, Attempt& attempt) const {
  const PasskeyChallenge& challenge = attempt.challenge;
  auto user = vault_.require_unlocked(call);
  auto factor = vault_.store.of(call.owner()).factor_with(attempt.assertion.credential.id);
  if (!user || !factor || !was_asked(*factor, challenge))
    throw refused("WebAuthn step 5: credential is not among the allowed ones");
  if (!can_answer(*factor, challenge)) throw refused("the factor is not ready, or cannot answer this challenge");
  attempt.factor_id = std::move(factor->id);
  attempt.expected = {.challenge = challenge.text,
                      .relying_party = vault_.policy.relying_party(challenge.domain),
                      .user_verification = challenge.user_verification,
                      .allow_credentials = {},  // was_asked()
                      .user_identified = !challenge.user_id.empty(),
                      .appid = factor->webauthn.appid == challenge.appid ? challenge.appid : std::string()};
  attempt.record = {.credential_id = std::move(factor->webauthn.credential_id),
                    .public_key = std::move(factor->webauthn.public_key),
                    .sign_count = factor->webauthn.sign_count,
                    .backup_eligible = factor->webauthn.backup_eligible,
                    .user_handle = std::move(user->handle)};
}

ipc::Values PasskeyChecks::finish(const ipc::Call& call, Attempt& attempt) const {
  const auto* refusal = std::get_if<Refusal>(&attempt.verdict);
  if (refusal != nullptr && refusal->kind != Refusal::Kind::counter_regressed) throw refused(*refusal);
  // While the signature was verified, user and factor may have been locked, removed or used.
  vault_.require_unlocked(call);
  auto view = vault_.store.of(call.owner());
  const auto factor = view.factor(attempt.factor_id);
  if (!factor || !can_answer(*factor, attempt.challenge)) throw refused("the factor is gone, or not ready any more");
  const auto* verified = std::get_if<webauthn::VerifiedAssertion>(&attempt.verdict);
  attempt.cloned = verified == nullptr || went_back(*factor, *verified);
  if (attempt.cloned) throw core::Error(core::failure::clone_suspected, "factor " + attempt.factor_id);

  const auto position =
      view.use(factor->id, {.sign_count = verified->sign_count, .backed_up = verified->backed_up}, vault_.change(call));
  // A token that is registered as a second factor is one, whatever it says of its user.
  const bool both = verified->user_verified && factor->kind == Kind::passkey;
  return check_result(call, *factor, both ? Proof::possession_and_user : Proof::possession, position);
}

// Somebody else may hold the same key by now: until somebody looks into it, it opens nothing.
void PasskeyChecks::quarantine(const ipc::Call& call, const Attempt& attempt) const {
  if (!attempt.cloned) return;
  auto view = vault_.store.of(call.owner());
  auto factor = view.factor(attempt.factor_id);
  if (!factor || factor->state != storage::State::ready) return;
  factor->state = storage::State::quarantined;
  view.update(*std::move(factor), storage::EventType::factor_quarantined, vault_.change(call));
  core::log(core::Severity::warning, "A counter did not go up, so that the credential may be cloned: quarantined",
            {{"FACTORD_FACTOR", attempt.factor_id}});
}

}  // namespace factord::daemon
