// SPDX-License-Identifier: Apache-2.0
// What the user hands over by file or pipe: credentials as text, secrets as Secret. All throw core::Error
// (bad_argument) with a text for the user where the file cannot be read, is empty or too long.
#pragma once

#include <string>

#include "core/fd.hpp"
#include "core/secret.hpp"
#include "ipc/value.hpp"
#include "tools/factorctl/console.hpp"

namespace factord::factorctl {

// The longest secret that the daemon reads from a descriptor.
inline constexpr std::size_t longest_secret = 4096;

core::Fd open_file(const std::string& path);

// A JSON text: the whole of `path`, or of `standard_input` where the path is "-".
std::string read_credential(const std::string& path, int standard_input);

// Up to the line's end or the file's, without blanks around it. Reads byte by byte: what follows is the next reader's.
core::Secret read_line(int fd);

// A line of `path`; "-": what a person answers to `question`, or a line of standard input.
core::Secret read_secret(const Console& console, const std::string& path, std::string_view question);

// As the daemon takes secrets.
ipc::SharedFd sealed(const core::Secret& secret);

// The content of a descriptor that the daemon passed. It is read from its start, wherever its offset stands.
core::Secret read_passed(int fd);

}  // namespace factord::factorctl
