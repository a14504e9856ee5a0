// SPDX-License-Identifier: Apache-2.0
#include "daemon/accounts.hpp"

#include <pwd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "core/text.hpp"

namespace factord::daemon {
namespace {

using Account = ipc::Accounts::Account;
using Outcome = ipc::Accounts::Outcome;

constexpr std::uint64_t remembered_for = 60'000'000;  // microseconds
constexpr std::size_t remembered = 4096;
constexpr std::uint64_t patience = 2'000'000;  // microseconds
constexpr std::size_t largest_entry = 1u << 20;

// getpwnam(3): these, too, mean that there is no such account.
bool means_none(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

// A directory may hold any name; here it would come out in logs and in answers about others.
bool can_be_user(const passwd& entry) {
  return belongs_to_somebody(entry.pw_uid, geteuid()) && core::valid_utf8(entry.pw_name) &&
         core::valid_identifier(entry.pw_name);
}

Account look_up(const std::variant<std::string, uid_t>& key) {
  passwd entry{};
  passwd* found = nullptr;
  for (std::vector<char> buffer(1024); buffer.size() <= largest_entry; buffer.resize(buffer.size() * 2)) {
    const auto* name = std::get_if<std::string>(&key);
    const int error = name ? getpwnam_r(name->c_str(), &entry, buffer.data(), buffer.size(), &found)
                           : getpwuid_r(std::get<uid_t>(key), &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    // Case-insensitive directories answer "Alice" with "alice": one account would be two users.
    const bool asked_for = found && (name ? *name == entry.pw_name : std::get<uid_t>(key) == entry.pw_uid);
    if (asked_for && can_be_user(entry)) return {Outcome::found, entry.pw_name, entry.pw_uid};
    if (found || means_none(error)) return {Outcome::none, {}, static_cast<uid_t>(-1)};
    break;
  }
  return {};
}

template <typename Known, typename Of>
const Account* fresh(const Known& known, const Of& whom, std::uint64_t now) {
  const auto found = known.find(whom);
  return found == known.end() || found->second.until <= now ? nullptr : &found->second.account;
}

}  // namespace

bool belongs_to_somebody(uid_t uid, uid_t own) {
  if (uid == 0) return true;
  const bool of_services = uid >= 61184 && uid <= 65519;  // systemd's UIDS-GIDS.md
  return !of_services && uid != 65534 && uid != 65535 && uid != static_cast<uid_t>(-1) && uid != own;
}

struct Accounts::Asked {
  std::vector<Answer> waiting;
  sd_event_source* deadline = nullptr;
  std::shared_ptr<std::atomic<bool>> given_up = std::make_shared<std::atomic<bool>>(false);
  Accounts* accounts;
  Key key;
  Passwd passwd;  // as it was when the question was asked

  ~Asked() { sd_event_source_disable_unref(deadline); }
};

Accounts::Accounts(sd_event* loop) : loop_(loop), thread_(std::make_unique<Workers>(loop, 1)) { watch_passwd(); }

Accounts::~Accounts() { sd_event_source_disable_unref(passwd_watch_); }

const Account* Accounts::known_by_name(const std::string& name) {
  meet_round();
  return fresh(names_, name, now_);
}

const Account* Accounts::known_by_uid(uid_t uid) {
  meet_round();
  return fresh(uids_, uid, now_);
}

void Accounts::by_name(const std::string& name, Answer answer) {
  if (const Account* account = known_by_name(name)) return answer(Account(*account));
  ask(name, std::move(answer));
}

void Accounts::by_uid(uid_t uid, Answer answer) {
  if (const Account* account = known_by_uid(uid)) return answer(Account(*account));
  ask(uid, std::move(answer));
}

void Accounts::forget_all() {
  names_.clear();
  uids_.clear();
}

// Looking at clock and file for each question would be a good part of what a call costs. A round has a few calls, all
// sent before it ends.
void Accounts::meet_round() {
  std::uint64_t round = 0;
  if (sd_event_get_iteration(loop_, &round) >= 0 && std::exchange(round_, round) == round) return;
  now_ = now();
  if (passwd_watch_ != nullptr) return;
  watch_passwd();
  forget_if_passwd_changed();
}

// A change is heard of before the next call is read. useradd renames a new file over the old one, which takes away the
// old one's last name: that is a change of its attributes.
void Accounts::watch_passwd() {
  const auto changed = [](sd_event_source*, const inotify_event*, void* self) {
    auto& accounts = *static_cast<Accounts*>(self);
    accounts.watch_passwd();
    accounts.forget_all();
    return 0;
  };
  passwd_watch_ = sd_event_source_disable_unref(passwd_watch_);
  const std::uint32_t changes = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
  if (sd_event_add_inotify(loop_, &passwd_watch_, "/etc/passwd", changes, changed, this) >= 0)
    sd_event_source_set_priority(passwd_watch_, SD_EVENT_PRIORITY_IMPORTANT);
}

std::uint64_t Accounts::now() const {
  std::uint64_t now = 0;
  sd_event_now(loop_, CLOCK_MONOTONIC, &now);
  return now;
}

void Accounts::forget_if_passwd_changed() {
  struct stat status {};
  if (stat("/etc/passwd", &status) != 0) return;
  const std::pair seen{status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, std::uint64_t(status.st_ino)};
  if (std::exchange(passwd_, seen) != seen) forget_all();
}

void Accounts::ask(const Key& key, Answer answer) {
  if (const auto under_way = asked_.find(key); under_way != asked_.end())
    return under_way->second->waiting.push_back(std::move(answer));
  forget_if_passwd_changed();
  auto asked = std::make_shared<Asked>();
  asked->waiting.push_back(std::move(answer));
  asked->accounts = this;
  asked->key = key;
  asked->passwd = passwd_;
  asked_[key] = asked;
  const auto too_late = [](sd_event_source*, std::uint64_t, void* context) {
    auto* late = static_cast<Asked*>(context);
    late->accounts->settle(Key(late->key), Account{});
    return 0;
  };
  if (sd_event_add_time_relative(loop_, &asked->deadline, CLOCK_MONOTONIC, patience, 0, too_late, asked.get()) < 0)
    return settle(key, Account{});
  auto account = std::make_shared<Account>();
  // Behind a look-up that hangs, questions that nobody waits for any more pile up: they are not asked.
  thread_->run(
      [key, account, given_up = asked->given_up] {
        if (!*given_up) *account = look_up(key);
      },
      [this, key, account, asked](std::exception_ptr) {
        if (const auto still = asked_.find(key); still != asked_.end() && still->second == asked) settle(key, *account);
      });
}

void Accounts::settle(const Key& key, const Account& account) {
  const auto asked = asked_.extract(key).mapped();
  forget_if_passwd_changed();
  // An answer from before the change may be wrong by now: good for those who asked then, and for nobody after.
  if (account.outcome != Outcome::no_answer && asked->passwd == passwd_) {
    if (names_.size() + uids_.size() >= remembered) forget_all();
    const Known known{account, now() + remembered_for};
    if (const auto* name = std::get_if<std::string>(&key))
      names_[*name] = known;
    else
      uids_[std::get<uid_t>(key)] = known;
  }
  *asked->given_up = true;
  // The look-up may go on for long; what waited for it must not be kept that long.
  const std::vector<Answer> waiting = std::move(asked->waiting);
  for (const Answer& answer : waiting) answer(account);
}

}  // namespace factord::daemon
