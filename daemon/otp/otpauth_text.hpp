// SPDX-License-Identifier: Apache-2.0
// What reading and writing otpauth URIs must agree on, so that each reads what the other wrote.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "core/text.hpp"
#include "daemon/otp/totp.hpp"

namespace factord::otp {

inline constexpr std::array<std::pair<std::string_view, Algorithm>, 3> algorithm_names{
    {{"SHA1", Algorithm::sha1}, {"SHA256", Algorithm::sha256}, {"SHA512", Algorithm::sha512}}};

// Of issuer and account: what can be shown on one line, and no more of it than any name here may have.
inline bool name_kept(std::string_view name) { return core::printable(name) && core::code_points(name) <= 200; }

}  // namespace factord::otp
