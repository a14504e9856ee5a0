// SPDX-License-Identifier: Apache-2.0
#include "status.pb.h"
#include "tools/factorctl/security_key.hpp"

namespace factord::factorctl {

void add_passkey(CLI::App& app, Session& session) {
  static constexpr SecurityKey passkey{
      .title = "Passkey",
      .register_method = "RegisterPasskey",
      .verify_method = "VerifyPasskeyRegistration",
      .remove_method = "RemovePasskey",
      .remove_mine_method = "RemoveMyPasskey",
      .list_method = "ListPasskeys",
      .has_appid = false,
      .registration_json =
          [](const ipc::Values& answer) {
            return registration_json<zitadel::v1::RegisterPasskeyResponse>(answer, "passkeyId");
          },
  };
  CLI::App& noun = *app.add_subcommand("passkey", "Passkeys: sign in without a password")->require_subcommand(1);
  add_key_verbs(noun, session, passkey);
}

}  // namespace factord::factorctl
