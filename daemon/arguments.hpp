// SPDX-License-Identifier: Apache-2.0
// What the methods take and give, word by word: each argument, result and option once, for all rows of the table.
#pragma once

#include "ipc/method.hpp"

namespace factord::daemon::arguments {

using ipc::Option;
using ipc::Parameter;
using ipc::Type;
using Content = ipc::TextRule::Content;

// Arguments
inline constexpr Parameter user_id{"user_id", Type::text, {0, 200, Content::identifier}};  // empty: the caller
inline constexpr Parameter named_user_id{"user_id", Type::text, {1, 200, Content::identifier}};
inline constexpr Parameter user_id_or_none{
    "user_id", Type::text, {0, 200, Content::identifier}};  // empty: whoever answers
inline constexpr Parameter method_name{"method", Type::text, {1, 200, Content::printable}};
inline constexpr Parameter credential{"public_key_credential", Type::text, {55, 1'048'576, Content::any}};
inline constexpr Parameter code{"code", Type::text, {1, 200, Content::any}};
inline constexpr Parameter uri{"uri", Type::fd};
inline constexpr Parameter secret_code{"code", Type::fd};
inline constexpr Parameter count{.name = "count", .type = Type::uint32, .least = 1, .most = 50};

constexpr Parameter id_of(std::string_view name) { return {name, Type::text, {1, 200, Content::any}}; }
constexpr Parameter name_of(std::string_view name) { return {name, Type::text, {1, 200, Content::printable}}; }

// Results
inline constexpr Parameter details{"details", Type::dict};
inline constexpr Parameter creation_options{"creation_options", Type::text};

// Options
inline const Option org{"org", Type::text, {1, 200, Content::identifier}};
inline const Option domain{"domain", Type::text, {1, 253, Content::printable}};
inline const Option appid{"appid", Type::text, {1, 200, Content::printable}};
inline const Option authenticator{"authenticator", Type::text, {}, {"platform", "cross-platform"}};
inline const Option issuer{"issuer", Type::text, {1, 200, Content::identifier}};
inline const Option account{"account", Type::text, {1, 200, Content::identifier}};
inline const Option factor_name{"name", Type::text, {1, 200, Content::printable}};
inline const Option algorithm{"algorithm", Type::text, {}, {"SHA1", "SHA256", "SHA512"}};
inline const Option digits{.name = "digits", .type = Type::uint32, .least = 6, .most = 8};
inline const Option period{.name = "period", .type = Type::uint32, .least = 15, .most = 300};
inline const Option state{"state", Type::text, {}, {"ready", "not-ready", "suspended", "quarantined", "any"}};
inline const Option states{"states", Type::texts, {}, {"ready", "not-ready", "suspended", "quarantined", "any"}};
inline const Option kinds{"kinds", Type::texts, {}, {"passkey", "u2f", "totp", "recovery-codes"}};
inline const Option factor_kind{"kind", Type::text, {}, {"passkey", "u2f", "totp"}};
inline const Option lifetime{.name = "lifetime", .type = Type::uint64, .least = 60, .most = 86400};
inline const Option code_id{"code_id", Type::text, {1, 200, Content::any}};
inline const Option code_fd{"code_fd", Type::fd};
inline const Option display_name{"display_name", Type::text, {1, 200, Content::printable}};
inline const Option after{"after", Type::text, {1, 200, Content::identifier}};
inline const Option source{"source", Type::text, {1, 200, Content::printable}};
inline const Option force{.name = "force", .type = Type::boolean, .takes_permission = true};
inline const Option user_verification{"user_verification", Type::text, {}, {"required", "preferred", "discouraged"}};
inline const Option discoverable{.name = "discoverable", .type = Type::boolean, .takes_permission = true};
inline const Option limit{.name = "limit", .type = Type::uint32, .least = 1, .most = 1000};

}  // namespace factord::daemon::arguments
