// SPDX-License-Identifier: Apache-2.0
// Authenticator data (WebAuthn Level 3 section 6.1): the bytes that the authenticator itself vouches for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "daemon/webauthn/strict_cbor.hpp"

namespace factord::webauthn {

// Section 6.5.1.
struct AttestedCredential {
  core::ByteView aaguid;
  core::ByteView credential_id;
  CborValue public_key;  // a map; what it holds is not judged yet
};

// Views into the bytes it was read from, which must outlive it.
struct AuthenticatorData {
  core::ByteView encoded;
  core::ByteView rp_id_hash;
  bool user_present = false;
  bool user_verified = false;
  bool backup_eligible = false;
  bool backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> attested;
};

// Nothing unless the flags tell exactly what is there: no byte missing, none left over. Reserved bits are ignored, and
// so are extension outputs beyond being a well-formed map.
std::optional<AuthenticatorData> read_authenticator_data(core::ByteView bytes);

// "01020304-0506-0708-0102-030405060708"; `aaguid` has 16 bytes.
std::string to_uuid(core::ByteView aaguid);

}  // namespace factord::webauthn
