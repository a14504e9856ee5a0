// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/security_key.hpp"

#include "ipc/names.hpp"
#include "tools/factorctl/input.hpp"
#include "tools/factorctl/removal.hpp"

namespace factord::factorctl {
namespace {

struct Verification {
  std::string user, id, file, name;
  CodeOptions code;
};

void start(Session& session, const SecurityKey& key, const KeyRegistration& asked) {
  ipc::Dict options = session.options();
  put(options, "domain", asked.domain);
  put(options, "authenticator", asked.authenticator);
  put(options, "appid", asked.appid);
  RegistrationCode(session.console(), asked.code).put_into(options);
  const auto answer = session.call(ipc::names::factors, key.register_method, {asked.user, options});
  if (session.settings.json) return session.console().print(key.registration_json(answer) + '\n');
  session.console().say("Let a browser or a token answer these creation options, then verify its answer with this id:");
  session.console().print(part<std::string>(answer, 0) + '\n' + part<std::string>(answer, 1) + '\n');
}

void verify(Session& session, const SecurityKey& key, const Verification& asked) {
  ipc::Dict options = session.options();
  RegistrationCode(session.console(), asked.code).put_into(options);
  const std::string credential = read_credential(asked.file, session.console().in());
  const auto answer =
      session.call(ipc::names::factors, key.verify_method, {asked.user, asked.id, credential, asked.name, options});
  session.done(part<ipc::Dict>(answer, 0), std::string(key.title) + " is ready");
}

ipc::Values call_remove(Session& session, const SecurityKey& key, const Removal& asked) {
  // The call for the caller's own factors knows no organization: an account belongs to the default one.
  if (key.remove_mine_method != nullptr && !asked.user && !session.settings.org)
    return session.call(ipc::names::factors, key.remove_mine_method, {asked.id, options_of(session, asked)});
  return session.call(ipc::names::factors, key.remove_method,
                      {asked.user.value_or(""), asked.id, options_of(session, asked)});
}

void remove(Session& session, const SecurityKey& key, const Removal& asked) {
  confirm_removal(session, asked);
  const auto answer = call_remove(session, key, asked);
  session.done(part<ipc::Dict>(answer, 0), std::string(key.title) + " removed");
}

void declare_registration(CLI::App& verb, KeyRegistration& asked) {
  add_user_option(verb, asked.user);
  verb.add_option("--domain", asked.domain, "The relying party id; default: the store's domain");
  verb.add_option("--authenticator", asked.authenticator, "platform or cross-platform; default: either");
  add_code_options(verb, asked.code);
}

void declare_verification(CLI::App& verb, Verification& asked) {
  add_id_argument(verb, asked.id);
  verb.add_option("FILE", asked.file, "The PublicKeyCredential as JSON, '-' for standard input")->required();
  verb.add_option("--name", asked.name, "What its owner calls it, 1 to 200 characters")->required();
  add_user_option(verb, asked.user);
  add_code_options(verb, asked.code);
}

void add_registration(CLI::App& noun, Session& session, const SecurityKey& key) {
  add_verb<KeyRegistration>(
      noun, session, "register", "Start a registration: prints its id and the creation options",
      [key](Session& at, const KeyRegistration& asked) { start(at, key, asked); },
      [key](CLI::App& verb, KeyRegistration& asked) {
        declare_registration(verb, asked);
        if (key.has_appid) verb.add_option("--appid", asked.appid, "The U2F application id, for older tokens");
      });
}

}  // namespace

void add_key_verbs(CLI::App& noun, Session& session, const SecurityKey& key) {
  add_registration(noun, session, key);
  add_verb<Verification>(
      noun, session, "verify", "Finish a registration with the authenticator's answer",
      [key](Session& at, const Verification& asked) { verify(at, key, asked); }, declare_verification);
  auto& removal = add_verb<Removal>(
      noun, session, "remove", "Remove one", [key](Session& at, const Removal& asked) { remove(at, key, asked); },
      [](CLI::App& verb, Removal& asked) { add_removal_options(verb, asked, "removed"); });
  if (key.remove_mine_method != nullptr)
    removal.footer(std::string("Without --user this calls ") + key.remove_mine_method + ", with it " +
                   key.remove_method + ".");
  add_list_verb(noun, session, key.list_method);
}

}  // namespace factord::factorctl
