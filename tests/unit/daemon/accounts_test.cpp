// SPDX-License-Identifier: Apache-2.0
#include "daemon/accounts.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/storage/place.hpp"

using namespace factord;
using daemon::Accounts;
using factord::tests::Directory;
using factord::tests::Loop;
using Account = ipc::Accounts::Account;
using Outcome = ipc::Accounts::Outcome;

namespace {

constexpr char nobody_has[] = "no-such-user-here";
constexpr uid_t nobody_is = 4'000'000'123;

struct Answered {
  std::optional<Account> account;
  ipc::Accounts::Answer take() {
    return [this](const Account& answer) { account = answer; };
  }
};

template <typename Key>
Account ask(const Loop& loop, Accounts& accounts, const Key& key) {
  Answered answered;
  if constexpr (std::is_same_v<Key, uid_t>)
    accounts.by_uid(key, answered.take());
  else
    accounts.by_name(key, answered.take());
  loop.until([&] { return answered.account.has_value(); });
  return *answered.account;
}

// Runs `body` where /etc is a folder of its own; gives its answer, or nothing where that cannot be had.
template <typename Body>
std::optional<int> with_own_passwd(const std::filesystem::path& etc, Body body) {
  for (const char* name : {"passwd", "nsswitch.conf"})
    if (const auto from = std::filesystem::path("/etc") / name; exists(from))
      std::filesystem::copy_file(from, etc / name);
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount(etc.c_str(), "/etc", nullptr, MS_BIND, nullptr) != 0)
      _exit(77);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("an account is found by name and by uid") {
  const Loop loop;
  Accounts accounts(loop.get());
  for (const Account& root : {ask(loop, accounts, std::string("root")), ask(loop, accounts, uid_t{0})}) {
    CHECK(root.outcome == Outcome::found);
    CHECK(root.name == "root");
    CHECK(root.uid == 0);
  }
}

TEST_CASE("an account that does not exist is none, and has no uid") {
  const Loop loop;
  Accounts accounts(loop.get());
  for (const Account& none : {ask(loop, accounts, std::string(nobody_has)), ask(loop, accounts, nobody_is)}) {
    CHECK(none.outcome == Outcome::none);
    CHECK(none.name.empty());
    CHECK(none.uid == static_cast<uid_t>(-1));
  }
}

TEST_CASE("a number is not a name") {
  const Loop loop;
  Accounts accounts(loop.get());
  CHECK(ask(loop, accounts, std::string("0")).outcome == Outcome::none);
}

TEST_CASE("the first answer comes by the loop, the next one at once") {
  const std::string name = GENERATE(as<std::string>(), "root", nobody_has);
  const Loop loop;
  Accounts accounts(loop.get());
  Answered first, second;
  accounts.by_name(name, first.take());
  CHECK_FALSE(first.account);
  loop.until([&] { return first.account.has_value(); });
  accounts.by_name(name, second.take());
  REQUIRE(second.account);
  CHECK(second.account->outcome == first.account->outcome);
}

TEST_CASE("after forget_all the name service is asked again") {
  const Loop loop;
  Accounts accounts(loop.get());
  ask(loop, accounts, std::string("root"));
  accounts.forget_all();
  Answered again;
  accounts.by_name("root", again.take());
  CHECK_FALSE(again.account);
  loop.until([&] { return again.account.has_value(); });
}

TEST_CASE("all who ask the same while the question is under way get the answer") {
  const Loop loop;
  Accounts accounts(loop.get());
  std::vector<Answered> askers(5);
  for (Answered& asker : askers) accounts.by_uid(0, asker.take());
  loop.until([&] { return askers.back().account.has_value(); });
  for (const Answered& asker : askers) {
    REQUIRE(asker.account);
    CHECK(asker.account->name == "root");
  }
}

TEST_CASE("questions that are under way at the end are dropped") {
  const Loop loop;
  Answered answered;
  {
    Accounts accounts(loop.get());
    accounts.by_name("root", answered.take());
  }
  while (loop.turn()) continue;
  CHECK_FALSE(answered.account);
}

TEST_CASE("uids that are nobody's for good, and the service's own, belong to nobody") {
  using daemon::belongs_to_somebody;
  for (const uid_t uid : {0u, 1u, 999u, 61183u, 65520u, 65533u, 65536u, 2147483647u, 2147483648u, 4294967294u}) {
    INFO(uid);
    CHECK(belongs_to_somebody(uid, 998));
  }
  for (const uid_t uid : {61184u, 62000u, 65519u, 65534u, 65535u, 4294967295u, 998u}) {
    INFO(uid);
    CHECK_FALSE(belongs_to_somebody(uid, 998));
  }
  CHECK(belongs_to_somebody(0, 0));
}

TEST_CASE("accounts that can be no users are none, by uid and by name") {
  const Directory directory;
  const auto file = directory.path() / "passwd";
  const auto step = with_own_passwd(directory.path(), [&] {
    const Loop loop;
    Accounts accounts(loop.get());
    const auto line = [](const std::string& name, const std::string& uid) {
      return name + ":x:" + uid + ":4000000123::/:/bin/false\n";
    };
    const std::string marked = "no-such-\u202euser", controlled = "no-such-\x1buser", broken = "no-such-\xffuser";
    tests::write(file, tests::content(file) + line("no-such-dynamic", "61184") + line("no-such-nobody", "65534") +
                           line(marked, "4000000124") + line(controlled, "4000000125") + line(broken, "4000000126") +
                           line("no-such-high", "4294967294") + line("no-such-half", "2147483648"));
    for (const uid_t uid : {61184u, 65534u, 4000000124u, 4000000125u, 4000000126u})
      if (ask(loop, accounts, uid).outcome != Outcome::none) return 1;
    for (const std::string& name : {std::string("no-such-dynamic"), marked, controlled, broken})
      if (ask(loop, accounts, name).outcome != Outcome::none) return 2;
    if (ask(loop, accounts, std::string("no-such-high")).uid != 4294967294u) return 3;
    if (ask(loop, accounts, uid_t{2147483648u}).name != "no-such-half") return 4;
    return 0;
  });
  if (!step) {
    WARN("not tried: needs a mount namespace");
    return;
  }
  CHECK(*step == 0);
}

TEST_CASE("a change of /etc/passwd is seen at once: an account that is made, one that gets another uid") {
  const Directory directory;
  const auto file = directory.path() / "passwd", before = directory.path() / "before", after = directory.path() / "new";
  const auto step = with_own_passwd(directory.path(), [&] {
    const Loop loop;
    Accounts accounts(loop.get());
    std::filesystem::copy_file(file, before);
    const auto lines = [&](const std::string& line) { return tests::content(before) + line; };
    const auto uid_of = [&](const auto& key) {
      while (loop.turn()) {
      }
      const Account account = ask(loop, accounts, key);
      return account.outcome == Outcome::found ? std::optional(account.uid) : std::nullopt;
    };
    const std::string name(nobody_has);
    if (uid_of(name)) return 1;
    tests::write(file, lines("no-such-user-here:x:4000000123:4000000123::/:/bin/false\n"));
    if (uid_of(name) != nobody_is || uid_of(nobody_is) != nobody_is) return 2;
    for (uid_t i = 1; i < 4; ++i) {  // as useradd does it
      tests::write(after, lines("no-such-user-here:x:" + std::to_string(nobody_is + i) + ":1::/:/bin/false\n"));
      std::filesystem::rename(after, file);
      if (uid_of(name) != nobody_is + i || uid_of(nobody_is)) return 3;
    }
    std::filesystem::remove(file);
    if (uid_of(name)) return 4;
    tests::write(file, lines("no-such-user-here:x:4000000123:4000000123::/:/bin/false\n"));
    if (uid_of(name) != nobody_is) return 5;
    tests::write(file, lines(""));
    return uid_of(name) ? 6 : 0;
  });
  if (!step) {
    WARN("not tried: needs a mount namespace");
    return;
  }
  CHECK(*step == 0);
}
