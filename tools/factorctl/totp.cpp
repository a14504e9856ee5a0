// SPDX-License-Identifier: Apache-2.0
#include "ipc/client.hpp"
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/otpauth.hpp"
#include "tools/factorctl/outcome.hpp"
#include "tools/factorctl/registration_code.hpp"
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
  CodeOptions permit;
};

struct Verification {
  std::string user, id, code;
  CodeOptions permit;
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

Registered call_register(Session& session, const Registration& asked, const RegistrationCode& permit) {
  ipc::Dict options = session.options();
  put(options, "name", asked.name);
  put(options, "issuer", asked.issuer);
  put(options, "account", asked.account);
  put(options, "algorithm", asked.algorithm);
  put(options, "digits", asked.digits);
  put(options, "period", asked.period);
  permit.put_into(options);
  const auto answer = session.call(ipc::names::factors, "RegisterTOTP", {asked.user, options});
  return {part<std::string>(answer, 0), read_passed(part<ipc::SharedFd>(answer, 1)->get()), part<ipc::Dict>(answer, 2)};
}

struct Pending {
  const std::string& user;
  const std::string& id;
  const RegistrationCode& permit;
};

ipc::Dict call_verify(Session& session, const Pending& pending, const std::string& code) {
  ipc::Dict options = session.options();
  pending.permit.put_into(options);
  const auto answer =
      session.call(ipc::names::factors, "VerifyTOTPRegistration", {pending.user, pending.id, code, options});
  return part<ipc::Dict>(answer, 0);
}

zitadel::v1::TOTPResponse response(const std::string& id, const ipc::Dict& details) {
  zitadel::v1::TOTPResponse response;
  fill(response, {{"totpId", id}, {"details", details}});
  return response;
}

void start(Session& session, const Registration& asked) {
  const Console& console = session.console();
  const Registered made = call_register(session, asked, {console, asked.permit});
  if (session.settings.json) return print_with_uri(console, to_json(response(made.id, made.details)), made.uri);
  print_for_apps(console, made.uri);
  console.print(made.id + '\n');
  console.say("Scan the code, then: factorctl totp verify " + shown(made.id));
}

void verify(Session& session, const Verification& asked) {
  const RegistrationCode permit(session.console(), asked.permit);
  const std::string code = asked.code.empty() ? session.console().ask(code_question) : asked.code;
  session.done(call_verify(session, {asked.user, asked.id, permit}, code), "TOTP is ready");
}

bool mistyped(const ipc::RemoteError& error) { return code_of(error.name) == core::Code::invalid_argument; }

// A person may mistype: the registration stays pending after a wrong code, so the next one is asked for.
ipc::Dict verify_by_asking(Session& session, const Pending& pending) {
  const Console& console = session.console();
  for (int left = console.can_ask() ? attempts_on_a_terminal : 1;; --left) try {
      return call_verify(session, pending, console.ask(code_question));
    } catch (const ipc::RemoteError& error) {
      if (left == 1 || !mistyped(error)) throw;
      console.say(shown(error.what()));
    }
}

void enroll(Session& session, const Registration& asked) {
  const Console& console = session.console();
  const RegistrationCode permit(console, asked.permit);
  const Registered made = call_register(session, asked, permit);
  // With --json the data is the result alone; the code to scan is part of the talk then.
  print_for_apps(session.settings.json ? console.talking() : console, made.uri);
  console.say("Scan the code with an authenticator app, or type the secret into it.");
  const ipc::Dict details = verify_by_asking(session, {asked.user, made.id, permit});
  if (session.settings.json) return session.print_json(response(made.id, details));
  console.print(made.id + '\n');
  console.say("TOTP is ready");
}

void remove(Session& session, const Removal& asked) {
  confirm_removal(session, asked);
  const auto answer =
      session.call(ipc::names::factors, "RemoveTOTP", {asked.user.value_or(""), asked.id, options_of(session, asked)});
  session.done(part<ipc::Dict>(answer, 0), "TOTP removed");
}

void import(Session& session, const Import& asked) {
  const core::Secret uri = read_secret(session.console(), asked.file, "otpauth URI: ");
  ipc::Dict options = session.options();
  put(options, "name", asked.name);
  const auto answer = session.call(ipc::names::factors, "ImportTOTP", {asked.user, sealed(uri), options});
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
  add_code_options(verb, asked.permit);
}

void declare_verification(CLI::App& verb, Verification& asked) {
  add_id_argument(verb, asked.id);
  verb.add_option("CODE", asked.code, "The code that the app shows; default: asked for, or a line of standard input");
  add_user_option(verb, asked.user);
  add_code_options(verb, asked.permit);
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
  add_verb<Removal>(noun, session, "remove", "Remove one", remove,
                    [](CLI::App& verb, Removal& asked) { add_removal_options(verb, asked, "removed"); });
  add_verb<Import>(noun, session, "import", "Take over a secret from an otpauth URI; ready at once", import,
                   declare_import);
  add_list_verb(noun, session, "ListTOTP");
}

}  // namespace factord::factorctl
