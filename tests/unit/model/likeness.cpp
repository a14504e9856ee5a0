// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/likeness.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "daemon/details.hpp"
#include "storage/code_view.hpp"
#include "tests/unit/model/episode.hpp"

namespace factord::tests::model {
namespace {

using daemon::microseconds;

// Of each thing one line, so that a difference can be read.
using Lines = std::vector<std::string>;

std::string step_of(const std::optional<std::uint64_t>& step) { return step ? std::to_string(*step) : "none"; }

std::string line_of(const Factor& factor) {
  std::ostringstream line;
  line << daemon::name(factor.kind) << ' ' << factor.id << ' ' << daemon::name(factor.state) << " '" << factor.name
       << "' created " << microseconds(factor.created) << " changed " << microseconds(factor.changed) << " used "
       << factor.uses << " times, at " << microseconds(factor.last_used) << ", step " << step_of(factor.last_step)
       << ", code '" << factor.code_id << "', credential " << core::text_of(factor.credential) << ", counter "
       << factor.sign_count;
  return line.str();
}

std::string line_of(const storage::Factor& stored) {
  Factor factor{.id = stored.id, .kind = stored.kind, .state = stored.state, .name = stored.name};
  factor.created = stored.created;
  factor.changed = stored.changed;
  factor.last_used = stored.last_used;
  factor.uses = stored.use_count;
  factor.last_step = stored.totp.last_step;
  factor.code_id = stored.code_id;
  factor.credential = stored.webauthn.credential_id;
  factor.sign_count = stored.webauthn.sign_count;
  return line_of(factor);
}

std::string line_of(Kind kind, const Guesser& guesser, const Tries& tries) {
  std::ostringstream line;
  line << daemon::name(kind) << " by " << guesser.first << " from '" << guesser.second << "': " << tries.in_a_row
       << " in a row, " << tries.locks << " locks, until " << microseconds(tries.locked_until);
  return line.str();
}

std::string line_of(Kind kind, std::vector<Time> failures) {
  std::ranges::sort(failures);
  std::ostringstream line;
  line << daemon::name(kind) << " by all:";
  for (const Time failure : failures) line << ' ' << microseconds(failure);
  return line.str();
}

// What has no effect needs not be kept, by either side.
void add(Lines& lines, Kind kind, const Guesser& guesser, const Tries& tries) {
  if (tries.in_a_row != 0 || tries.locks != 0) lines.push_back(line_of(kind, guesser, tries));
}

void add(Lines& lines, Kind kind, const std::vector<Time>& failures) {
  if (!failures.empty()) lines.push_back(line_of(kind, failures));
}

std::string line_of(const std::string& id, Kind kind, Time expires, unsigned failures) {
  std::ostringstream line;
  line << "code " << id << " for " << daemon::name(kind) << ", until " << microseconds(expires) << ", " << failures
       << " failures";
  return line.str();
}

Lines lines_of(const User& user, Time now) {
  Lines lines;
  for (const RegistrationCode& code : user.codes)
    lines.push_back(line_of(code.id, code.kind, code.expires, code.failures));
  for (const Factor& factor : user.factors)
    if (!factor.over(now)) lines.push_back(line_of(factor));
  for (const auto& [kind, guesses] : user.guesses) {
    add(lines, kind, guesses.failures);
    for (const auto& [guesser, tries] : guesses.of) add(lines, kind, guesser, tries);
  }
  std::ostringstream line;
  line << (user.stored ? "stored" : "unknown") << (user.locked ? ", locked" : "") << ", sequence " << user.sequence
       << ", created " << microseconds(user.created) << ", changed " << microseconds(user.changed);
  lines.push_back(line.str());
  return lines;
}

void add(Lines& lines, const storage::Budget& budget) {
  if (!budget.key.caller) return add(lines, budget.key.kind, budget.recent);
  add(lines, budget.key.kind, {*budget.key.caller, budget.key.source},
      {budget.failures, budget.locks, budget.locked_until, budget.last_failure, budget.last_success});
}

Lines lines_of(storage::OwnerView view, const core::Owner& owner, Time now) {
  User user{.owner = owner};
  if (const auto stored = view.user()) {
    user.stored = true;
    user.locked = stored->locked;
    user.sequence = stored->sequence;
    user.created = stored->created;
    user.changed = stored->changed;
  }
  Lines lines = lines_of(user, now);
  for (const storage::Factor& factor : view.factors())
    if (factor.state != State::not_ready || !factor.expires || *factor.expires > now) lines.push_back(line_of(factor));
  for (const storage::Budget& budget : view.budgets()) add(lines, budget);
  for (const auto& code : view.codes().all()) lines.push_back(line_of(code.id, code.kind, code.expires, code.failures));
  return lines;
}

std::string difference_of(Lines foretold, Lines said) {
  std::ranges::sort(foretold);
  std::ranges::sort(said);
  if (foretold == said) return "";
  std::string difference;
  for (const std::string& line : foretold)
    if (!std::ranges::binary_search(said, line)) difference += "\n    the model:  " + line;
  for (const std::string& line : said)
    if (!std::ranges::binary_search(foretold, line)) difference += "\n    the daemon: " + line;
  return difference.empty() ? "the same thing twice" : difference;
}

std::string line_of(const Noted& event) {
  std::ostringstream line;
  line << "event type " << static_cast<int>(event.type) << (event.in_journal ? "" : " (not in the journal)") << " at "
       << microseconds(event.at) << " of " << event.user_id << " in " << event.organization << ", sequence "
       << event.sequence << ", factor '" << event.factor_id << "', kind "
       << (event.kind ? daemon::name(*event.kind) : "none");
  return line.str();
}

std::string line_of(const storage::Event& event) {
  return line_of(Noted{event.type, event.number != 0, event.at, event.organization, event.user_id, event.sequence,
                       event.factor_id, event.kind});
}

// What was accepted last, and where each user's sequence stands.
struct Reading {
  std::map<std::pair<std::string, std::string>, std::uint64_t> sequences;
  std::map<std::string, std::uint64_t> steps, uses;

