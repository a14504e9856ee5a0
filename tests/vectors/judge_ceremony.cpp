// SPDX-License-Identifier: Apache-2.0
// Registrations and assertions. Of a case with trust_anchors every trust path must end in one of them, as with
// RequireTrustedAttestation=yes. What the chain says by itself (validity at verify_time, each certificate issued by the
// next, which is a CA) is judged whether there are anchors or not.
#include <algorithm>
#include <stdexcept>

#include "core/base64url.hpp"
#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/registration.hpp"
#include "daemon/webauthn/trust.hpp"
#include "daemon/webauthn/verifying_key.hpp"
#include "tests/vectors/judge.hpp"

namespace factord::vectors {
namespace {

using namespace webauthn;

// nlohmann writes by recursion.
bool deeper_than(const Json& value, int limit) {
  std::vector<const Json*> level{&value};
  for (; !level.empty(); --limit) {
    if (limit < 0) return true;
    std::vector<const Json*> next;
    for (const Json* outer : level)
      if (outer->is_structured())
        for (const Json& inner : *outer) next.push_back(&inner);
    level = std::move(next);
  }
  return false;
}

UserVerification user_verification(const Json& vector) {
  const std::string wanted = vector.at("user_verification");
  return wanted == "required"    ? UserVerification::required
         : wanted == "preferred" ? UserVerification::preferred
                                 : UserVerification::discouraged;
}

RelyingParty relying_party(const Json& vector) {
  RelyingParty out;
  out.id = vector.at("rp_id");
  for (const auto& origin : vector.at("origins")) out.origins.push_back({origin.get<std::string>(), false});
  out.allow_cross_origin = vector.value("allow_cross_origin", false);
  out.top_origins = vector.value("top_origins", std::vector<std::string>{});
  return out;
}

core::Time verify_time(const Json& vector) {
  if (!vector.contains("verify_time")) return core::SystemClock().now();
  return core::Time(std::chrono::seconds(vector.at("verify_time").get<std::int64_t>()));
}

std::shared_ptr<const AttestationPolicy> attestation_policy(const Json& vector) {
  std::vector<Certificate> anchors;
  for (const auto& der : vector.value("trust_anchors", Json::array())) {
    auto anchor = Certificate::read(base64url(der));
    if (!anchor) throw std::runtime_error("the case holds a trust anchor that is no certificate");
    anchors.push_back(std::move(*anchor));
  }
  if (anchors.empty()) return nullptr;
  AttestationPolicy policy;
  policy.trust_required = true;
  policy.anchors = TrustAnchors(anchors);
  return std::make_shared<const AttestationPolicy>(std::move(policy));
}

std::string credential(const Json& vector) {
  if (!vector.contains("credential_raw")) {
    const Json& given = vector.at("credential");
    if (deeper_than(given, 1'000))
      throw std::runtime_error("the credential is too deep to be written: use credential_raw");
    return given.dump();
  }
  return std::string(core::text_of(base64url(vector.at("credential_raw"))));
}

Judgement refused(const Refusal& refusal) { return rejected(refusal.step, refusal.reason); }

std::string without_dashes(std::string text) {
  std::erase(text, '-');
  return text;
}

// As the case's `result` would have it; only what the case names is compared.
Json as_result(const NewCredential& made) {
  return {{"credential_id", core::to_base64url(made.credential_id)},
          {"public_key", core::to_base64url(made.public_key)},
          {"alg", made.algorithm},
          {"sign_count", made.sign_count},
          {"aaguid", without_dashes(made.aaguid)},
          {"uv", made.user_verified},
          {"backup_eligible", made.backup_eligible},
          {"backup_state", made.backed_up}};
}

Judgement compare(const NewCredential& made, const Json& result) {
  const Json stored = as_result(made);
  for (const auto& [name, value] : result.items())
    if (stored.contains(name) && stored.at(name) != value) return rejected("27", name + " is not the expected one");
  return accepted();
}

CredentialRecord record(const Json& stored) {
  CredentialRecord out{base64url(stored.at("credential_id")), base64url(stored.at("public_key")),
                       stored.at("sign_count"), stored.at("backup_eligible"), std::nullopt};
  if (stored.contains("user_handle") && stored.at("user_handle").is_string())
    out.user_handle = base64url(stored.at("user_handle"));
  return out;
}

AssertionExpectations expectations(const Json& vector) {
  AssertionExpectations out;
  out.challenge = vector.at("challenge");
  out.relying_party = relying_party(vector);
  out.user_verification = user_verification(vector);
  for (const auto& id : vector.value("allow_credentials", Json::array()))
    out.allow_credentials.push_back(base64url(id));
  out.user_identified = vector.value("user_identified", true);
  out.appid = vector.value("appid", "");
  return out;
}

bool knows(const Json& vector, const core::Bytes& id) {
  const Json known = vector.value("known_credential_ids", Json::array());
  return std::find(known.begin(), known.end(), core::to_base64url(id)) != known.end();
}

}  // namespace

Judgement judge_registration(const Json& vector) {
  const RegistrationExpectations expected{vector.at("challenge"),    relying_party(vector),
                                          user_verification(vector), vector.at("algs").get<std::vector<int>>(),
                                          verify_time(vector),       vector.value("conditional_create", false),
                                          attestation_policy(vector)};
  const auto verdict = verify_registration(credential(vector), expected);
  if (const auto* refusal = std::get_if<Refusal>(&verdict)) return refused(*refusal);
  const auto& made = std::get<NewCredential>(verdict);
  if (knows(vector, made.credential_id)) return rejected("26", "credential id is known");  // the store's part
  return vector.contains("result") ? compare(made, vector.at("result")) : accepted();
}

Judgement judge_authentication(const Json& vector) {
  const auto read = read_assertion(credential(vector));
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refused(*refusal);
  static KeyCache keys;  // as in the daemon: one for all
  const auto verdict =
      verify_assertion(std::get<ReadAssertion>(read), record(vector.at("stored")), expectations(vector), keys);
  if (const auto* refusal = std::get_if<Refusal>(&verdict)) return refused(*refusal);
  return accepted();
}

Judgement judge_signature(const Json& vector) {
  const auto key = VerifyingKey::from_cose(base64url(vector.at("public_key")));
  if (!key) return rejected("key", "public key is not valid or not supported");
  if (key->algorithm() != vector.at("alg").get<int>()) return rejected("key", "public key is of another algorithm");
  const bool good = key->verify({base64url(vector.at("message"))}, base64url(vector.at("signature")));
  return good ? accepted() : rejected("signature", "signature does not verify");
}

core::Bytes base64url(const Json& text) {
  auto bytes = core::from_base64url(text.get<std::string>());
  if (!bytes) throw std::runtime_error("the case holds bad base64url");
  return *bytes;
}

}  // namespace factord::vectors
