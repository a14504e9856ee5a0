// SPDX-License-Identifier: Apache-2.0
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/account.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Question {
  std::vector<std::string> why;  // user and method
  std::string about;
};

std::string verdict(const ipc::Dict& told) {
  if (entry<bool>(told, "allowed")) return " may call ";
  return entry<std::string>(told, "answer") == "challenge" ? " would have to authenticate to call " : " may not call ";
}

std::string lines_of(const std::string& user, const ipc::Dict& told) {
  const auto text = [&](const char* key) { return shown(entry<std::string>(told, key)); };
  const std::string about = text("userId"), nearest = text("nearest");
  std::string lines = shown(user) + verdict(told) + text("method") + (about.empty() ? "" : " about " + about) +
                      " in organization " + text("org") + "\n" + "Authorizer:  " + text("authorizer") +
                      "\nPermission:  " + text("permission") + "\nDecided by:  " + text("decidedBy") + "\n";
  if (!nearest.empty()) lines += "Nearest:     " + nearest + "\n";
  return lines;
}

// The daemon tells callers of their own rights alone, by the uid that the bus vouches for. So whoever asks for somebody
// else becomes that user first; root's own connection would only be told that root may do everything.
void explain(Session& session, const std::string& user, const std::string& method, const std::string& about) {
  become(user);
  const auto answer = session.call(ipc::names::admin, "ExplainAccess", {about, method, session.options()});
  const auto& told = part<ipc::Dict>(answer, 0);
  if (!session.settings.json) return session.console().print(lines_of(user, told));
  zitadel::v1::AccessExplanation explanation;
  fill(explanation, told);
  explanation.set_caller(user);
  session.print_json(explanation);
}

void examine(Session& session, const Question& asked) {
  if (asked.why.empty()) throw UsageError("doctor needs --why USER METHOD: there is nothing else yet that it examines");
  explain(session, asked.why[0], asked.why[1], asked.about);
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("doctor", "Tell why things are as they are");
  auto asked = std::make_shared<Question>();
  CLI::Option* why = noun.add_option("--why", asked->why,
                                     "Whether USER may call METHOD, and what decides it; nothing is done, and the exit "
                                     "status is 0 either way. Others than oneself: root only")
                         ->expected(2)
                         ->type_name("USER METHOD");
  noun.add_option("--about", asked->about, "Called about this user; default: USER")->needs(why)->type_name("ID");
  noun.callback([&session, asked] { session.command = [&session, asked] { examine(session, *asked); }; });
}

}  // namespace factord::factorctl
