// SPDX-License-Identifier: Apache-2.0
// The nouns of the command line; each adds its verbs and their options to the parser. A verb only sets
// Session::command: nothing is called before the whole command line is known to be right.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tools/factorctl/session.hpp"

namespace factord::factorctl {

void add_passkey(CLI::App& app, Session& session);
void add_u2f(CLI::App& app, Session& session);
void add_totp(CLI::App& app, Session& session);
void add_recovery(CLI::App& app, Session& session);
void add_code(CLI::App& app, Session& session);
void add_factor(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_user(CLI::App& app, Session& session);
void add_store(CLI::App& app, Session& session);
void add_monitor(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);

// A verb whose options are fields of `Options`, and what it does with them.
template <typename Options>
CLI::App& add_verb(CLI::App& noun, Session& session, const char* name, const char* what,
                   const std::function<void(Session&, const Options&)>& act,
                   const std::function<void(CLI::App&, Options&)>& declare) {
  CLI::App& verb = *noun.add_subcommand(name, what);
  auto options = std::make_shared<Options>();
  declare(verb, *options);
  verb.callback([&session, act, options] { session.command = [&session, act, options] { act(session, *options); }; });
  return verb;
}

// "--user ID"; without it the empty id, which the bus takes for the caller's own account.
void add_user_option(CLI::App& verb, std::string& user);
void add_id_argument(CLI::App& verb, std::string& id);

struct ListQuery {
  std::string user;
  std::optional<std::string> state;
};
// The verb "list" by a List method of one kind.
void add_list_verb(CLI::App& noun, Session& session, const char* method);

struct Removal {
  std::string id;
  std::optional<std::string> user;
  bool yes = false;
  bool force = false;
};
// `done` is what happens to the factor: "removed".
void add_removal_options(CLI::App& verb, Removal& removal, const char* done);

}  // namespace factord::factorctl