  void take(const storage::Event& event) {
    std::uint64_t& sequence = sequences[{event.organization, event.user_id}];
    if (event.sequence != ++sequence) throw Departure("the journal has a gap: " + line_of(event));
    if (event.type == EventType::user_removed) sequence = 0;
    if (!event.use) return;
    if (event.use->count != ++uses[event.factor_id]) throw Departure("a use is not counted: " + line_of(event));
    if (!event.use->step) return;
    const auto [last, first] = steps.try_emplace(event.factor_id, *event.use->step);
    if (!first && *event.use->step <= std::exchange(last->second, *event.use->step))
      throw Departure("a spent code was accepted: " + line_of(event));
  }
};

}  // namespace

std::string difference_of(Room& room, const World& world) {
  std::string differences;
  const bool last = world.journal == 0 || !room.place.store->events(world.journal - 1, 1).empty();
  if (!last || !room.place.store->events(world.journal, 1).empty())
    differences = "\n  the journal is not as long as it should be";
  for (const User& user : world.users) {
    const std::string difference =
        difference_of(lines_of(user, world.now), lines_of(room.place.store->of(user.owner), user.owner, world.now));
    if (!difference.empty())
      differences += "\n  " + user.owner.user_id() + " of " + user.owner.organization().id() + difference;
  }
  return differences;
}

std::string difference_of(const World& world, std::uint64_t before, const std::vector<storage::Event>& said) {
  std::string lines;
  for (std::size_t i = 0; i < std::max(world.events.size(), said.size()); ++i) {
    const std::string foretold = i < world.events.size() ? line_of(world.events[i]) : "nothing";
    const std::string told = i < said.size() ? line_of(said[i]) : "nothing";
    if (foretold != told) return "\n    the model:  " + foretold + "\n    the daemon: " + told;
    if (said[i].number != 0 && said[i].number != ++before) return "number " + std::to_string(said[i].number);
  }
  return before == world.journal ? "" : "the journal is not as long as it should be";
}

void expect_whole_journal(Room& room, const World& world) {
  Reading reading;
  std::uint64_t number = 0;
  for (const storage::Event& event : room.place.store->events(0, SIZE_MAX)) {
    if (event.number != ++number) throw Departure("the journal has a gap");
    reading.take(event);
  }
  if (number != world.journal) throw Departure("the journal is not as long as it should be");
}

}  // namespace factord::tests::model
