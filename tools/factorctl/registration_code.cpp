// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/registration_code.hpp"

#include "tools/factorctl/input.hpp"

namespace factord::factorctl {

void add_code_options(CLI::App& verb, CodeOptions& asked) {
  CLI::Option* id = verb.add_option(
      "--code-id", asked.id, "Enrol by the registration code of this id; the code is asked for, or a line of input");
  verb.add_option("--code-file", asked.file, "A file with the registration code")->needs(id);
}

RegistrationCode::RegistrationCode(const Console& console, const CodeOptions& asked) : id_(asked.id) {
  if (id_) code_ = read_secret(console, asked.file, "Registration code: ");
}

void RegistrationCode::put_into(ipc::Dict& options) const {
  if (!id_) return;
  options.insert_or_assign("code_id", *id_);
  options.insert_or_assign("code_fd", sealed(code_));
}

}  // namespace factord::factorctl
