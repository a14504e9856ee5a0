// SPDX-License-Identifier: Apache-2.0
// The registration code with which somebody enrols who holds no permission to: --code-id and --code-file. It is a
// secret, so it is read from a file, a prompt or standard input, and handed over by descriptor. One thread.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "core/secret.hpp"
#include "tools/factorctl/session.hpp"

namespace factord::factorctl {

struct CodeOptions {
  std::optional<std::string> id;
  std::string file = "-";
};
void add_code_options(CLI::App& verb, CodeOptions& asked);

class RegistrationCode {
 public:
  // Reads it where --code-id stands; a line of standard input where no file is named, before anything else is read
  // from there.
  RegistrationCode(const Console& console, const CodeOptions& asked);
  // Adds code_id and code_fd, with a descriptor of their own for each call.
  void put_into(ipc::Dict& options) const;

 private:
  std::optional<std::string> id_;
  core::Secret code_;
};

}  // namespace factord::factorctl
