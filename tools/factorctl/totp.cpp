// SPDX-License-Identifier: Apache-2.0
#include "ipc/client.hpp"
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/otpauth.hpp"
#include "tools/factorctl/outcome.hpp"
#include "tools/factorctl/removal.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

constexpr int attempts_on_a_terminal = 3;
constexpr char code_question[] = "Code that the app shows: ";

struct Registration {
  std::string user;
  std::optional<std::string> name, issuer, account, algorithm;
  std::optional<std::uint32_t> digits, period;
};

struct Verification {
  std::string user, id, code;
};

struct Import {
  std::string user, file = "-";
  std::optional<std::string> name;
};

struct Registered {
  std::string id;
  core::Secret uri;
  ipc::Dict details;
};

Registered call_register(Session& session, const Registration& asked) {
  ipc::Dict options = session.options();
  put(options, "name", asked.name);
  put(options, "issuer", asked.issuer);
  put(options, "account", asked.account);
  put(options, "algorithm", asked.algorithm);
  put(options, "digits", asked.digits);
  put(options, "period", asked.period);
  const auto answer = session.call(ipc::names::factors, "RegisterTOTP", {asked.user, options});
  return {part<std::string>(answer, 0), read_passed(part<ipc::SharedFd>(answer, 1)->get()), part<ipc::Dict>(answer, 2)};
}

ipc::Dict call_verify(Session& session, const std::string& user, const std::string& id, const std::string& code) {
  const auto answer = session.call(ipc::names::factors, "VerifyTOTPRegistration", {user, id, code, session.options()});
  return part<ipc::Dict>(answer, 0);
}

zitadel::v1::TOTPResponse response(const std::string& id, const ipc::Dict& details) {
  zitadel::v1::TOTPResponse response;
  fill(response, {{"totpId", id}, {"details", details}});
  return response;
}

void start(Session& session, const Registration& asked) {
  const Registered made = call_register(session, asked);
  const Console& console = session.console();
  if (session.settings.json) return print_with_uri(console, to_json(response(made.id, made.details)), made.uri);
  print_for_apps(console, made.uri);
  console.print(made.id + '\n');
  console.say("Scan the code, then: factorctl totp verify " + shown(made.id));
}

void verify(Session& session, const Verification& asked) {
  const std::string code = asked.code.empty() ? session.console().ask(code_question) : asked.code;
  session.done(call_verify(session, asked.user, asked.id, code), "TOTP is ready");
}

bool mistyped(const ipc::RemoteError& error) { return code_of(error.name) == core::Code::invalid_argument; }

// A person may mistype: the registration stays pending after a wrong code, so the next one is asked for.
ipc::Dict verify_by_asking(Session& session, const std::string& user, const std::string& id) {
  const Console& console = session.console();
  for (int left = console.can_ask() ? attempts_on_a_terminal : 1;; --left) try {
      return call_verify(session, user, id, console.ask(code_question));
    } catch (const ipc::RemoteError& error) {
      if (left == 1 || !mistyped(error)) throw;
      console.say(shown(error.what()));
    }
}

void enroll(Session& session, const Registration& asked) {
  const Console& console = session.console();
  const Registered made = call_register(session, asked);
  // With --json the data is the result alone; the code to scan is part of the talk then.
  print_for_apps(session.settings.json ? console.talking() : console, made.uri);
  console.say("Scan the code with an authenticator app, or type the secret into it.");
  const ipc::Dict details = verify_by_asking(session, asked.user, made.id);
  if (session.settings.json) return session.print_json(response(made.id, details));
  console.print(made.id + '\n');
  console.say("TOTP is ready");
}

void remove(Session& session, const Removal& asked) {
  confirm_removal(session, asked);
  const auto answer =
      session.call(ipc::names::factors, "RemoveTOTP", {asked.user.value_or(""), asked.id, session.options()});
  session.done(part<ipc::Dict>(answer, 0), "TOTP removed");
}

core::Secret read_uri(const Console& console, const std::string& file) {
  return file == "-" ? console.ask_secret("otpauth URI: ") : read_line(open_file(file).get());
}

void import(Session& session, const Import& asked) {
  const core::Secret uri = read_uri(session.console(), asked.file);
  ipc::Dict options = session.options();
  put(options, "name", asked.name);
  const auto sealed = std::make_shared<const core::Fd>(core::sealed_memfd(uri.text()));
  const auto answer = session.call(ipc::names::factors, "ImportTOTP", {asked.user, sealed, options});
  const auto& id = part<std::string>(answer, 0);
  if (session.settings.json) return session.print_json(response(id, part<ipc::Dict>(answer, 1)));
  session.console().print(id + '\n');
  session.console().say("TOTP is ready");
}

void declare_registration(CLI::App& verb, Registration& asked) {
  add_user_option(verb, asked.user);
  verb.add_option("--name", asked.name, "What its owner calls it");
  verb.add_option("--issuer", asked.issuer, "Shown by the app; default: the store's domain");
  verb.add_option("--account", asked.account, "Shown by the app; default: the user's id");
  verb.add_option("--algorithm", asked.algorithm, "SHA1, SHA256 or SHA512; default: SHA1, which every app knows");
  verb.add_option("--digits", asked.digits, "6 to 8; default: 6");
  verb.add_option("--period", asked.period, "Seconds that a code is valid for, 15 to 300; default: 30");
}

void declare_verification(CLI::App& verb, Verification& asked) {
  add_id_argument(verb, asked.id);
  verb.add_option("CODE", asked.code, "The code that the app shows; default: asked for, or a line of standard input");
  add_user_option(verb, asked.user);
}

void declare_import(CLI::App& verb, Import& asked) {
  verb.add_option("FILE", asked.file, "A file with the otpauth URI; default: a line of standard input");
  verb.add_option("--name", asked.name, "What its owner calls it");
  add_user_option(verb, asked.user);
}

}  // namespace

void add_totp(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("totp", "TOTP: six digits from an app")->require_subcommand(1);
  add_verb<Registration>(noun, session, "enroll", "Show a QR code, ask for a code, and it is ready", enroll,
                         declare_registration);
  add_verb<Registration>(noun, session, "register", "Make a secret and print it; verify it later", start,
                         declare_registration);
  add_verb<Verification>(noun, session, "verify", "Finish a registration with a code", verify, declare_verification);
  add_verb<Removal>(noun, session, "remove", "Remove one", remove, add_removal_options);
  add_verb<Import>(noun, session, "import", "Take over a secret from an otpauth URI; ready at once", import,
                   declare_import);
  add_list_verb(noun, session, "ListTOTP");
}

}  // namespace factord::factorctl
