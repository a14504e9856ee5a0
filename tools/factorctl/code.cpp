// SPDX-License-Identifier: Apache-2.0
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/secret_output.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Wanted {
  std::string user;
  std::optional<std::uint64_t> lifetime;
  std::optional<std::string> kind;
};

void create(Session& session, const Wanted& asked) {
  ipc::Dict options = session.options();
  put(options, "lifetime", asked.lifetime);
  put(options, "kind", asked.kind);
  const auto answer = session.call(ipc::names::factors, "CreateRegistrationCode", {asked.user, options});
  const auto& id = part<std::string>(answer, 0);
  const core::Secret code = read_passed(part<ipc::SharedFd>(answer, 1)->get());
  if (session.settings.json) {
    zitadel::v1::CreateRegistrationCodeResponse response;
    fill(response, {{"codeId", id}, {"details", part<ipc::Dict>(answer, 2)}});
    return print_with_secret(session.console(), to_json(response), "code", code);
  }
  session.console().print(shown(id) + '\n');
  print_secret(session.console(), code);
  session.console().say("To be given to the user, who enrols with --code-id and types the code");
}

void declare_wanted(CLI::App& verb, Wanted& asked) {
  add_user_option(verb, asked.user);
  verb.add_option("--lifetime", asked.lifetime, "Seconds, 60 to 86400; default: 3600");
  verb.add_option("--kind", asked.kind, "What it is good for: passkey, u2f or totp");
}

}  // namespace

void add_code(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("code", "Registration codes: enrol without a permission")->require_subcommand(1);
  add_verb<Wanted>(noun, session, "create", "Make one, and print its id and the code, once", create, declare_wanted);
}

}  // namespace factord::factorctl
