// SPDX-License-Identifier: Apache-2.0
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Nothing {};

void status(Session& session, const Nothing&) {
  const auto property = [&](const char* name) { return session.property(ipc::names::admin, name); };
  const std::string version = property("Version"), state = property("StoreState");
  const std::string organization = property("Organization"), domain = property("Domain");
  if (!session.settings.json)
    return session.console().print("Version:      " + shown(version) + "\nStore:        " + shown(state) +
                                   "\nOrganization: " + shown(organization) + "\nDomain:       " + shown(domain) +
                                   "\n");
  zitadel::v1::StoreStatus answer;
  fill(answer, {{"version", version}, {"storeState", state}, {"organization", organization}, {"domain", domain}});
  session.print_json(answer);
}

}  // namespace

void add_store(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("store", "The daemon's encrypted store")->require_subcommand(1);
  add_verb<Nothing>(noun, session, "status", "Show its state, default organization and domain", status,
                    [](CLI::App&, Nothing&) {});
}

}  // namespace factord::factorctl
