// SPDX-License-Identifier: Apache-2.0
#include "daemon/recovery_codes.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/id.hpp"
#include "daemon/check_result.hpp"
#include "daemon/details.hpp"
#include "daemon/otp/recovery_codes.hpp"
#include "daemon/otp/written_code.hpp"

namespace factord::daemon {
namespace {

bool usable(const storage::Factor& set) { return set.state == storage::State::ready && !set.recovery.hashes.empty(); }

}  // namespace

struct RecoveryCodes::Making {
  std::shared_ptr<const Derivations::Place> place;
  otp::Codes codes{};
};

struct RecoveryCodes::Attempt {
  Guess guess;
  std::string set;
  core::Bytes salt;
  otp::Cost cost;
  std::optional<core::Secret> code;  // nothing: what was handed in is no code at all
  std::shared_ptr<const Derivations::Place> place;
  core::Bytes hash{};
  bool locks = false;  // unless it is right
};

std::optional<storage::Factor> RecoveryCodes::set(const ipc::Call& call) const {
  if (!vault_.known(call)) return std::nullopt;
  auto factors = vault_.store.of(call.owner()).factors();
  const auto found = std::ranges::find(factors, storage::Kind::recovery_codes, &storage::Factor::kind);
  if (found == factors.end()) return std::nullopt;
  return std::move(*found);
}

storage::Factor RecoveryCodes::usable_set(const ipc::Call& call) const {
  auto found = set(call);
  if (!found || !usable(*found)) throw core::Error(core::failure::totp_not_ready);
  return *std::move(found);
}

ipc::Plan RecoveryCodes::generate(const ipc::Call& call) const {
  vault_.store.of(call.owner()).require_user();
  const auto making = std::make_shared<Making>(Making{derivations_.admit(call.caller())});
  return {.verify = [making, count = call.number("count"),
                     &random = vault_.random] { making->codes = otp::make_codes(count, random, otp::usual_cost); },
          .work = ipc::Work::slow,
          .apply = [this, &call, making] { return keep(call, *making); }};
}

ipc::Values RecoveryCodes::keep(const ipc::Call& call, Making& making) const {
  auto view = vault_.store.of(call.owner());
  view.claim();
  const auto change = vault_.change(call);
  if (const auto old = set(call)) view.remove(old->id, change);
  vault_.make_room(view, std::nullopt);

  storage::Factor factor;
  factor.id = core::mint_id(vault_.random);
  factor.kind = storage::Kind::recovery_codes;
  factor.state = storage::State::ready;
  factor.recovery = {making.codes.salt, making.codes.cost.passes, making.codes.cost.memory, making.codes.hashes};
  auto handed_out = std::make_shared<const core::Fd>(core::sealed_memfd(making.codes.text.text()));
  const auto position = view.add(std::move(factor), {}, change);
  return {std::move(handed_out), details(position, call.organization().id())};
}

ipc::Plan RecoveryCodes::remove(const ipc::Call& call) const {
  return {.apply = [this, &call]() -> ipc::Values {
    const auto found = set(call);
    if (!found) throw core::Error(core::failure::totp_not_ready);
    const auto position = vault_.store.of(call.owner()).remove(found->id, vault_.change(call));
    return {details(position, call.organization().id())};
  }};
}

ipc::Plan RecoveryCodes::check(const ipc::Call& call) const {
  vault_.require_unlocked(call);
  Guess guess{call.owner(), budget_key(call, storage::Kind::recovery_codes), vault_.clock.now()};
  charges_.require_open(guess);
  const storage::Factor set = usable_set(call);
  auto code = otp::read_code(call.secret("code").text());
  auto place = code ? derivations_.admit(call.caller()) : nullptr;
  const auto attempt = std::make_shared<Attempt>(Attempt{std::move(guess),
                                                         set.id,
                                                         set.recovery.salt,
                                                         {set.recovery.operations, set.recovery.memory},
                                                         std::move(code),
                                                         std::move(place)});
  return {.charge = [this, attempt] { attempt->locks = charges_.make(attempt->guess); },
          .verify =
              [attempt] {
                if (attempt->code) attempt->hash = otp::hash_of(attempt->code->view(), attempt->salt, attempt->cost);
              },
          .work = attempt->code ? ipc::Work::slow : ipc::Work::quick,
          .apply = [this, &call, attempt] { return judge(call, *attempt); },
          .leave_behind =
              [this, &call, attempt] {
                if (!attempt->locks) return;
                vault_.store.of(call.owner())
                    .note(storage::EventType::codes_locked, storage::Kind::recovery_codes, vault_.change(call));
              }};
}

// While the hash was derived, the user may have been locked or removed, and the set replaced, suspended or used.
ipc::Values RecoveryCodes::judge(const ipc::Call& call, Attempt& attempt) const {
  vault_.require_unlocked(call);
  auto set = vault_.store.of(call.owner()).factor(attempt.set);
  if (!set || !usable(*set)) throw core::Error(core::failure::wrong_code);
  const auto at = otp::find_hash(set->recovery.hashes, attempt.hash);
  if (!at) throw core::Error(core::failure::wrong_code);
  set->recovery.hashes.erase(set->recovery.hashes.begin() + static_cast<std::ptrdiff_t>(*at));
  attempt.locks = false;
  charges_.take_back(attempt.guess, vault_.clock.now());
  const auto position = use_up(call, *set, attempt.guess.key.source);
  return check_result(call, *set, Proof::knowledge, position);
}

storage::Position RecoveryCodes::use_up(const ipc::Call& call, storage::Factor set, const std::string& source) const {
  auto view = vault_.store.of(call.owner());
  const auto change = vault_.change(call);
  const std::string id = set.id;
  const bool few = set.recovery.hashes.size() <= few_codes;
  auto position = view.use_up(std::move(set), {.source = source}, change);
  if (few)
    position.sequence = view.note(storage::EventType::recovery_low, storage::Kind::recovery_codes, change, id).sequence;
  return position;
}

}  // namespace factord::daemon
