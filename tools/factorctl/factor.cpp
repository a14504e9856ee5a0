// SPDX-License-Identifier: Apache-2.0
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/factor_list.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/removal.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Query {
  std::string user;
  std::vector<std::string> states, kinds;
};

struct TypesQuery {
  std::string user;
  std::optional<std::string> domain;
};

struct Renaming {
  std::string user, id, name;
};

struct Resumption {
  std::string user, id;
};

void list(Session& session, const Query& asked) {
  ipc::Dict options = session.options();
  if (!asked.states.empty()) options.insert_or_assign("states", asked.states);
  if (!asked.kinds.empty()) options.insert_or_assign("kinds", asked.kinds);
  list_factors(session, "ListAuthenticationFactors", asked.user, options);
}

void types(Session& session, const TypesQuery& asked) {
  ipc::Dict options = session.options();
  put(options, "domain", asked.domain);
  const auto answer = session.call(ipc::names::factors, "ListAuthenticationMethodTypes", {asked.user, options});
  const auto& kinds = part<ipc::Texts>(answer, 0);
  if (!session.settings.json) {
    for (const auto& kind : kinds) session.console().print(shown(kind) + '\n');
    return;
  }
  zitadel::v1::ListAuthenticationMethodTypesResponse response;
  fill(response, {{"details", part<ipc::Dict>(answer, 1)}, {"authMethodTypes", kinds}});
  session.print_json(response);
}

void rename(Session& session, const Renaming& asked) {
  const auto answer =
      session.call(ipc::names::factors, "RenameFactor", {asked.user, asked.id, asked.name, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "Renamed");
}

void suspend(Session& session, const Removal& asked) {
  confirm_removal(session, asked, "suspend");
  const auto answer = session.call(ipc::names::factors, "SuspendFactor",
                                   {asked.user.value_or(""), asked.id, options_of(session, asked)});
  session.done(part<ipc::Dict>(answer, 0), "Suspended");
}

void resume(Session& session, const Resumption& asked) {
  const auto answer = session.call(ipc::names::factors, "ResumeFactor", {asked.user, asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "Ready again");
}

void declare_query(CLI::App& verb, Query& asked) {
  add_user_option(verb, asked.user);
  verb.add_option("--state", asked.states, "Of these states only: ready, not-ready, suspended, quarantined, any")
      ->delimiter(',');
  verb.add_option("--kind", asked.kinds, "Of these kinds only: passkey, u2f, totp, recovery-codes")->delimiter(',');
}

void declare_types_query(CLI::App& verb, TypesQuery& asked) {
  add_user_option(verb, asked.user);
  verb.add_option("--domain", asked.domain, "Those that can be used under this relying party id");
}

void declare_renaming(CLI::App& verb, Renaming& asked) {
  add_id_argument(verb, asked.id);
  verb.add_option("NAME", asked.name, "The new name, 1 to 200 characters")->required();
  add_user_option(verb, asked.user);
}

void declare_resumption(CLI::App& verb, Resumption& asked) {
  add_id_argument(verb, asked.id);
  add_user_option(verb, asked.user);
}

}  // namespace

void add_factor(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("factor", "Factors of every kind")->require_subcommand(1);
  add_verb<Query>(noun, session, "list", "List them", list, declare_query);
  add_verb<TypesQuery>(noun, session, "types", "List the kinds that are ready", types, declare_types_query);
  add_verb<Renaming>(noun, session, "rename", "Give one a new name", rename, declare_renaming);
  add_verb<Removal>(noun, session, "suspend", "Put one aside: it proves nothing until it is resumed", suspend,
                    [](CLI::App& verb, Removal& asked) { add_removal_options(verb, asked, "suspended"); });
  add_verb<Resumption>(noun, session, "resume", "Make one ready again that is suspended or quarantined", resume,
                       declare_resumption);
}

}  // namespace factord::factorctl
