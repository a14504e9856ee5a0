// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/episode.hpp"

#include <algorithm>
#include <utility>

#include "tests/unit/model/actions.hpp"
#include "tests/unit/model/likeness.hpp"

namespace factord::tests::model {
namespace {

constexpr std::size_t remembered = 80;

// Small limits, so that they are met.
daemon::Policy policy_of(Dice& dice) {
  daemon::Policy policy{.domain = "example.org", .origins = {}, .allowed_domains = {}};
  policy.factors_per_user = 6;
  policy.pending_per_uid = 4;
  policy.challenges_per_uid = 1000;
  policy.protect_last_factor = dice.percent(70);
  policy.totp_skew = dice.percent(70) ? 1 : static_cast<unsigned>(dice.below(3));
  return policy;
}

World first_world() {
  World world{.now = Machine::start_of_time()};
  for (const auto& owner : {Mint::account("alice", 1000), Mint::account("bob", 1001),
                            Mint::registered("acme", "worker"), Mint::registered("acme", "alice")})
    world.users.push_back({.owner = owner});
  return world;
}

void charge_again(World& world, User& user, Kind kind, const Guesser& guesser, Time at) {
  if (!user.stored) return;
  const Time now = std::exchange(world.now, at);
  if (throttle::charge(user, kind, guesser, at)) world.note(user, EventType::codes_locked, kind);
  world.now = now;
}

std::string said(const std::string& failure) { return failure.empty() ? "done" : failure; }

std::string in_words(Time::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

Episode::Episode(std::uint64_t seed) : dice_(seed), machine_(policy_of(dice_)), world_(first_world()) {
  durable_ = world_;
  latest_ = world_.now;
}

void Episode::run(std::size_t steps) {
  const std::vector<Action> actions = all_actions();
  std::uint64_t weights = 0;
  for (const Action& action : actions) weights += action.weight;
  for (std::size_t i = 0; i < steps; ++i) {
    ++steps_;
    std::uint64_t drawn = dice_.below(weights);
    for (const Action& action : actions) {
      if (drawn < action.weight) {
        action.take(*this);
        break;
      }
      drawn -= action.weight;
    }
  }
  commit();
  compare();
  expect_whole_journal(machine_.room(), world_);
}

void Episode::remember(std::string words) {
  history_.push_back(std::move(words));
  if (history_.size() > remembered) history_.pop_front();
}

void Episode::expect(const std::string& words, const std::string& foretold, const std::string& said) {
  if (foretold == said) return;
  throw Departure(words + ": the model says " + model::said(foretold) + ", the daemon " + model::said(said));
}

void Episode::carry_out(Deed deed) {
  Flight flight{std::move(deed), {}};
  if (prepare(flight)) land(std::move(flight));
}

void Episode::take_off(Deed deed) {
  Flight flight{std::move(deed), {}};
  flight.deed.words += " [in flight]";
  if (prepare(flight)) flights_.push_back(std::move(flight));
}

bool Episode::prepare(Flight& flight) {
  const Deed& deed = flight.deed;
  remember(deed.words);
  const auto& row = machine_.room().row(deed.method);
  const std::string foretold = deed.prepared(world_);
  std::string failure = machine_.attempt(ipc::Effect::reads, [&] { flight.plan = row.use_case(*deed.call); });
  history_.back() += failure.empty() ? "" : ": " + failure;
  expect(deed.words, foretold, failure);
  if (!failure.empty()) return false;
  if ((flight.plan.charge != nullptr) != (deed.charged != nullptr)) throw Departure(deed.words + ": what is charged?");
  if (flight.plan.charge) {
    open();
    failure = machine_.attempt(ipc::Effect::writes, flight.plan.charge);
    expect(deed.words + ", charging", deed.charged(world_), failure);
  }
  if (failure.empty() && flight.plan.verify) flight.plan.verify();
  return failure.empty();
}

void Episode::land() {
  if (flights_.empty()) return;
  const auto chosen = flights_.begin() + static_cast<std::ptrdiff_t>(dice_.below(flights_.size()));
  Flight flight = std::move(*chosen);
  flights_.erase(chosen);
  flight.deed.words += " [lands]";
  remember(flight.deed.words);
  land(std::move(flight));
}

void Episode::land(Flight flight) {
  const Deed& deed = flight.deed;
  const auto effect = machine_.room().row(deed.method).effect;
  if (effect == ipc::Effect::writes) open();
  const std::string foretold = deed.judged(world_);
  ipc::Values values;
  const std::string failure = machine_.attempt(effect, [&] { values = flight.plan.apply(); });
  history_.back() += ": " + said(failure);
  expect(deed.words, foretold, failure);
  if (failure.empty()) return deed.done(world_, values);
  if (flight.plan.leave_behind) machine_.attempt(ipc::Effect::writes, flight.plan.leave_behind);
  deed.left(world_);
}

bool Episode::charge(World& world, std::size_t user, Kind kind, const Guesser& guesser, Time at) {
  made_.push_back([=](World& then) { charge_again(then, then.user(user), kind, guesser, at); });
  throttle::greet(world.user(user), kind, guesser, at, [&](Kind any, const Guesser& silent) {
    const auto budget =
        machine_.room().place.store->of(world.user(user).owner).budget({any, silent.first, silent.second});
    return budget && budget->last_success != Time{};
  });
  return throttle::charge(world.user(user), kind, guesser, at);
}

// The next operation is the first of a batch: what lost ones owe comes before it.
void Episode::open() {
  if (machine_.batch_is_open()) return;
  for (const Debt& debt : owed_) debt(world_);
  made_ = std::exchange(owed_, {});
}

void Episode::charge_code(World& world, std::size_t user, const std::string& code_id) {
  const Debt count = [=](World& then) {
    for (RegistrationCode& code : then.user(user).codes)
      if (code.id == code_id) ++code.failures;
  };
  count(world);
  made_.push_back(count);
}

void Episode::pass(Time::duration time) {
  remember("the clock goes " + in_words(time));
  world_.now += time;
  machine_.room().clock.at += time;
  latest_ = std::max(latest_, world_.now);
}

// That copy is what the store holds.
void Episode::keep(World world) {
  const Time now = world_.now;
  world_ = std::move(world);
  world_.now = now;
  world_.events.clear();
  durable_ = world_;
}

void Episode::expect_events() {
  const auto said = machine_.take_events();
  if (const std::string difference = difference_of(world_, durable_.journal, said); !difference.empty())
    throw Departure("the commit's events: " + difference);
}

void Episode::commit() {
  remember("commit");
  if (!machine_.batch_is_open()) return;
  if (machine_.close() == Machine::Fate::lost) throw Departure("a commit failed with a sound disk");
  expect_events();
  made_.clear();
  keep(world_);
}

void Episode::lose_batch() {
  if (!machine_.batch_is_open()) return;
  if (machine_.close(static_cast<int>(dice_.below(3))) == Machine::Fate::kept) {
    remember("commit, with a disk that fails too late");
    expect_events();
    made_.clear();
    return keep(world_);
  }
  remember("the batch is lost");
  owed_ = std::exchange(made_, {});
  keep(durable_);
  if (!machine_.attempt(ipc::Effect::reads, [] {}).empty()) throw Departure("the store does not open after a loss");
  compare();
}

void Episode::forget_what_is_in_memory() {
  made_.clear();
  owed_.clear();
  flights_.clear();
  challenges_.clear();
}

void Episode::restart(Machine::End end) {
  if (end == Machine::End::clean) commit();
  remember(end == Machine::End::clean ? "restart" : "killed");
  forget_what_is_in_memory();
  machine_.restart(end);
  keep(durable_);
  compare();
}

// As it is not known what such a disk holds, either is right; but all of it.
void Episode::come_back_after_loss() {
  if (!machine_.batch_is_open()) return;
  const bool kept = machine_.close(static_cast<int>(dice_.below(3))) == Machine::Fate::kept;
  remember(kept ? "commit, with a disk that fails too late, and killed" : "the batch is lost, and killed");
  forget_what_is_in_memory();
  machine_.restart(Machine::End::killed);
  const bool came_back = difference_of(machine_.room(), world_).empty();
  if (kept || came_back)
    keep(world_);
  else
    keep(durable_);
  compare();
}

void Episode::fold() {
  commit();
  const std::size_t users = 1 + dice_.below(3);
  remember("uses of " + std::to_string(users) + " users are written back");
  machine_.room().place.store->fold(users);
}

void Episode::name_recovery_set(std::size_t user, Factor& set) {
  for (const storage::Factor& factor : machine_.room().place.store->of(world_.user(user).owner).factors())
    if (factor.kind == Kind::recovery_codes) set.id = factor.id;
  for (Noted& event : world_.events)
    if (event.factor_id == "?") event.factor_id = set.id;
}

void Episode::compare() {
  if (const std::string difference = difference_of(machine_.room(), world_); !difference.empty())
    throw Departure("the store: " + difference);
}

std::string throttled(const User& user, Kind kind, const Guesser& guesser, Time now) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(throttle::open_at(user, kind, guesser, now) - now);
  return wait.count() > 0 ? "FACTORD-Thr1, wait " + std::to_string(wait.count()) : "";
}

}  // namespace factord::tests::model
