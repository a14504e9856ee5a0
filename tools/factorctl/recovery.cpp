// SPDX-License-Identifier: Apache-2.0
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/secret_output.hpp"

namespace factord::factorctl {
namespace {

struct Wanted {
  std::string user;
  std::uint32_t count = 10;
};

struct Whose {
  std::string user;
};

void generate(Session& session, const Wanted& asked) {
  const auto answer = session.call(ipc::names::factors, "GenerateRecoveryCodes",
                                   {asked.user, ipc::Value(asked.count), session.options()});
  const core::Secret codes = read_passed(part<ipc::SharedFd>(answer, 0)->get());
  if (session.settings.json) {
    zitadel::v1::DetailsResponse response;
    fill(*response.mutable_details(), part<ipc::Dict>(answer, 1));
    return print_with_lines(session.console(), to_json(response), "recoveryCodes", codes);
  }
  print_secret(session.console(), codes);
  session.console().say("Each of them works once. Earlier ones are void, and these are never shown again.");
}

void remove(Session& session, const Whose& asked) {
  const auto answer = session.call(ipc::names::factors, "RemoveRecoveryCodes", {asked.user, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "Recovery codes removed");
}

void declare_wanted(CLI::App& verb, Wanted& asked) {
  verb.add_option("--count", asked.count, "How many, 1 to 50; default: 10");
  add_user_option(verb, asked.user);
}

void declare_whose(CLI::App& verb, Whose& asked) { add_user_option(verb, asked.user); }

}  // namespace

void add_recovery(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("recovery", "Recovery codes: for when all else is lost")->require_subcommand(1);
  add_verb<Wanted>(noun, session, "generate", "Make new ones and print them, once; earlier ones are void", generate,
                   declare_wanted);
  add_verb<Whose>(noun, session, "remove", "Remove those that are left", remove, declare_whose);
}

}  // namespace factord::factorctl
