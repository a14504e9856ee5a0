// SPDX-License-Identifier: Apache-2.0
#include "daemon/check_result.hpp"

#include "daemon/details.hpp"

namespace factord::daemon {
namespace {

ipc::Texts proven(Proof proof) {
  switch (proof) {
    case Proof::possession:
      return {"possession"};
    case Proof::possession_and_user:
      return {"possession", "user-verification"};
    case Proof::knowledge:
      return {"knowledge"};
  }
  return {};
}

}  // namespace

ipc::Dict check_result(const ipc::Call& call, const storage::Factor& factor, Proof proof,
                       const storage::Position& position) {
  return {{"userId", call.owner().user_id()},
          {"org", call.organization().id()},
          {"factorId", factor.id},
          {"kind", name(factor.kind)},
          {"factors", proven(proof)},
          {"userVerified", proof == Proof::possession_and_user},
          {"details", details(position, call.organization().id())}};
}

storage::BudgetKey budget_key(const ipc::Call& call, storage::Kind kind) {
  return {kind, call.caller(), call.by_self() ? std::string() : call.option_text("source", "")};
}

}  // namespace factord::daemon
