// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ipc/names.hpp"
#include "status.pb.h"
#include "tools/factorctl/account.hpp"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/json.hpp"
#include "tools/factorctl/nouns.hpp"
#include "tools/factorctl/table.hpp"

namespace factord::factorctl {
namespace {

struct Whose {
  std::optional<std::string> user, source;
};

struct TotpCheck : Whose {
  std::string code;
};

struct RecoveryCheck : Whose {
  std::string file = "-";
};

struct PasskeyCheck : Whose {
  std::string file = "-";
  std::optional<std::string> domain, user_verification;
  bool discoverable = false;
};

// In the checks an empty id is nobody, so that a login form which was left empty does not check the form's own account.
std::string user_of(const Session& session, const Whose& asked) {
  if (asked.user) return *asked.user;
  if (session.settings.org) throw UsageError("with --org the user must be named: --user ID");
  return own_account();
}

ipc::Dict options_of(const Session& session, const Whose& asked) {
  ipc::Dict options = session.options();
  put(options, "source", asked.source);
  return options;
}

std::string proofs(const ipc::Dict& result) {
  std::string text;
  for (const auto& proof : entry<ipc::Texts>(result, "factors")) text += (text.empty() ? "" : ", ") + shown(proof);
  return text;
}

void tell(const Session& session, const ipc::Values& answer) {
  const auto& result = part<ipc::Dict>(answer, 0);
  if (session.settings.json) {
    zitadel::v1::CheckResponse response;
    fill(response, result);
    return session.print_json(response);
  }
  const auto text = [&](const char* key) { return shown(entry<std::string>(result, key)); };
  session.console().print(text("factorId") + '\n');
  session.console().say("Right: " + text("kind") + " of " + text("userId") + ", proves " + proofs(result));
}

void check_totp(Session& session, const TotpCheck& asked) {
  const std::string user = user_of(session, asked);
  const std::string code = asked.code.empty() ? session.console().ask("Code that the app shows: ") : asked.code;
  tell(session, session.call(ipc::names::checks, "CheckTOTP", {user, code, options_of(session, asked)}));
}

void check_recovery(Session& session, const RecoveryCheck& asked) {
  const std::string user = user_of(session, asked);
  const core::Secret code = read_secret(session.console(), asked.file, "Recovery code: ");
  tell(session,
       session.call(ipc::names::checks, "CheckRecoveryCode", {user, sealed(code), options_of(session, asked)}));
}

ipc::Values start_passkey(Session& session, const PasskeyCheck& asked) {
  ipc::Dict options = session.options();
  put(options, "domain", asked.domain);
  put(options, "user_verification", asked.user_verification);
  if (asked.discoverable) options.insert_or_assign("discoverable", true);
  const std::string user = asked.discoverable ? asked.user.value_or("") : user_of(session, asked);
  return session.call(ipc::names::checks, "StartPasskeyCheck", {user, options});
}

void print_challenge(const Session& session, const ipc::Values& started) {
  const auto& request_options = part<std::string>(started, 1);
  if (!session.settings.json) return session.console().print(request_options + '\n');
  zitadel::v1::StartPasskeyCheckResponse response;
  fill(response, {{"challengeId", part<std::string>(started, 0)}, {"details", part<ipc::Dict>(started, 2)}});
  from_json(request_options, *response.mutable_public_key_credential_request_options());
  session.print_json(response);
}

// A file that a person names is not there yet: it has to hold the answer to what was just printed. A pipe waits by
// itself.
void wait_for_file(const Console& console, const std::string& file) try {
  if (file != "-" && console.can_ask()) console.ask("Enter, once " + shown(file) + " holds the answer: ");
} catch (const core::Error&) {
  // Just Enter is the answer that was asked for
}

// The challenge belongs to this connection: both steps are one command.
void check_passkey(Session& session, const PasskeyCheck& asked) {
  const auto started = start_passkey(session, asked);
  session.console().say("Let a browser or a token answer these request options, and give its answer:");
  print_challenge(session, started);
  wait_for_file(session.console(), asked.file);
  const std::string credential = read_credential(asked.file, session.console().in());
  ipc::Dict options;
  put(options, "source", asked.source);
  tell(session, session.call(ipc::names::checks, "CheckPasskey", {part<std::string>(started, 0), credential, options}));
}

void declare_whose(CLI::App& verb, Whose& asked) {
  verb.add_option("--user", asked.user, "Whose factor; default: your own");
  verb.add_option("--source", asked.source,
                  "Where the attempt comes from, for login services: it has tries of its own");
}

void declare_totp(CLI::App& verb, TotpCheck& asked) {
  verb.add_option("CODE", asked.code, "The code that the app shows; default: asked for, or a line of standard input");
  declare_whose(verb, asked);
}

void declare_recovery(CLI::App& verb, RecoveryCheck& asked) {
  verb.add_option("FILE", asked.file, "A file with the code; default: asked for, or a line of standard input");
  declare_whose(verb, asked);
}

void declare_passkey(CLI::App& verb, PasskeyCheck& asked) {
  verb.add_option("FILE", asked.file, "Where the PublicKeyCredential comes as JSON; default: '-', standard input");
  declare_whose(verb, asked);
  verb.add_option("--domain", asked.domain, "The relying party id; default: the store's domain");
  verb.add_option("--user-verification", asked.user_verification, "required, preferred or discouraged");
  verb.add_flag("--discoverable", asked.discoverable, "Let the authenticator say who it is");
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  CLI::App& noun = *app.add_subcommand("check", "Check factors as a login does")->require_subcommand(1);
  add_verb<PasskeyCheck>(noun, session, "passkey", "Print request options, then check the answer; U2F tokens too",
                         check_passkey, declare_passkey);
  add_verb<TotpCheck>(noun, session, "totp", "Check a code of an app", check_totp, declare_totp);
  add_verb<RecoveryCheck>(noun, session, "recovery", "Check a recovery code, which is spent by it", check_recovery,
                          declare_recovery);
}

}  // namespace factord::factorctl
