// SPDX-License-Identifier: Apache-2.0
#include "ipc/subscriptions.hpp"

#include "core/failure.hpp"
#include "core/log.hpp"
#include "ipc/names.hpp"

namespace factord::ipc {
namespace {

// Changes that wait for one answer of the authorizer. It may take its time, but what waits for it must not grow for
// ever.
constexpr std::size_t held_at_most = 32768;

}  // namespace

Subscriptions::Subscriptions(Post& post, Accounts& accounts, Authorizer& authorizer, const Limits& limits)
    : accounts_(accounts),
      authorizer_(authorizer),
      limits_(limits),
      outbox_(post, signal(), [this](const std::string& lost) { forget(lost); }) {}

Member Subscriptions::signal() {
  return {names::factors, "FactorsChanged", {}, {}, "sssss", {"user_id", "org", "kind", "factor_id", "change"}};
}

void Subscriptions::begin(std::shared_ptr<const Caller> caller, const core::Owner& owner, std::uint64_t judged_in) {
  const Key key{{owner.organization().id(), owner.user_id()}, caller->unique_name};
  const auto known = users_of_.find(key.subscriber);
  const std::size_t count = known == users_of_.end() ? 0 : known->second.size();
  if (!subscriptions_.contains(key)) {
    if (count >= limits_.subscriptions_per_connection)
      throw core::failure::limit_reached("SubscriptionsPerConnection", limits_.subscriptions_per_connection);
    outbox_.open(*caller);
    users_of_[key.subscriber].insert(key.user);
    subscriptions_[key] = {std::move(caller), owner.organization().is_default()};
  }
  if (judged_in != epoch_) judge(key);
}

void Subscriptions::end(const Caller& caller, const core::Owner& user) {
  drop({{user.organization().id(), user.user_id()}, caller.unique_name});
}

void Subscriptions::tell(const FactorChange& change) {
  const User user{change.organization, change.user_id};
  const auto keys = keys_of(user);
  if (keys.empty()) return;
  const auto told = std::make_shared<const Values>(
      Values{change.user_id, change.organization, change.kind, change.factor_id, change.change});
  for (const Key& key : keys) {
    Subscription& subscription = subscriptions_.at(key);
    if (subscription.question == 0)
      outbox_.send(key.subscriber, *told);
    else
      hold(key, subscription, told);
  }
  outbox_.settle();
}

void Subscriptions::hold(const Key& key, Subscription& subscription, const std::shared_ptr<const Values>& told) {
  if (subscription.held.size() < held_at_most) return subscription.held.push_back(told);
  core::log(core::Severity::notice, "A subscription has ended: the permission could not be confirmed in time",
            {{"FACTORD_CALLER_UID", std::to_string(subscription.caller->uid())}});
  drop(key);
}

void Subscriptions::end_all(const std::string& organization, const std::string& user_id) {
  for (const Key& key : keys_of({organization, user_id})) drop(key);
}

void Subscriptions::doubt() {
  ++epoch_;
  for (auto& [key, subscription] : subscriptions_) subscription.question = ++questions_;
}

void Subscriptions::recheck() {
  ++epoch_;
  std::vector<Key> keys;
  for (const auto& [key, subscription] : subscriptions_) keys.push_back(key);
  for (const Key& key : keys) judge(key);
}

void Subscriptions::recheck(const std::string& organization, const std::string& user_id) {
  ++epoch_;
  for (const Key& key : keys_of({organization, user_id})) judge(key);
}

std::vector<Subscriptions::Key> Subscriptions::keys_of(const User& user) const {
  std::vector<Key> keys;
  for (auto entry = subscriptions_.lower_bound({user, {}}); entry != subscriptions_.end() && entry->first.user == user;
       ++entry)
    keys.push_back(entry->first);
  return keys;
}

// As Visit does it for a call: a caller is asked about by account only where that can make a difference.
void Subscriptions::judge(const Key& key) {
  const auto found = subscriptions_.find(key);
  if (found == subscriptions_.end()) return;
  const std::uint64_t question = found->second.question = ++questions_;
  if (!found->second.default_organization) return ask(key, question, {});
  accounts_.by_uid(found->second.caller->uid(),
                   [this, key, question](const Accounts::Account& own) { ask(key, question, own); });
}

void Subscriptions::ask(const Key& key, std::uint64_t question, const Accounts::Account& own) {
  const Subscription* const subscription = questioned(key, question);
  if (subscription == nullptr) return;
  const bool about_self = own.outcome == Accounts::Outcome::found && own.name == key.user.second;
  authorizer_.decide({.caller = subscription->caller->credentials,
                      .permission = Permission::user_read,
                      .self = Self::always,
                      .about_self = about_self,
                      .organization = key.user.first,
                      .default_organization = subscription->default_organization,
                      .unique_name = key.subscriber,
                      .method = "Subscribe",
                      .user_id = key.user.second,
                      .interaction = Interaction::forbidden},
                     [this, key, question](bool allowed) { answered(key, question, allowed); });
}

void Subscriptions::answered(const Key& key, std::uint64_t question, bool allowed) {
  Subscription* const subscription = questioned(key, question);
  if (subscription == nullptr) return;
  if (!allowed) {
    core::log(core::Severity::notice, "A subscription has ended: the permission is no longer held",
              {{"FACTORD_CALLER_UID", std::to_string(subscription->caller->uid())}});
    return drop(key);
  }
  subscription->question = 0;
  const auto held = std::exchange(subscription->held, {});
  for (const auto& told : held) outbox_.send(key.subscriber, *told);
  outbox_.settle();
}

Subscriptions::Subscription* Subscriptions::questioned(const Key& key, std::uint64_t question) {
  const auto found = subscriptions_.find(key);
  return found == subscriptions_.end() || found->second.question != question ? nullptr : &found->second;
}

void Subscriptions::drop(const Key& key) {
  if (subscriptions_.erase(key) == 0) return;
  const auto users = users_of_.find(key.subscriber);
  users->second.erase(key.user);
  if (users->second.empty()) users_of_.erase(users);
}

void Subscriptions::forget(const std::string& subscriber) {
  const auto found = users_of_.find(subscriber);
  if (found == users_of_.end()) return;
  const std::set<User> users = std::move(found->second);
  users_of_.erase(found);
  for (const User& user : users) subscriptions_.erase({user, subscriber});
}

}  // namespace factord::ipc
