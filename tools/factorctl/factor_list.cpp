// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/factor_list.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

// A blank cell at the start of a line would look like a line of another kind.
std::string named(std::string name) { return name.empty() ? "-" : name; }

// Models have long names: what the vendor begins with tells them apart.
constexpr std::size_t authenticator_columns = 30;

struct Shape {
  Precision precision;
  bool authenticators;  // with a column of them
};

// TOTP secrets have none, and neither has a list from a daemon without metadata.
std::string authenticator(const ipc::Dict& item) {
  const auto found = item.find("authenticatorName");
  return found == item.end() ? std::string()
                             : shortened(shown(std::get<std::string>(found->second)), authenticator_columns);
}

// From the fullest to the one that needs the least room. Whoever wants whole names wants the models too.
std::vector<Shape> shapes(const ipc::Dicts& factors, Names names) {
  const bool known = std::ranges::any_of(factors, [](const ipc::Dict& item) { return !authenticator(item).empty(); });
  std::vector<Shape> all;
  if (known) all = {{Precision::minute, true}, {Precision::day, true}};
  if (!known || names == Names::cut) all.insert(all.end(), {{Precision::minute, false}, {Precision::day, false}});
  return all;
}

// Wrong codes have locked the kind for somebody; whom and until when, tell_locks() and `user show` say.
std::string state_of(const ipc::Dict& item) {
  const std::string state = shown(entry<std::string>(item, "state"));
  return entry<std::uint64_t>(item, "lockedUntil") == 0 ? state : state + ", locked";
}

Table table_of(const ipc::Dicts& factors, Shape shape) {
  Table::Row heads{"NAME", "KIND", "STATE", "CREATED", "LAST USED"};
  if (shape.authenticators) heads.emplace_back("AUTHENTICATOR");
  heads.emplace_back("ID");
  Table table(std::move(heads));
  for (const auto& item : factors) {
    const auto text = [&](std::string_view key) { return shown(entry<std::string>(item, key)); };
    const auto time = [&](std::string_view key) { return entry<std::uint64_t>(item, key); };
    Table::Row row{named(text("name")), text("kind"), state_of(item), date(time("creationDate"), shape.precision),
                   date(time("lastUsed"), shape.precision, "never used")};
    if (shape.authenticators) row.push_back(named(authenticator(item)));
    row.push_back(text("id"));
    table.add(std::move(row));
  }
  return table;
}

void tell_locks(const Console& console, const ipc::Dicts& factors) {
  std::map<std::string, std::uint64_t> ends;
  for (const auto& item : factors)
    if (const auto until = entry<std::uint64_t>(item, "lockedUntil"))
      ends[shown(entry<std::string>(item, "kind"))] = until;
  for (const auto& [kind, until] : ends)
    console.say("Too many wrong codes: " + kind + " is locked until " + date(until, Precision::second) +
                " for who tried them; see user show");
}

void print_table(const Console& console, const ipc::Dicts& factors) {
  if (factors.empty()) return console.say("No factors");
  // A file or a pipe gets whole names: whoever reads on wants them more than a narrow line.
  console.print(factor_table(factors, console.width(), console.draws() ? Names::cut : Names::whole));
  tell_locks(console, factors);
}

}  // namespace

std::string factor_table(const ipc::Dicts& factors, std::size_t width, Names names) {
  const auto choices = shapes(factors, names);
  const auto fits = [&](Shape shape) { return table_of(factors, shape).width() <= width; };
  Table table = table_of(factors, *std::find_if(choices.begin(), choices.end() - 1, fits));
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
