// SPDX-License-Identifier: Apache-2.0
// Secrets that the daemon hands out, as members of a JSON answer: written around protobuf, which does not wipe what it
// held. Stateless.
#pragma once

#include <string_view>

#include "core/secret.hpp"
#include "tools/factorctl/console.hpp"

namespace factord::factorctl {

// `json`, an object with members, and in it one more: the secret as a text, without the end of its line. Throws
// std::runtime_error where the secret holds what JSON would have to escape; so does the next one.
void print_with_secret(const Console& console, std::string_view json, std::string_view member,
                       const core::Secret& secret);
// The same with an array of the secret's lines.
void print_with_lines(const Console& console, std::string_view json, std::string_view member,
                      const core::Secret& lines);

// As it is, ended with a line's end where it has none.
void print_secret(const Console& console, const core::Secret& secret);

}  // namespace factord::factorctl
