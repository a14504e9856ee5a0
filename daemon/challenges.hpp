// SPDX-License-Identifier: Apache-2.0
// Challenges of checks that have begun: in memory alone, each for one connection, for one answer and for 5 minutes.
// Owned by the service; loop thread. Promises: what is kept is bounded for every uid, and goes with its connection.
#pragma once

#include <sys/types.h>

#include <compare>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "daemon/vault.hpp"
#include "ipc/challenges.hpp"

namespace factord::daemon {

class Challenges final : public ipc::Challenges {
 public:
  explicit Challenges(const Vault& vault) : vault_(vault) {}

  // Gives the id under which this call's connection can take it. Throws Error (quota), naming the limit. What a caller
  // begins about itself counts apart from what it begins about others, of which it may have more.
  std::string add(std::shared_ptr<const ipc::Challenge> challenge, const ipc::Call& call);

  std::shared_ptr<const ipc::Challenge> take(const std::string& id, const std::string& connection) override;
  void left(const std::string& connection) override;

  std::size_t size() const { return open_.size(); }

 private:
  struct Key {
    std::string connection;
    std::string id;
    auto operator<=>(const Key&) const = default;
  };
  struct Purse {
    uid_t uid;
    bool about_itself;
    auto operator<=>(const Purse&) const = default;
  };
  struct Open;
  using ByKey = std::map<Key, Open>;
  using OldestFirst = std::list<ByKey::iterator>;
  struct Open {
    std::shared_ptr<const ipc::Challenge> challenge;
    core::Time made;
    Purse purse;
    OldestFirst::iterator age;
  };

  void make_room(const Purse& purse);
  ByKey::iterator drop(ByKey::iterator open);

  const Vault& vault_;
  ByKey open_;
  std::map<Purse, OldestFirst> purses_;  // none is empty
};

}  // namespace factord::daemon
