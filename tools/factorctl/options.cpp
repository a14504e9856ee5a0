// SPDX-License-Identifier: Apache-2.0
// Options and verbs that several nouns have.
#include "tools/factorctl/factor_list.hpp"
#include "tools/factorctl/nouns.hpp"

namespace factord::factorctl {

void add_user_option(CLI::App& verb, std::string& user) {
  verb.add_option("--user", user, "Whose factors; default: your own");
}

void add_id_argument(CLI::App& verb, std::string& id) { verb.add_option("ID", id, "The factor's id")->required(); }

void add_removal_options(CLI::App& verb, Removal& removal, const char* done) {
  add_id_argument(verb, removal.id);
  verb.add_option("--user", removal.user, "Whose factor it is; default: your own");
  verb.add_flag("--yes,-y", removal.yes, std::string("Do not ask before the last factor is ") + done);
  verb.add_flag("--force", removal.force,
                "Also where ProtectLastFactor= protects the last factor; takes the permission user.write");
}

void add_list_verb(CLI::App& noun, Session& session, const char* method) {
  add_verb<ListQuery>(
      noun, session, "list", "List them",
      [method](Session& at, const ListQuery& query) {
        ipc::Dict options = at.options();
        put(options, "state", query.state);
        list_factors(at, method, query.user, options);
      },
      [](CLI::App& verb, ListQuery& query) {
        add_user_option(verb, query.user);
        verb.add_option("--state", query.state, "ready, not-ready, suspended, quarantined or any; default: ready");
      });
}

}  // namespace factord::factorctl
