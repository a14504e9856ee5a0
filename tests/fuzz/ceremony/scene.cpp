// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/ceremony/scene.hpp"

#include "core/base64url.hpp"
#include "tests/support/fixed.hpp"

namespace factord::fuzz {
namespace {

webauthn::RelyingParty example_org() {
  webauthn::RelyingParty out;
  out.id = "example.org";
  out.origins = {{"https://app.example.org", false}, {"https://example.org", false}};
  return out;
}

const tests::SoftKey& among(const std::vector<tests::SoftKey>& keys, int algorithm) {
  for (const auto& key : keys)
    if (key.algorithm() == algorithm) return key;
  throw std::logic_error("no key of that algorithm");
}

std::vector<tests::SoftKey> make_keys() {
  std::vector<tests::SoftKey> out;
  for (const int algorithm : {tests::es256, tests::eddsa, tests::rs256, tests::es384, tests::es512})
    out.push_back(tests::SoftKey::generate(algorithm));
  return out;
}

}  // namespace

std::size_t Choices::below(std::size_t bound) {
  std::size_t value = 0;
  for (std::size_t range = 1; range < bound && !rest_.empty(); range <<= 8) {
    value = value << 8 | rest_.front();
    rest_ = rest_.subspan(1);
  }
  return value % bound;
}

const char* section_of(tests::Format format) {
  switch (format) {
    case tests::Format::none:
      return "8.7";
    case tests::Format::packed_self:
    case tests::Format::packed_x5c:
      return "8.2";
    case tests::Format::fido_u2f:
      return "8.6";
    case tests::Format::tpm:
      return "8.3";
    case tests::Format::android_key:
      return "8.4";
    case tests::Format::apple:
      return "8.8";
    case tests::Format::compound:
      return "8.9 8.2";
  }
  return "";
}

const tests::SoftKey& key_of(int algorithm) {
  static const std::vector<tests::SoftKey> keys = make_keys();
  return among(keys, algorithm);
}

const tests::SoftKey& other_key_of(int algorithm) {
  static const std::vector<tests::SoftKey> keys = make_keys();
  return among(keys, algorithm);
}

Scene::Scene(bool is_registration, tests::Format format, int with_algorithm)
    : registering(is_registration), algorithm(with_algorithm) {
  registration.format = format;
  registration.certificate = tests::profile_of(format);
  registration_expected.challenge = registration.challenge;
  registration_expected.relying_party = example_org();
  registration_expected.algorithms = {tests::es256, tests::eddsa, tests::rs256, tests::es384, tests::es512};
  registration_expected.at = tests::FixedClock().at;
  assertion_expected.challenge = assertion.challenge;
  assertion_expected.relying_party = example_org();
  record.credential_id = assertion.credential_id;
  record.public_key = key_of(algorithm).cose();
  record.user_handle = core::Bytes{1, 2, 3};
}

void edit_response_bytes(Scene& scene, const char* member, std::function<void(core::Bytes&)> edit) {
  then(scene.made().edit_credential, [member, edit](Json& outer) {
    if (!outer["response"].is_object() || !outer["response"][member].is_string()) return;
    auto bytes = core::from_base64url(outer["response"][member].get<std::string>());
    if (!bytes) return;
    edit(*bytes);
    outer["response"][member] = core::to_base64url(*bytes);
  });
}

}  // namespace factord::fuzz
