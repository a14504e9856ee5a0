// SPDX-License-Identifier: Apache-2.0
// The verbs that passkeys and U2F tokens share, by the names in which they differ.
#pragma once

#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/registration_code.hpp"

namespace factord::factorctl {

struct SecurityKey {
  const char* title;  // "Passkey"
  const char* register_method;
  const char* verify_method;
  const char* remove_method;
  const char* remove_mine_method;  // null: the general one, for the caller's own account
  const char* list_method;
  bool has_appid;
  std::string (*registration_json)(const ipc::Values& answer);
};

struct KeyRegistration {
  std::string user;
  std::optional<std::string> domain, authenticator, appid;
  CodeOptions code;
};

// Adds register, verify, remove and list to the noun.
void add_key_verbs(CLI::App& noun, Session& session, const SecurityKey& key);

// Fills `Response`, whose id has the JSON name `id_key`, from the answer of a Register method.
template <typename Response>
std::string registration_json(const ipc::Values& answer, const char* id_key) {
  Response response;
  fill(response, {{id_key, part<std::string>(answer, 0)}, {"details", part<ipc::Dict>(answer, 2)}});
  from_json(part<std::string>(answer, 1), *response.mutable_public_key_credential_creation_options());
  return to_json(response);
}

}  // namespace factord::factorctl
