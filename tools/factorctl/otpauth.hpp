// SPDX-License-Identifier: Apache-2.0
// What a person needs of an otpauth URI to put the TOTP secret into an app. The URI itself was made by the daemon.
// Stateless.
#pragma once

#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "tools/factorctl/console.hpp"

namespace factord::factorctl {

// The base32 secret in groups of four, for typing. Empty where the URI names none.
core::Secret typed_form(std::string_view uri);

// One JSON object: the members of `json`, which has at least one, and "uri". Written without a copy of the URI. Throws
// std::runtime_error for a URI with characters that JSON would have to escape, which percent-encoding leaves none of.
void print_with_uri(const Console& console, std::string_view json, const core::Secret& uri);

// For people: the QR code, and below it the typed form.
void print_for_apps(const Console& console, const core::Secret& uri);

}  // namespace factord::factorctl
