// SPDX-License-Identifier: Apache-2.0
// One ceremony that would be accepted, still to be signed, with what the relying party expects of it: both open to
// changes that know what must come of them. One thread.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/webauthn/assertion.hpp"
#include "daemon/webauthn/registration.hpp"
#include "daemon/webauthn/trust.hpp"
#include "tests/support/authenticator.hpp"

namespace factord::fuzz {

using tests::Json;
using tests::cbor::Entries;

// Bytes that decide; when they are used up, all further decisions are the first alternative.
class Choices {
 public:
  explicit Choices(core::ByteView bytes) : rest_(bytes) {}
  std::size_t below(std::size_t bound);
  bool flip() { return below(2) == 1; }
  template <typename List>
  auto of(const List& list) {
    return list[below(std::size(list))];
  }
  std::string of(std::initializer_list<const char*> list) { return list.begin()[below(list.size())]; }

 private:
  core::ByteView rest_;
};

struct Scene {
  Scene(bool is_registration, tests::Format format, int algorithm);

  bool registering;
  int algorithm;
  tests::Registration registration;
  tests::Assertion assertion;
  webauthn::RegistrationExpectations registration_expected;
  webauthn::AssertionExpectations assertion_expected;
  webauthn::CredentialRecord record;
  std::shared_ptr<webauthn::AttestationPolicy> policy;  // of registrations; null: none
  std::function<void(std::string&)> edit_text;          // of the outer JSON, last of all

  std::vector<std::string> changes;    // names of those that were made
  std::uint64_t touched = 0;           // a bit for each Part
  std::set<std::string> refused_at{};  // the steps that may refuse them; empty: it must be accepted

  tests::Ceremony& made() { return registering ? static_cast<tests::Ceremony&>(registration) : assertion; }
  webauthn::RelyingParty& relying_party() {
    return registering ? registration_expected.relying_party : assertion_expected.relying_party;
  }
  tests::Format format() const { return registration.format; }
  // The policy, made if there is none yet.
  webauthn::AttestationPolicy& demand() {
    if (!policy) registration_expected.attestation_policy = policy = std::make_shared<webauthn::AttestationPolicy>();
    return *policy;
  }
  // For a change that finds out by itself what must come of it; an empty step: nothing, in this ceremony.
  void refuse(const char* step_7_1, const char* step_7_2) {
    const std::string step = registering ? step_7_1 : step_7_2;
    if (!step.empty()) refused_at.insert(step);
  }
};

// The section of chapter 8 that refuses a bad statement of the scene's format; of a compound one, its part's.
const char* section_of(tests::Format format);

// Keys are made once. `other` is a second key of the same algorithm.
const tests::SoftKey& key_of(int algorithm);
const tests::SoftKey& other_key_of(int algorithm);

// Adds to what an edit function of the authenticator does.
template <typename T, typename Next>
void then(std::function<void(T&)>& edit, Next next) {
  edit = [before = edit, next](T& value) {
    if (before) before(value);
    next(value);
  };
}

// Members that hold bytes as base64url, decoded, changed and encoded again. One that is not base64url any more is
// somebody else's change, and stays.
void edit_response_bytes(Scene& scene, const char* member, std::function<void(core::Bytes&)> edit);

}  // namespace factord::fuzz
