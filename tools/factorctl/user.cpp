// SPDX-License-Identifier: Apache-2.0
#include "core/failure.hpp"
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Named {
  std::string id;
};

struct NewUser {
  std::string id;
  std::optional<std::string> display_name;
};

struct Query {
  std::optional<std::string> after;
  std::optional<std::uint32_t> limit;
};

void add(Session& session, const NewUser& asked) {
  if (!session.settings.org) throw UsageError("user add needs --org: Unix accounts are users already");
  ipc::Dict options = session.options();
  put(options, "display_name", asked.display_name);
  const auto answer = session.call(ipc::names::admin, "AddUser", {asked.id, options});
  session.done(part<ipc::Dict>(answer, 0), "User added");
}

void remove(Session& session, const Named& asked) {
  const auto answer = session.call(ipc::names::admin, "RemoveUser", {asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "User removed");
}

void rebind(Session& session, const Named& asked) {
  const auto answer = session.call(ipc::names::admin, "RebindUser", {asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "User bound to the account of that name");
}

void lock(Session& session, const Named& asked) {
  const auto answer = session.call(ipc::names::admin, "LockUser", {asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "User locked: no check succeeds");
}

void unlock(Session& session, const Named& asked) {
  const auto answer = session.call(ipc::names::admin, "UnlockUser", {asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "User unlocked, and all codes too");
}

std::string time_of(const ipc::Dict& user, const char* key) {
  return date(entry<std::uint64_t>(user, key), Precision::minute);
}

// "totp for uid 0 (sshd) until 2026-03-25 17:32"
std::string lock_line(const ipc::Dict& lock) {
  const std::string source = shown(entry<std::string>(lock, "source"));
  const std::string whom = lock.contains("caller") ? "uid " + std::to_string(entry<std::uint32_t>(lock, "caller"))
                                                   : "all who have not been right lately";
  return shown(entry<std::string>(lock, "kind")) + " for " + whom + (source.empty() ? "" : " (" + source + ")") +
         " until " + time_of(lock, "until");
}

std::string locks_of(const ipc::Dict& user) {
  std::string lines;
  if (entry<bool>(user, "locked")) lines += "Locked:       by an administrator\n";
  for (const auto& lock : entry<ipc::Dicts>(user, "locks")) lines += "Locked:       " + lock_line(lock) + "\n";
  return lines;
}

std::string lines_of(const ipc::Dict& user) {
  const auto text = [&](const char* key) { return shown(entry<std::string>(user, key)); };
  return "User:         " + text("userId") + "\nName:         " + text("displayName") +
         "\nOrganization: " + text("org") + "\nCreated:      " + time_of(user, "creationDate") +
         "\nChanged:      " + time_of(user, "changeDate") + "\n" + locks_of(user);
}

void print_table(const Console& console, const ipc::Dicts& users) {
  Table table({"NAME", "CREATED", "CHANGED", "ID"});
  for (const auto& user : users)
    table.add({shown(entry<std::string>(user, "displayName")), time_of(user, "creationDate"),
               time_of(user, "changeDate"), shown(entry<std::string>(user, "userId"))});
  if (console.draws()) table.fit(console.width());
  console.print(table.text());
}

// The answer is the user with the details of the call among its entries.
void show(Session& session, const Named& asked) {
  const auto answer = session.call(ipc::names::admin, "GetUser", {asked.id, session.options()});
  const auto& user = part<ipc::Dict>(answer, 0);
  if (!session.settings.json) return session.console().print(lines_of(user));
  zitadel::v1::GetUserResponse response;
  fill(response, user);
  fill(*response.mutable_user(), user);
  session.print_json(response);
}

void list(Session& session, const Query& asked) {
  ipc::Dict options = session.options();
  put(options, "after", asked.after);
  put(options, "limit", asked.limit);
  const auto answer = session.call(ipc::names::admin, "ListUsers", {options});
  const auto& users = part<ipc::Dicts>(answer, 0);
  if (!session.settings.json) return print_table(session.console(), users);
  zitadel::v1::ListUsersResponse response;
  fill(response, {{"details", part<ipc::Dict>(answer, 1)}, {"result", users}});
  session.print_json(response);
}

void declare_name(CLI::App& verb, Named& asked) { verb.add_option("ID", asked.id, "The user's id")->required(); }

void declare_new_user(CLI::App& verb, NewUser& asked) {
  verb.add_option("ID", asked.id, "The user's id, unique in its organization")->required();
  verb.add_option("--display-name", asked.display_name, "A name for people");
}

void declare_query(CLI::App& verb, Query& asked) {
  verb.add_option("--after", asked.after, "Go on behind this id");
  verb.add_option("--limit", asked.limit, "At most this many, 1 to 1000; default: 100");
}

}  // namespace

void add_user(CLI::App& app, Session& session) {
  CLI::App& noun =
      *app.add_subcommand("user", "Users of organizations, and how accounts are bound")->require_subcommand(1);
  add_verb<NewUser>(noun, session, "add", "Add one to --org", add, declare_new_user);
  add_verb<Named>(noun, session, "remove", "Remove one with all factors", remove, declare_name);
  add_verb<Named>(noun, session, "show", "Show one", show, declare_name);
  add_verb<Named>(noun, session, "lock", "Let no check of one succeed", lock, declare_name);
  add_verb<Named>(noun, session, "unlock", "Take that back, and what wrong codes have locked", unlock, declare_name);
  add_verb<Query>(noun, session, "list", "List them", list, declare_query);
  add_verb<Named>(noun, session, "rebind", "Bind a name to the account that has it now", rebind, declare_name);
}

}  // namespace factord::factorctl
