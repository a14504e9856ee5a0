// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/cli.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <sstream>

#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/outcome.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

constexpr char footer[] =
    "Data goes to standard output, talk to standard error. Exit status: 0, the canonical code\n"
    "of the error (5 NotFound, 7 PermissionDenied, 14 no daemon, ...), 64 for wrong usage.";

void add_global_options(CLI::App& app, Settings& settings) {
  app.add_flag("--json", settings.json, "Print answers and errors as JSON");
  app.add_option("--bus", settings.bus, "system, session or a D-Bus address; default: system");
  app.add_option("--org", settings.org, "The organization; default: that of this machine's accounts");
  app.set_version_flag("--version", std::string("factorctl ") + FACTORD_VERSION, "Print the version and exit");
}

void add_nouns(CLI::App& app, Session& session) {
  for (const auto add : {add_passkey, add_u2f, add_totp, add_recovery, add_code, add_factor, add_check, add_user,
                         add_store, add_monitor, add_doctor})
    add(app, session);
}

// --help and --version come as exceptions too, with exit code 0.
int tell_usage(const CLI::App& app, const CLI::ParseError& error, const Console& console) {
  std::ostringstream data, talk;
  const int status = app.exit(error, data, talk);
  console.print(data.str());
  if (status == 0) return 0;
  std::string text = talk.str();
  while (text.ends_with('\n')) text.pop_back();
  console.say("factorctl: " + text);
  return usage_error;
}

int tell_failure(const Session& session, const zitadel::v1::Status& status) {
  if (session.settings.json)
    session.print_json(status);
  else
    session.console().say("factorctl: " + shown(status.message()));
  return status.code();
}

int perform(Session& session) try {
  session.command();
  return 0;
} catch (const UsageError& error) {
  session.console().say(std::string("factorctl: ") + error.what());
  return usage_error;
} catch (...) {
  return tell_failure(session, status_of(std::current_exception()));
}

}  // namespace

int run(int argc, const char* const* argv, const Console& console, const OpenBus& open) {
  Session session(console, open);
  CLI::App app("Registers, checks, lists and removes authentication factors kept by factord.", "factorctl");
  app.require_subcommand(1)->fallthrough()->footer(footer);
  add_global_options(app, session.settings);
  add_nouns(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return tell_usage(app, error, console);
  }
  return perform(session);
}

}  // namespace factord::factorctl
