// SPDX-License-Identifier: Apache-2.0
// Unix accounts that can be users, through NSS, which may hang on a network for as long as it likes: asked on a thread
// of its own, given up after 2 seconds, remembered for 60 (and not past a change of /etc/passwd). Owned by main; loop
// thread.
#pragma once

#include <systemd/sd-event.h>

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "daemon/workers.hpp"
#include "ipc/accounts.hpp"

namespace factord::daemon {

// Uids that belong to somebody. Not so: those that systemd hands out for the run of a service and then to another
// (DynamicUser=, 61184 to 65519), nobody (65534), the two that mean "none" (65535, 4294967295), and factord's own.
bool belongs_to_somebody(uid_t uid, uid_t own);

class Accounts final : public ipc::Accounts {
 public:
  explicit Accounts(sd_event* loop);
  ~Accounts() override;

  const Account* known_by_name(const std::string& name) override;
  const Account* known_by_uid(uid_t uid) override;
  void by_name(const std::string& name, Answer answer) override;
  void by_uid(uid_t uid, Answer answer) override;
  void forget_all();

 private:
  using Key = std::variant<std::string, uid_t>;
  using Passwd = std::pair<std::int64_t, std::uint64_t>;  // change time in nanoseconds, inode
  struct Asked;                                           // a question under way, with those who wait for it
  struct Known {
    Account account;
    std::uint64_t until;  // microseconds of the loop's clock
  };

  void ask(const Key& key, Answer answer);
  void settle(const Key& key, const Account& account);
  void watch_passwd();
  void forget_if_passwd_changed();
  void meet_round();
  std::uint64_t now() const;

  sd_event* loop_;
  std::map<std::string, Known> names_;
  std::map<uid_t, Known> uids_;
  std::map<Key, std::shared_ptr<Asked>> asked_;
  sd_event_source* passwd_watch_ = nullptr;  // null while there is no file to watch
  Passwd passwd_{};
  std::uint64_t round_ = UINT64_MAX;  // of the loop, in which the clock was last looked at
  std::uint64_t now_ = 0;             // in that round
  std::unique_ptr<Workers> thread_;
};

}  // namespace factord::daemon
