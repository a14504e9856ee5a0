// SPDX-License-Identifier: Apache-2.0
// One call on its way through the door: who → about whom → may they → what exactly → the use case → the answer. Owns
// everything that was taken from the message; lives until it has answered. Loop thread.
#pragma once

#include <memory>
#include <optional>

#include "ipc/decode.hpp"
#include "ipc/door.hpp"

namespace factord::ipc {

class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(Door& door, const Method& method, Incoming incoming);

  void begin();

 private:
  // Runs a step; whatever it throws becomes the answer. Nothing gets past it.
  template <typename Step>
  void guarded(Step&& step) noexcept;

  void take_arguments();
  void decode_once();
  void take_challenge();
  void met(std::shared_ptr<const Caller> caller);
  void meet_account(void (Visit::*next)());
  void require_caller() const;  // to be still there
  void judge();
  void judged(bool yes);
  bool comes_with_code() const;
  void judge_by_code();
  bool takes_permission() const;  // also of who is asked about
  Claim claim() const;
  Question question() const;
  void allowed();
  void inquire();
  void explain();
  void find_account();
  void found(const Accounts::Account& account);
  void read_secrets();
  void prepare();
  void apply(std::exception_ptr unverified = nullptr);
  void subscribe();
  bool attempt(Effect effect, const std::function<void()>& operation, const std::function<void()>& leave_behind = {});

  bool about_self() const;  // is the call about the caller?
  bool knows_caller() const { return own_.outcome == Accounts::Outcome::found; }
  bool about_account() const;       // is the method about a Unix user?
  bool about_organization() const;  // or about all of one?
  core::Organization organization() const;
  core::Owner owner() const;
  const std::string& asked_user() const;  // empty: the caller, or an argument that was refused
  bool asks_for_caller() const;

  void answer(const Values& values);
  void fail(std::exception_ptr error) noexcept;
  void fail(const core::Error& error);

  Door& door_;
  const Door::Neighbours& neighbours_;
  const Method& method_;
  const Method* judged_ = &method_;   // whose permission is judged: the same, or the one that is asked about
  std::optional<Incoming> incoming_;  // until it is answered
  std::shared_ptr<const Caller> caller_;
  std::optional<Admission::Ticket> ticket_;
  std::unique_ptr<Handouts::Place> handout_;  // where a file descriptor is the answer
  bool decoded_ = false;
  // The argument, where the method has it and it was not refused; else whom challenge or plan are about
  const std::string* user_id_ = nullptr;
  std::string named_;  // by the plan
  std::optional<core::Error> refusal_;
  std::uint64_t epoch_ = 0;  // in which the permission is judged
  Accounts::Account own_;    // the caller's, where the call may be about it
  Accounts::Account asked_;  // of the user that the call is about
  Call call_;
  Plan plan_;
  Values values_;
};

}  // namespace factord::ipc
