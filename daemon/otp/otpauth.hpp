// SPDX-License-Identifier: Apache-2.0
// otpauth:// URIs, as authenticator apps exchange TOTP secrets: written so that every app reads them, read as people
// really write them. The URI holds the seed, so it lives in a Secret. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "daemon/otp/totp.hpp"

namespace factord::otp {

struct Enrolment {
  std::string issuer;  // may be empty
  std::string account;
  core::Secret seed;
  Parameters parameters;
};

// "otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=…&digits=…&period=…". Everything but unreserved characters
// is percent-encoded, a blank as %20, never '+'. Throws core::Error: bad_argument where issuer or account hold ':'
// (apps disagree on which colon parts them), control or bidi characters, more than 200 code points, or the account is
// empty; internal for an empty seed or parameters that are not supported.
core::Secret to_uri(const Enrolment& enrolment);

enum class Type { totp, hotp };

struct Uri {
  Type type = Type::totp;
  std::uint64_t counter = 0;  // HOTP only
  Enrolment enrolment;
};

// Holds two names of 200 four-byte characters, each byte escaped. Longer texts are refused unread.
inline constexpr std::size_t longest_uri = 8192;

// Nothing for what is no otpauth URI, or one that this daemon would not keep (digits outside 6 to 8, period outside 15
// to 300, MD5, an empty or malformed secret, no account). docs/otpauth-policy.md lists what is decided where practice
// and specification differ. `uri` must be a view into a Secret; of it only issuer and account are copied elsewhere.
std::optional<Uri> parse_uri(std::string_view uri);

// The same for TOTP alone: a HOTP URI gives nothing, since the daemon keeps no counters.
std::optional<Enrolment> from_uri(std::string_view uri);

}  // namespace factord::otp
