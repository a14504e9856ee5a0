// SPDX-License-Identifier: Apache-2.0
// Verifies an authentication ceremony: WebAuthn Level 3 section 7.2. Pure: text and expectations in, a verdict out; no
// clock, no store, no bus. May run on any thread, several at once, with one cache of keys for all.
//
// Two calls, because the record is looked up in between: read_assertion() tells which credential signed, then
// verify_assertion() judges it against the record of that credential.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "daemon/webauthn/credential.hpp"
#include "daemon/webauthn/key_cache.hpp"
#include "daemon/webauthn/refusal.hpp"
#include "daemon/webauthn/relying_party.hpp"

namespace factord::webauthn {

// What was kept at registration and after the last assertion.
struct CredentialRecord {
  core::Bytes credential_id;
  core::Bytes public_key;  // COSE_Key
  std::uint32_t sign_count = 0;
  bool backup_eligible = false;
  std::optional<core::Bytes> user_handle;  // of the user who owns it; without it no discoverable login succeeds
};

struct AssertionExpectations {
  std::string challenge;  // base64url text, exactly as it was sent
  RelyingParty relying_party;
  UserVerification user_verification = UserVerification::required;
  std::vector<core::Bytes> allow_credentials;  // as sent; empty: none were named
  bool user_identified = true;                 // false: a discoverable login, where the user handle names the user
  std::string appid;                           // sent in the appid extension; empty: not sent
};

// An assertion that parses; nothing in it is judged yet.
struct ReadAssertion {
  Credential credential;
  core::Bytes authenticator_data;
  core::Bytes signature;
  std::optional<core::Bytes> user_handle;
};

// What the relying party updates its record with (7.2 step 24).
struct VerifiedAssertion {
  std::uint32_t sign_count = 0;
  bool user_verified = false;
  bool backed_up = false;
  bool appid_used = false;
};

using AssertionVerdict = std::variant<VerifiedAssertion, Refusal>;

// `credential` is AuthenticationResponseJSON as toJSON() gives it.
std::variant<ReadAssertion, Refusal> read_assertion(std::string_view credential);

// A counter that did not go up is judged last, after the signature, and has a kind of refusal of its own. The record's
// key comes from `keys`, and stays there.
AssertionVerdict verify_assertion(const ReadAssertion& assertion, const CredentialRecord& record,
                                  const AssertionExpectations& expected, KeyCache& keys);

}  // namespace factord::webauthn
