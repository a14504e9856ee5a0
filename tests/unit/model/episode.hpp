// SPDX-License-Identifier: Apache-2.0
// A machine and its model, side by side: every call is done by the one and foretold by the other, and what they say
// must be the same.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/unit/model/challenge.hpp"
#include "tests/unit/model/dice.hpp"
#include "tests/unit/model/machine.hpp"
#include "tests/unit/model/throttle.hpp"
#include "tests/unit/model/world.hpp"

namespace factord::tests::model {

// The daemon did something else than the model.
struct Departure : std::runtime_error {
  using runtime_error::runtime_error;
};

// A call with what the model says to each of its stages (ipc/method.hpp, Plan). Each gives a failure, "" for none.
struct Deed {
  std::string words;
  std::string method;
  std::shared_ptr<ipc::Call> call;  // the plan refers to it
  std::function<std::string(World&)> prepared = [](World&) { return ""; };
  std::function<std::string(World&)> charged{};  // empty: nothing is charged
  std::function<std::string(World&)> judged = [](World&) { return ""; };
  // What a success changes, and whether its answer is right: throws Departure.
  std::function<void(World&, const ipc::Values&)> done = [](World&, const ipc::Values&) {};
  std::function<void(World&)> left = [](World&) {};  // behind, by a failure of `judged`
};

class Episode {
 public:
  explicit Episode(std::uint64_t seed);

  void run(std::size_t steps);  // throws Departure
  const std::deque<std::string>& history() const { return history_; }
  std::size_t steps() const { return steps_; }

  // For the actions
  Dice& dice() { return dice_; }
  World& world() { return world_; }
  const daemon::Policy& policy() { return machine_.room().policy; }
  std::uint64_t next_number() { return ++numbers_; }  // of things that must be new
  void remember(std::string words);
  std::vector<Challenge>& challenges() { return challenges_; }
  std::vector<std::string>& used_codes() { return used_codes_; }  // recovery codes that were tried
  std::size_t flying() const { return flights_.size(); }
  // The set that was just made, under the id that the daemon has given it.
  void name_recovery_set(std::size_t user, Factor& set);
  // As the door does.
  std::shared_ptr<const ipc::Challenge> take_challenge(const std::string& id, const std::string& connection) {
    return machine_.room().use_cases.challenges.take(id, connection);
  }

  void carry_out(Deed deed);
  void take_off(Deed deed);  // up to its landing
  void land();               // one of those in flight, if there is one

  // One guess more, which is remembered as one of this batch. True where it is the last one before a lock.
  bool charge(World& world, std::size_t user, Kind kind, const Guesser& guesser, Time at);
  void charge_code(World& world, std::size_t user, const std::string& code_id);  // a wrong registration code, likewise

  void pass(Time::duration time);
  Time latest() const { return latest_; }  // the clock has been at
  void commit();
  void lose_batch();
  void restart(Machine::End end);
  void come_back_after_loss();  // killed between the loss of a batch and what would have come next
  void fold();
  void compare();

 private:
  struct Flight {
    Deed deed;
    ipc::Plan plan;
  };
  using Debt = std::function<void(World&)>;  // what a batch has counted, to be done again

  bool prepare(Flight& flight);
  void land(Flight flight);
  void open();
  void keep(World world);
  void expect(const std::string& words, const std::string& foretold, const std::string& said);
  void expect_events();
  void forget_what_is_in_memory();

  Dice dice_;
  Machine machine_;
  World world_, durable_;
  std::vector<Debt> made_, owed_;  // charges in the open batch, and those of lost ones
  std::vector<Flight> flights_;
  std::vector<Challenge> challenges_;
  std::vector<std::string> used_codes_;
  std::deque<std::string> history_;
  std::size_t steps_ = 0;
  std::uint64_t numbers_ = 0;
  Time latest_{};
};

// "" where this one may guess at that time.
std::string throttled(const User& user, Kind kind, const Guesser& guesser, Time now);

}  // namespace factord::tests::model
