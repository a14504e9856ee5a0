// SPDX-License-Identifier: Apache-2.0
// A factor and a user as the layers above see them: plain values. The store seals all of it (docs/format.md).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace factord::storage {

// The numbers stand in stored records (storage/record.proto) and never change.
enum class Kind : std::uint8_t { passkey = 1, u2f = 2, totp = 3, recovery_codes = 4 };
enum class State : std::uint8_t { not_ready = 1, ready = 2, suspended = 3, quarantined = 4 };

// Passkeys and U2F tokens.
struct WebauthnFactor {
  std::string domain;             // relying party id
  std::string appid;              // U2F only, may be empty
  std::string challenge;          // base64url, while the registration is pending; empty afterwards
  std::string user_verification;  // as asked at registration: required, preferred, discouraged
  core::Bytes credential_id;      // from here on: empty while pending
  core::Bytes public_key;         // COSE_Key
  std::int32_t algorithm = 0;     // COSE number
  std::uint32_t sign_count = 0;
  std::string aaguid;
  std::string attestation;  // format
  std::vector<std::string> transports;
  bool user_verified = false;
  bool backup_eligible = false;
  bool backed_up = false;
};

// The seed is not here: OwnerView::seed().
struct TotpFactor {
  std::string algorithm;  // SHA1, SHA256, SHA512
  std::uint32_t digits = 0;
  std::uint32_t period = 0;                // seconds
  std::optional<std::uint64_t> last_step;  // the latest time step that was accepted; none up to it is accepted again
};

// A set of recovery codes is one factor. Of the codes there are hashes alone (daemon/otp/recovery_codes.hpp).
struct RecoveryFactor {
  core::Bytes salt;                          // of all hashes
  std::uint64_t operations = 0, memory = 0;  // what a hash costs: passes, bytes
  std::vector<core::Bytes> hashes;           // of those that are left
};

struct Factor {
  std::string id;
  Kind kind = Kind::passkey;
  State state = State::not_ready;
  std::string name;
  core::Time created{};  // of the factor's first event
  core::Time changed{};  // of its last event
  core::Time last_used{};
  std::uint64_t use_count = 0;
  std::optional<core::Time> expires;  // a pending registration's end
  std::optional<uid_t> begun_by;      // who called for it, while it is pending
  std::string code_id;                // with which registration code, likewise; empty: without one
  WebauthnFactor webauthn;            // passkey, u2f
  TotpFactor totp;                    // totp
  RecoveryFactor recovery;            // recovery_codes
};

struct User {
  std::string organization;
  std::string user_id;
  std::optional<uid_t> uid;  // the Unix account it was bound to at first use
  std::string display_name;
  bool locked = false;  // by an administrator: no check succeeds
  core::Bytes handle;   // 32 random bytes: the user.id of WebAuthn, which must say nothing about the person
  std::uint64_t sequence = 0;
  core::Time created{};
  core::Time changed{};
};

}  // namespace factord::storage
