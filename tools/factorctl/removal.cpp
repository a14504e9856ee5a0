// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/removal.hpp"

#include "core/error.hpp"
#include "ipc/client.hpp"
#include "ipc/names.hpp"

namespace factord::factorctl {
namespace {

constexpr core::Failure declined{core::Code::cancelled, "FACTORD-Stop1", "Nothing was changed"};

bool is_last(Session& session, const Removal& removal) try {
  ipc::Dict options = session.options();
  options.insert_or_assign("states", ipc::Texts{"ready"});
  const auto answer =
      session.call(ipc::names::factors, "ListAuthenticationFactors", {removal.user.value_or(""), options});
  auto ready = part<ipc::Dicts>(answer, 0);
  // What is left for when all else is lost: nobody logs in with these from day to day.
  std::erase_if(ready, [](const ipc::Dict& item) { return entry<std::string>(item, "kind") == "recovery-codes"; });
  return ready.size() == 1 && entry<std::string>(ready.front(), "id") == removal.id;
} catch (const ipc::RemoteError&) {
  return false;  // who may not list may still remove; and what else is wrong, the removal itself will say
}

bool agreed(const Console& console, const std::string& what) try {
  const std::string answer = console.ask("This is the last factor that is ready. Really " + what + " it? [y/N] ");
  return answer == "y" || answer == "Y" || answer == "yes";
} catch (const core::Error&) {
  return false;  // just Enter, or the end of the input
}

}  // namespace

void confirm_removal(Session& session, const Removal& removal, const std::string& what) {
  if (removal.yes || !session.console().can_ask()) return;
  if (is_last(session, removal) && !agreed(session.console(), what)) throw core::Error(declined);
}

ipc::Dict options_of(const Session& session, const Removal& removal) {
  ipc::Dict options = session.options();
  if (removal.force) options.insert_or_assign("force", true);
  return options;
}

}  // namespace factord::factorctl
