// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/factor_list.hpp"

#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

// A blank cell at the start of a line would look like a line of another kind.
std::string named(std::string name) { return name.empty() ? "-" : name; }

Table table_of(const ipc::Dicts& factors, Precision precision) {
  Table table({"NAME", "KIND", "STATE", "CREATED", "LAST USED", "ID"});
  for (const auto& item : factors) {
    const auto text = [&](std::string_view key) { return shown(entry<std::string>(item, key)); };
    const auto time = [&](std::string_view key) { return entry<std::uint64_t>(item, key); };
    table.add({named(text("name")), text("kind"), text("state"), date(time("creationDate"), precision),
               date(time("lastUsed"), precision, "never used"), text("id")});
  }
  return table;
}

void print_table(const Console& console, const ipc::Dicts& factors) {
  if (factors.empty()) return console.say("No factors");
  // A file or a pipe gets whole names: whoever reads on wants them more than a narrow line.
  console.print(factor_table(factors, console.width(), console.draws() ? Names::cut : Names::whole));
}

}  // namespace

std::string factor_table(const ipc::Dicts& factors, std::size_t width, Names names) {
  Table table = table_of(factors, Precision::minute);
  if (table.width() > width) table = table_of(factors, Precision::day);
  if (names == Names::cut) table.fit(width);
  return table.text();
}

void list_factors(Session& session, const char* method, const std::string& user, const ipc::Dict& options) {
  const ipc::Values answer = session.call(ipc::names::factors, method, {user, options});
  const auto& factors = part<ipc::Dicts>(answer, 0);
  if (!session.settings.json) return print_table(session.console(), factors);
  zitadel::v1::ListFactorsResponse response;
  fill(response, {{"details", part<ipc::Dict>(answer, 1)}, {"result", factors}});
  session.print_json(response);
}

}  // namespace factord::factorctl
