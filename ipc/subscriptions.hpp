// SPDX-License-Identifier: Apache-2.0
// Who is told of changes to whose factors. A subscription belongs to a connection and a user; it ends with either, and
// when the right to read that user does. Nothing is broadcast: each subscriber is sent its own signal.
// Owned by the door; loop thread. Promises: from the moment its right comes into question a subscriber is told nothing
// until it was confirmed; what happened in between is told then, in order, or never.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/owner.hpp"
#include "ipc/access.hpp"
#include "ipc/accounts.hpp"
#include "ipc/admission.hpp"
#include "ipc/outbox.hpp"

namespace factord::ipc {

struct FactorChange {
  std::string organization;
  std::string user_id;
  std::string kind;
  std::string factor_id;
  std::string change;  // "added"
};

class Subscriptions {
 public:
  // All of them outlive the subscriptions.
  Subscriptions(Post& post, Accounts& accounts, Authorizer& authorizer, const Limits& limits);

  static Member signal();  // FactorsChanged

  // Counts up whenever rights come into question. A permission that was judged in an earlier epoch is judged again.
  std::uint64_t epoch() const { return epoch_; }

  // Once for a connection and a user, however often it is called. Throws Error (quota), naming the limit.
  void begin(std::shared_ptr<const Caller> caller, const core::Owner& user, std::uint64_t judged_in);
  void end(const Caller& caller, const core::Owner& user);

  // To be called once the change is durable.
  void tell(const FactorChange& change);
  // The user was removed.
  void end_all(const std::string& organization, const std::string& user_id);

  // The authorizer's answers are about to change: answers that are still to come count no more, and nobody is told
  // anything before recheck().
  void doubt();
  // The authorizer's answers may have changed: each subscriber's permission is judged anew, without asking anybody for
  // a password, and the subscription ends where it is no longer held. The second one: of that user's subscribers.
  void recheck();
  void recheck(const std::string& organization, const std::string& user_id);

 private:
  using User = std::pair<std::string, std::string>;  // organization, user id
  struct Key {
    User user;
    std::string subscriber;  // unique name
    auto operator<=>(const Key&) const = default;
  };
  struct Subscription {
    std::shared_ptr<const Caller> caller;
    bool default_organization = false;
    std::uint64_t question = 0;                         // that is not answered yet; 0: none
    std::vector<std::shared_ptr<const Values>> held{};  // until it is
  };

  std::vector<Key> keys_of(const User& user) const;
  void judge(const Key& key);
  void ask(const Key& key, std::uint64_t question, const Accounts::Account& own);
  void answered(const Key& key, std::uint64_t question, bool allowed);
  Subscription* questioned(const Key& key, std::uint64_t question);
  void hold(const Key& key, Subscription& subscription, const std::shared_ptr<const Values>& told);
  void drop(const Key& key);
  void forget(const std::string& subscriber);

  Accounts& accounts_;
  Authorizer& authorizer_;
  const Limits& limits_;
  Outbox outbox_;
  std::map<Key, Subscription> subscriptions_;
  std::map<std::string, std::set<User>, std::less<>> users_of_;  // by the subscriber's unique name
  std::uint64_t epoch_ = 1;
  std::uint64_t questions_ = 0;
};

}  // namespace factord::ipc
