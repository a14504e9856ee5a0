// SPDX-License-Identifier: Apache-2.0
#include "ipc/polkit_authorizer.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <array>
#include <utility>
#include <vector>

#include "core/failure.hpp"
#include "core/log.hpp"

namespace factord::ipc {
namespace {

// Of the 128 answers that the bus lets a connection wait for. Each question also takes one of the 512 match rules, of
// which the remembered callers have 400. polkitd answers one question after the other, so more would gain nothing.
constexpr std::uint32_t places = 64;
constexpr std::uint32_t places_of_one_user = 8;

constexpr std::uint64_t between_complaints = 60'000'000;  // microseconds

constexpr std::uint32_t allow_user_interaction = 1;  // flag of CheckAuthorization

constexpr Bus::Target authority(const char* member) {
  return {"org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
          member};
}

std::string cancellation_id(std::uint64_t number) { return "factord-" + std::to_string(number); }

bool write_check(sd_bus_message* message, const Question& question, const std::string& action,
                 const std::string& cancellation) {
  const std::uint32_t flags = question.interaction == Interaction::allowed ? allow_user_interaction : 0;
  return sd_bus_message_append(message, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
                               question.unique_name.c_str(), action.c_str(), 3, "org", question.organization.c_str(),
                               "user", question.user_id.c_str(), "method", question.method.c_str(), flags,
                               cancellation.c_str()) >= 0;
}

std::string asked(const Question& question, const std::string& action) {
  return "polkit, asked about " + action + " with org=" + question.organization + ", user=" + question.user_id +
         ", method=" + question.method + ": ";
}

}  // namespace

struct PolkitAuthorizer::Open {
  Open(PolkitAuthorizer& of, Number its, const Question& asked, std::string about, Answer then)
      : authorizer(of), number(its), question(asked), action(std::move(about)), answer(std::move(then)) {}
  ~Open() { sd_event_source_disable_unref(deadline); }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

