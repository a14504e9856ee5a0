// SPDX-License-Identifier: Apache-2.0
#include "ipc/visit.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/failure.hpp"
#include "ipc/explanation.hpp"
#include "ipc/inquiry.hpp"
#include "ipc/names.hpp"
#include "ipc/secret_input.hpp"

namespace factord::ipc {

Visit::Visit(Door& door, const Method& method, Incoming incoming)
    : door_(door), neighbours_(door.neighbours_), method_(method), incoming_(std::move(incoming)) {}

template <typename Step>
void Visit::guarded(Step&& step) noexcept {
  try {
    step();
  } catch (...) {
    fail(std::current_exception());
  }
}

void Visit::begin() {
  guarded([&] {
    const std::string sender = incoming_->sender();
    if (auto caller = door_.callers_.known(sender)) return met(std::move(caller));
    door_.callers_.identify(sender, [self = shared_from_this()](std::shared_ptr<const Caller> caller) {
      self->guarded([&] { self->met(std::move(caller)); });
    });
  });
  if (incoming_) guarded([&] { take_arguments(); });
}

// A call that is not answered at once keeps nothing of its message but what its method asks for: else one user could
// hold as many file descriptors here as the bus lets through. sd-bus does not tell how many there are.
void Visit::take_arguments() {
  decode_once();
  incoming_->let_go();
}

void Visit::decode_once() {
  if (std::exchange(decoded_, true)) return;
  Decoded decoded = decode(incoming_->message(), method_);
  call_.arguments_ = std::move(decoded.arguments);
  refusal_ = std::move(decoded.refusal);
  const auto user_id = call_.arguments_.find("user_id");
  if (user_id != call_.arguments_.end()) user_id_ = &std::get<std::string>(user_id->second);
}

// At once: whatever comes of the call, nothing can be tried on the same challenge again.
void Visit::take_challenge() {
  const auto id = call_.arguments_.find("challenge_id");
  if (id == call_.arguments_.end()) return;
  call_.challenge_ = neighbours_.challenges.take(std::get<std::string>(id->second), caller_->unique_name);
  if (call_.challenge_) user_id_ = &call_.challenge_->user_id;
}

void Visit::met(std::shared_ptr<const Caller> caller) {
  if (!incoming_) return;  // its arguments could not be taken while the bus was asked
  if (!caller) throw core::Error(core::failure::no_permission, "the bus does not say who calls");
  caller_ = std::move(caller);
  call_.caller_ = caller_->uid();
  call_.connection_ = caller_->unique_name;
  neighbours_.stages.require_open();
  ticket_.emplace(door_.admission_, *caller_);
  decode_once();
  if (method_.subject == Subject::challenge) take_challenge();
  call_.organization_ = organization();
  meet_account(&Visit::judge);
}

bool Visit::about_organization() const {
  if (judged_->subject == Subject::organization) return true;
  const bool may_be = judged_->subject == Subject::user_or_all || judged_->subject == Subject::challenge;
  return may_be && asked_user().empty() && !asks_for_caller();
}

bool Visit::about_account() const { return !about_organization() && call_.organization_->is_default(); }

core::Organization Visit::organization() const {
  if (call_.challenge_) return call_.challenge_->organization;
  const std::string& usual = neighbours_.stages.default_organization();
  std::string id = call_.option_text("org", usual);
  const bool is_default = id == usual;
  return {std::move(id), is_default};
}

const std::string& Visit::asked_user() const {
  static const std::string nobody;
  return user_id_ == nullptr ? nobody : *user_id_;
}

// Who asks about a method that needs a name may leave it out: then the own one is meant.
bool Visit::asks_for_caller() const {
  if (judged_->subject == Subject::calling_user) return true;
  if (judged_->subject == Subject::challenge) return !call_.challenge_;
  const bool needs_name = judged_->subject == Subject::named_user || judged_->subject == Subject::user_or_all;
  const bool may_be_empty = judged_->subject == Subject::user || (needs_name && judged_ != &method_);
  return may_be_empty && user_id_ != nullptr && user_id_->empty();
}

// Only the caller's own account is asked for before the permission is judged: a stranger must not make the name service
// work, nor learn from how long it takes.
void Visit::meet_account(void (Visit::*next)()) {
  epoch_ = door_.subscriptions_.epoch();
  const bool may_be_self = asks_for_caller() || (caller_->uid() != 0 && !asked_user().empty());
  if (!about_account() || !may_be_self) return (this->*next)();
  if (const auto* known = neighbours_.accounts.known_by_uid(caller_->uid())) {
    own_ = *known;
    return (this->*next)();
  }
  neighbours_.accounts.by_uid(caller_->uid(), [self = shared_from_this(), next](const Accounts::Account& account) {
    self->guarded([&] {
      self->own_ = account;
      (*self.*next)();
    });
  });
}

void Visit::require_caller() const {
  if (caller_->gone) throw core::Error(core::failure::unavailable, "the caller has left");
}

void Visit::judge() {
  require_caller();
  if (comes_with_code()) return judge_by_code();
  const Claim asked = claim();
  call_.by_self_ = asked.about_self && asked.caller.uid != 0;
  if (const auto answer = neighbours_.authorizer.at_once(asked)) return judged(*answer);
  neighbours_.authorizer.decide(question(),
                                [self = shared_from_this()](bool yes) { self->guarded([&] { self->judged(yes); }); });
}

// Not thrown: that would cost as much again as all the rest, and any user may be refused at will.
void Visit::judged(bool yes) { yes ? allowed() : fail(core::Error(core::failure::no_permission)); }

bool Visit::comes_with_code() const {
  const Dict& given = call_.arguments_;
  return method_.code_stands_in && given.contains("code_id") && given.contains("code_fd");
}

// Whoever presents a registration code needs no permission and is asked for no password: the use case goes on with a
// valid code alone. What is judged is whether the caller may hear what is wrong with it. An id that no code has ends
// here, before anybody else is made to work.
void Visit::judge_by_code() {
  const auto require_known = [this] {
    if (!neighbours_.stages.knows_code(call_.text("code_id"))) throw core::Error(core::failure::code_invalid);
  };
  if (!attempt(Effect::reads, require_known)) return;
  call_.by_code_ = true;
  Question asked = question();
  asked.permission = Permission::user_passkey_write;
  asked.self = Self::never;
  asked.interaction = Interaction::forbidden;
  neighbours_.authorizer.decide(asked, [self = shared_from_this()](bool yes) {
    self->guarded([&] {
      self->call_.may_issue_codes_ = yes;
      self->allowed();
    });
  });
}

bool Visit::takes_permission() const {
  return judged_ == &method_ && std::ranges::any_of(method_.options, [this](const Option& option) {
           return option.takes_permission && call_.option_flag(option.name);
         });
}

bool Visit::about_self() const {
  if (judged_->subject == Subject::own_rights) return true;
  return about_account() && (asks_for_caller() || (knows_caller() && own_.name == asked_user()));
}

Claim Visit::claim() const {
  return {.caller = caller_->credentials,
          .permission = judged_->permission,
          .self = takes_permission() ? Self::never : judged_->self,
          .about_self = about_self(),
          .organization = call_.organization_->id(),
          .default_organization = call_.organization_->is_default()};
}

Question Visit::question() const {
  const Claim asked = claim();
  Question question{asked.caller,     asked.permission,   asked.self,
                    asked.about_self, asked.organization, asked.default_organization};
  question.unique_name = caller_->unique_name;
  question.method = judged_->name;
  question.user_id = asked.about_self && knows_caller() ? own_.name : asked_user();
  question.interaction = incoming_->interaction();
  return question;
}

void Visit::allowed() {
  if (refusal_) throw core::Error(*refusal_);
  if (method_.subject == Subject::own_rights) return inquire();
  if (std::ranges::find(method_.out, Type::fd, &Parameter::type) != method_.out.end())
    handout_ = door_.handouts_.admit(*caller_);
  const bool nothing_to_answer = method_.subject == Subject::challenge && !call_.challenge_;
  if (about_organization() || nothing_to_answer) return read_secrets();
  if (asks_for_caller() && !about_account())
    throw core::Error::because(core::failure::bad_argument, "Argument user_id must be given with option org");
  find_account();
}

// A dry run: the other method's way up to its decision, and not a step further.
void Visit::inquire() {
  judged_ = &inquired(door_.methods_, call_);
  meet_account(&Visit::explain);
}

void Visit::explain() {
  require_caller();
  const Question asked = question();
  neighbours_.authorizer.explain(asked, [self = shared_from_this(), asked](const Explanation& explanation) {
    self->guarded([&] { self->answer({describe(explanation, asked)}); });
  });
}

void Visit::find_account() {
  if (!about_account()) return found({Accounts::Outcome::none, {}, static_cast<uid_t>(-1)});
  if (asks_for_caller()) return found(own_);
  if (const auto* known = neighbours_.accounts.known_by_name(asked_user())) return found(*known);
  neighbours_.accounts.by_name(asked_user(), [self = shared_from_this()](const Accounts::Account& account) {
    self->guarded([&] { self->found(account); });
  });
}

void Visit::found(const Accounts::Account& account) {
  asked_ = account;
  call_.owner_ = owner();
  read_secrets();
}

// The only place where an Owner is made.
core::Owner Visit::owner() const {
  if (asked_.outcome == Accounts::Outcome::no_answer)
    throw core::Error(core::failure::unavailable, "the name service did not answer");
  const bool found = asked_.outcome == Accounts::Outcome::found;
  if (asks_for_caller() && !found) throw core::Error(core::failure::user_not_found);
  return {*call_.organization_, asks_for_caller() ? asked_.name : asked_user(),
          found ? std::optional(asked_.uid) : std::nullopt};
}

void Visit::read_secrets() {
  for (const auto& [name, value] : call_.arguments_) {
    if (type_of(value) != Type::fd) continue;
    const SharedFd fd = std::get<SharedFd>(value);
    const auto read = [self = shared_from_this(), name = name](core::Secret secret, std::exception_ptr error) {
      self->guarded([&] {
        if (error) std::rethrow_exception(error);
        self->call_.secrets_.emplace(name, std::move(secret));
        self->read_secrets();
      });
    };
    const std::string argument = name;
    call_.arguments_.erase(argument);  // invalidates the loop's iterator: one fd at a time, then anew
    return read_secret(neighbours_.loop, fd, argument, read);
  }
  prepare();
}

void Visit::prepare() {
  const bool goes_on = plan_.then != nullptr;
  if (!attempt(Effect::reads, [&] { plan_ = goes_on ? plan_.then() : method_.use_case(call_); })) return;
  if (plan_.then) {
    named_ = plan_.about;
    user_id_ = &named_;
    return find_account();
  }
  if (plan_.charge && !attempt(Effect::writes, plan_.charge)) return;
  if (!plan_.verify) return apply();
  neighbours_.stages.verify(plan_.work, std::move(plan_.verify), [self = shared_from_this()](std::exception_ptr error) {
    self->guarded([&] { self->apply(error); });
  });
}

// What failed on the worker, and a caller who has left meanwhile, leave behind what any failure does: the attempt was
// made.
void Visit::apply(std::exception_ptr unverified) {
  const auto operation = [&] {
    if (unverified) std::rethrow_exception(unverified);
    require_caller();
    values_ = plan_.apply();
  };
  if (!attempt(method_.effect, operation, plan_.leave_behind)) return;
  subscribe();
  if (method_.effect == Effect::none || neighbours_.stages.all_durable()) return answer(values_);
  neighbours_.stages.when_durable([self = shared_from_this()](std::exception_ptr lost) {
    self->guarded([&] {
      if (lost) std::rethrow_exception(lost);
      self->answer(self->values_);
    });
  });
}

void Visit::subscribe() {
  if (method_.subscribing == Subscribing::begins)
    door_.subscriptions_.begin(caller_, *call_.owner_, epoch_);
  else if (method_.subscribing == Subscribing::ends)
    door_.subscriptions_.end(*caller_, *call_.owner_);
}

// False where it failed; then the answer is on its way. A failure, too, may rest on rows that are not durable yet.
bool Visit::attempt(Effect effect, const std::function<void()>& operation, const std::function<void()>& leave_behind) {
  std::exception_ptr error = neighbours_.stages.attempt(effect, operation);
  if (!error) return true;
  const auto lost_too = leave_behind ? neighbours_.stages.attempt(Effect::writes, leave_behind) : nullptr;
  if (lost_too) error = lost_too;
  neighbours_.stages.when_durable(
      [self = shared_from_this(), error](std::exception_ptr lost) { self->fail(lost ? lost : error); });
  return false;
}

void Visit::answer(const Values& values) {
  const bool sent = incoming_->wants_reply();
  incoming_->reply(values);
  incoming_.reset();
  if (!sent) return;
  if (const auto size = size_of(values); size > Backlog::usual_answer) door_.backlog_.add(caller_->unique_name, size);
  if (handout_) handout_->sent();
}

void Visit::fail(std::exception_ptr error) noexcept try {
  std::rethrow_exception(error);
} catch (const core::Error& known) {
  fail(known);
} catch (const std::bad_alloc&) {
  fail(core::Error(core::failure::unavailable, "out of memory"));
} catch (const std::exception& foreign) {
  fail(core::Error(core::failure::internal, foreign.what()));
} catch (...) {
  fail(core::Error(core::failure::internal, "an exception of unknown type"));
}

void Visit::fail(const core::Error& error) {
  if (!incoming_) return;
  door_.log_.add(method_.name, caller_ ? std::optional(caller_->uid()) : std::nullopt, error);
  incoming_->fail(names::error_prefix + std::string(core::name(error.code())), error.what());
  incoming_.reset();
}

}  // namespace factord::ipc
