// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/removal.hpp"

#include "core/error.hpp"
#include "ipc/client.hpp"
#include "ipc/names.hpp"

namespace factord::factorctl {
namespace {

constexpr core::Failure declined{core::Code::cancelled, "FACTORD-Stop1", "Nothing was removed"};

bool is_last(Session& session, const Removal& removal) try {
  ipc::Dict options = session.options();
  options.insert_or_assign("states", ipc::Texts{"ready"});
  const auto answer =
      session.call(ipc::names::factors, "ListAuthenticationFactors", {removal.user.value_or(""), options});
  const auto& ready = part<ipc::Dicts>(answer, 0);
  return ready.size() == 1 && entry<std::string>(ready.front(), "id") == removal.id;
} catch (const ipc::RemoteError&) {
  return false;  // who may not list may still remove; and what else is wrong, the removal itself will say
}

bool agreed(const Console& console) try {
  const std::string answer = console.ask("This is the last factor that is ready. Really remove it? [y/N] ");
  return answer == "y" || answer == "Y" || answer == "yes";
} catch (const core::Error&) {
  return false;  // just Enter, or the end of the input
}

}  // namespace

void confirm_removal(Session& session, const Removal& removal) {
  if (removal.yes || !session.console().can_ask()) return;
  if (is_last(session, removal) && !agreed(session.console())) throw core::Error(declined);
}

}  // namespace factord::factorctl
