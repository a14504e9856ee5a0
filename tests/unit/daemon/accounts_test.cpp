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

// Runs `body` where /etc/passwd is a file of its own; gives its answer, or nothing where that cannot be had.
template <typename Body>
std::optional<int> with_own_passwd(const std::filesystem::path& file, Body body) {
  std::filesystem::copy_file("/etc/passwd", file);
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount(file.c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr) != 0)
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

TEST_CASE("a change of /etc/passwd is seen at once: an account that is made, one that gets another uid") {
  const Directory directory;
  const auto file = directory.path() / "passwd";
  const auto before = directory.path() / "before";
  const auto step = with_own_passwd(file, [&] {
    const Loop loop;
    Accounts accounts(loop.get());
    std::filesystem::copy_file(file, before);
    const auto with_line = [&](const std::string& line) { tests::write(file, tests::content(before) + line); };
    if (ask(loop, accounts, std::string(nobody_has)).outcome != Outcome::none) return 1;
    with_line("no-such-user-here:x:4000000123:4000000123::/:/bin/false\n");
    if (ask(loop, accounts, std::string(nobody_has)).uid != nobody_is) return 2;
    if (ask(loop, accounts, nobody_is).name != nobody_has) return 3;
    with_line("no-such-user-here:x:4000000124:4000000123::/:/bin/false\n");
    if (ask(loop, accounts, std::string(nobody_has)).uid != nobody_is + 1) return 4;
    if (ask(loop, accounts, nobody_is).outcome != Outcome::none) return 5;
    return 0;
  });
  if (!step) {
    WARN("not tried: needs a mount namespace");
    return;
  }
  CHECK(*step == 0);
}
