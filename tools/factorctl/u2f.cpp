// SPDX-License-Identifier: Apache-2.0
#include "status.pb.h"
#include "tools/factorctl/security_key.hpp"

namespace factord::factorctl {

void add_u2f(CLI::App& app, Session& session) {
  static constexpr SecurityKey u2f{
      .title = "U2F token",
      .register_method = "RegisterU2F",
      .verify_method = "VerifyU2FRegistration",
      .remove_method = "RemoveU2F",
      .remove_mine_method = nullptr,
      .list_method = "ListU2F",
      .has_appid = true,
      .registration_json =
          [](const ipc::Values& answer) {
            return registration_json<zitadel::v1::RegisterU2FResponse>(answer, "u2fId");
          },
  };
  CLI::App& noun = *app.add_subcommand("u2f", "U2F tokens: a second factor to touch")->require_subcommand(1);
  add_key_verbs(noun, session, u2f);
}

}  // namespace factord::factorctl
