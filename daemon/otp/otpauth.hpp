// SPDX-License-Identifier: Apache-2.0
// otpauth:// URIs, as authenticator apps exchange TOTP secrets: written so that every app reads them, read as people
// really write them. The URI holds the seed, so it lives in a Secret. Pure; any thread.
#pragma once

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

// "otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…&algorithm=…&digits=…&period=…". Issuer and account must not hold ':'
// (the caller refuses it); everything but unreserved characters is percent-encoded, a blank as %20, never '+'.
core::Secret to_uri(const Enrolment& enrolment);

// Nothing for what is no TOTP URI, or one that this daemon would not keep (digits outside 6 to 8, period outside 15 to
// 300, MD5, an empty or malformed secret).
std::optional<Enrolment> from_uri(std::string_view uri);

}  // namespace factord::otp
