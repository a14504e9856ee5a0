// SPDX-License-Identifier: Apache-2.0
#include "daemon/check_result.hpp"

#include <utility>

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

ipc::Values check_result(const ipc::Call& call, const storage::Factor& factor, Proof proof,
                         const storage::Position& position) {
  ipc::Dict result{{"userId", call.owner().user_id()},
                   {"org", call.organization().id()},
                   {"factorId", factor.id},
                   {"kind", name(factor.kind)},
                   {"factors", proven(proof)},
                   {"userVerified", proof == Proof::possession_and_user}};
  // Moved: an initializer list copies what is in it, and that twice.
  result.emplace("details", details(position, call.organization().id()));
  ipc::Values values;
  values.emplace_back(std::move(result));
  return values;
}

storage::BudgetKey budget_key(const ipc::Call& call, storage::Kind kind) {
  return {kind, call.caller(), call.by_self() ? std::string() : call.option_text("source", "")};
}

}  // namespace factord::daemon
