// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Watched {
  std::vector<std::string> users;
};

void subscribe(Session& session, const Watched& asked) {
  const auto users = asked.users.empty() ? std::vector<std::string>{""} : asked.users;
  for (const std::string& user : users) session.call(ipc::names::factors, "Subscribe", {user, session.options()});
}

std::string named(const std::string& text) { return text.empty() ? "-" : shown(text); }

// One line for each change, written at once. The signal brings no time: it is that of hearing.
void tell(const Session& session, const ipc::Values& change) {
  const auto text = [&](std::size_t index) { return part<std::string>(change, index); };
  const auto now = static_cast<std::uint64_t>(core::SystemClock().now().time_since_epoch().count());
  if (!session.settings.json)
    return session.console().print(date(now, Precision::second) + "  " + named(text(0)) + "  " + named(text(1)) + "  " +
                                   named(text(2)) + "  " + named(text(4)) + "  " + named(text(3)) + '\n');
  zitadel::v1::FactorsChanged message;
  fill(message, {{"time", now},
                 {"userId", text(0)},
                 {"org", text(1)},
                 {"kind", text(2)},
                 {"factorId", text(3)},
                 {"change", text(4)}});
  session.print_json(message);
}

void tell_presence(const Console& console, bool there) {
  console.say(there ? "factord is back; what happened meanwhile was not seen"
                    : "factord has left the bus; waiting until it is back");
}

void watch(Session& session, const Watched& asked) {
  bool begun = false;
  session.follow({.subscribe =
                      [&] {
                        subscribe(session, asked);
                        if (!std::exchange(begun, true)) session.console().say("Waiting for changes; Ctrl-C ends");
                      },
                  .told = [&](const ipc::Values& change) { tell(session, change); },
                  .presence = [&](bool there) { tell_presence(session.console(), there); }});
}

}  // namespace

void add_monitor(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("monitor", "Print changes of factors as they happen, until Ctrl-C");
  auto asked = std::make_shared<Watched>();
  noun.add_option("--user", asked->users, "Whose factors; several with commas or repeated; default: your own")
      ->delimiter(',');
  noun.callback([&session, asked] { session.command = [&session, asked] { watch(session, *asked); }; });
  noun.footer(
      "Lines have time, user, organization, kind, change and factor id, with - for none; with --json each is an "
      "object.\nIt goes on when the daemon is restarted. Exit status 0 after Ctrl-C.");
}

}  // namespace factord::factorctl