  PolkitAuthorizer& authorizer;
  Number number;
  Question question;
  std::string action;
  Answer answer;  // empty once taken back: then only the place on the bus is still held
  sd_event_source* deadline = nullptr;
  std::unique_ptr<Bus::Watch> watch;
  std::unique_ptr<Bus::Pending> call;  // null while it waits for its turn
};

PolkitAuthorizer::PolkitAuthorizer(Bus& bus, sd_event* loop, const Patience& patience)
    : bus_(bus), loop_(loop), patience_(patience), turns_(places, places_of_one_user) {
  const auto forget = [](sd_event_source*, void* self) {
    static_cast<PolkitAuthorizer*>(self)->forget_open();
    return 0;
  };
  // Before sd-bus closes the connection, which is an exit source of normal priority.
  if (sd_event_add_exit(loop, &end_, forget, this) < 0 ||
      sd_event_source_set_priority(end_, SD_EVENT_PRIORITY_IMPORTANT) < 0) {
    sd_event_source_disable_unref(end_);
    throw core::Error(core::failure::unavailable, "no event source for the end of the loop");
  }
}

PolkitAuthorizer::~PolkitAuthorizer() {
  sd_event_source_disable_unref(end_);
  forget_open();
}

void PolkitAuthorizer::forget_open() {
  for (const auto& [number, open] : open_)
    if (open->call && open->answer) cancel(number);
  open_.clear();
}

void PolkitAuthorizer::when_rules_change(std::function<void()> changed) {
  rules_ = bus_.listen(authority("Changed"), std::move(changed));
}

void PolkitAuthorizer::use(bool self_service) { self_service_ = self_service; }

std::string PolkitAuthorizer::action_for(const Question& question) const {
  return "org.factord1." + std::string(judged_as(question.claim(), self_service_));
}

// Nothing but a plain yes in an answer of the documented shape is one.
PolkitAuthorizer::Said PolkitAuthorizer::read(sd_bus_message* reply) {
  int authorized = 0, challenge = 0;
  if (sd_bus_message_is_method_error(reply, nullptr) != 0 || sd_bus_message_has_signature(reply, "(bba{ss})") <= 0 ||
      sd_bus_message_enter_container(reply, 'r', "bba{ss}") <= 0 ||
      sd_bus_message_read(reply, "bb", &authorized, &challenge) <= 0)
    return Said::nothing;
  if (authorized == 1) return Said::yes;
  return challenge == 1 ? Said::challenge : Said::no;
}

std::optional<bool> PolkitAuthorizer::at_once(const Claim& claim) {
  return certain(claim) != nullptr ? std::optional(true) : std::nullopt;
}

void PolkitAuthorizer::decide(const Question& question, std::function<void(bool)> answer) {
  if (const auto known = at_once(question.claim())) return answer(*known);
  consult(question, [answer = std::move(answer)](Said said) { answer(said == Said::yes); });
}

void PolkitAuthorizer::explain(const Question& question, std::function<void(const Explanation&)> answer) {
  Explanation explanation{
      .allowed = true, .authorizer = "polkit", .permission = std::string(judged_as(question.claim(), self_service_))};
  if (const char* reason = certain(question.claim())) {
    explanation.decided_by = reason;
    return answer(explanation);
  }
  explanation.action = action_for(question);
  Question dry = question;
  dry.interaction = Interaction::forbidden;
  consult(dry, [dry, explanation, answer = std::move(answer)](Said said) mutable {
    static constexpr std::array<const char*, 4> words = {"none", "no", "challenge", "yes"};
    static constexpr std::array<const char*, 4> sentences = {
        "polkit did not answer", "no", "would ask for authentication, which a dry run does not", "yes"};
    const auto index = static_cast<std::size_t>(said);
    explanation.allowed = said == Said::yes;
    explanation.answer = words.at(index);
    explanation.decided_by = asked(dry, explanation.action) + sentences.at(index);
    answer(explanation);
  });
}

void PolkitAuthorizer::consult(const Question& question, Answer answer) {
  const Number number = ++last_;
  auto open = std::make_unique<Open>(*this, number, question, action_for(question), std::move(answer));
  const auto too_late = [](sd_event_source*, std::uint64_t, void* context) {
    const auto* late = static_cast<Open*>(context);
    late->authorizer.give_up(late->number);
    return 0;
  };
  const bool people = question.interaction == Interaction::allowed;
  const std::uint64_t patience = people ? patience_.with_people : patience_.usual;
  if (sd_event_add_time_relative(loop_, &open->deadline, CLOCK_MONOTONIC, patience, 0, too_late, open.get()) < 0)
    return open->answer(Said::nothing);
  open_.emplace(number, std::move(open));
  turns_.wait(question.caller.uid, number);
  ask_next();
}

void PolkitAuthorizer::ask_next() {
  while (const auto number = turns_.next())
    if (!ask(*number)) finish(*number, Said::nothing);
}

bool PolkitAuthorizer::ask(Number number) try {
  Open& open = *open_.at(number);
  // The watch goes out first: the bus handles both in order, so no leaving is missed in between.
  open.watch = bus_.watch(open.question.unique_name, [this, number] { take_back(number); });
  const auto write = [&](sd_bus_message* message) {
    return write_check(message, open.question, open.action, cancellation_id(number));
  };
  open.call = bus_.call(authority("CheckAuthorization"), write,
                        [this, number](sd_bus_message* reply) { answered(number, reply); });
  return open.call != nullptr;
} catch (const std::exception& error) {
  complain(error.what());
  return false;
}

void PolkitAuthorizer::answered(Number number, sd_bus_message* reply) {
  const sd_bus_error* error = sd_bus_message_get_error(reply);
  if (error != nullptr && open_.at(number)->answer) complain(error->name);
  finish(number, read(reply));
  ask_next();
}

// The place on the bus is free again; the answer counts unless the question was taken back before.
void PolkitAuthorizer::finish(Number number, Said said) {
  const auto found = open_.find(number);
  const std::unique_ptr<Open> open = std::move(found->second);
  open_.erase(found);
  turns_.give_back(open->question.caller.uid);
  if (open->answer) open->answer(said);
}

void PolkitAuthorizer::give_up(Number number) {
  if (open_.at(number)->question.interaction == Interaction::forbidden) complain("no answer in time");
  take_back(number);
}

// Answers no, now. A question that is on its way keeps its place until polkitd has let go of it: the bus counts it so.
void PolkitAuthorizer::take_back(Number number) {
  const auto found = open_.find(number);
  if (found == open_.end() || !found->second->answer) return;
  Open& open = *found->second;
  const auto answer = std::exchange(open.answer, nullptr);
  open.deadline = sd_event_source_disable_unref(open.deadline);
  open.watch.reset();
  if (open.call) {
    cancel(number);
  } else {
    turns_.leave(open.question.caller.uid, number);
    open_.erase(found);
  }
  answer(Said::nothing);
}

void PolkitAuthorizer::cancel(Number number) {
  bus_.tell(authority("CancelCheckAuthorization"), [number](sd_bus_message* message) {
    return sd_bus_message_append(message, "s", cancellation_id(number).c_str()) >= 0;
  });
}

// What is answered may ask anew: the numbers are gathered first.
template <typename Condition>
void PolkitAuthorizer::take_back_where(Condition&& condition) {
  std::vector<Number> numbers;
  for (const auto& [number, open] : open_)
    if (condition(*open)) numbers.push_back(number);
  for (const Number number : numbers) take_back(number);
}

void PolkitAuthorizer::deny_open() {
  take_back_where([](const Open&) { return true; });
}

void PolkitAuthorizer::left(const std::string& unique_name) {
  take_back_where([&](const Open& open) { return open.question.unique_name == unique_name; });
}

// Whoever calls the daemon can bring this about at will, so it is said seldom.
void PolkitAuthorizer::complain(const std::string& cause) {
  std::uint64_t now = 0;
  if (sd_event_now(loop_, CLOCK_MONOTONIC, &now) < 0 || now < quiet_until_) return;
  quiet_until_ = now + between_complaints;
  core::log(core::Severity::notice, "polkit does not answer; what it should decide is denied",
            {{"FACTORD_CAUSE", cause}});
}

}  // namespace factord::ipc
