// SPDX-License-Identifier: Apache-2.0
// What a relying party is, and what it asks of users.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factord::webauthn {

enum class UserVerification { required, preferred, discouraged };

// As WebAuthn writes them, which is how options, records and the configuration write them too.
std::string_view name(UserVerification verification);
std::optional<UserVerification> user_verification_named(std::string_view name);

// Section 5.4.7: whether an authenticator shall say what it is, and whether the client may make that anonymous.
enum class AttestationConveyance { none, indirect, direct };

std::string_view name(AttestationConveyance conveyance);
std::optional<AttestationConveyance> attestation_conveyance_named(std::string_view name);

// "https://example.org" compares as exact text. With `any_port`, also with any port appended.
struct AllowedOrigin {
  std::string origin;
  bool any_port = false;
};

struct RelyingParty {
  std::string id;  // the domain
  std::vector<AllowedOrigin> origins;
  // Whether its pages expect to be framed by other origins, and by which top-level ones (exact text).
  bool allow_cross_origin = false;
  std::vector<std::string> top_origins;
};

}  // namespace factord::webauthn
