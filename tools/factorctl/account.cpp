// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/account.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "core/failure.hpp"

namespace factord::factorctl {
namespace {

// The groups go first: without uid 0 they could not be changed any more.
bool take_on(const passwd& account) {
  return initgroups(account.pw_name, account.pw_gid) == 0 &&
         setresgid(account.pw_gid, account.pw_gid, account.pw_gid) == 0 &&
         setresuid(account.pw_uid, account.pw_uid, account.pw_uid) == 0;
}

}  // namespace

void become(const std::string& user) {
  const passwd* account = getpwnam(user.c_str());
  if (account != nullptr && account->pw_uid == geteuid()) return;
  if (geteuid() != 0)
    throw core::Error::because(core::failure::no_permission, "Only root may ask about the rights of somebody else");
  if (account == nullptr) throw core::Error::because(core::failure::user_not_found, "There is no account of that name");
  if (!take_on(*account)) throw core::Error::because(core::failure::no_permission, "The account cannot be taken on");
}

std::string own_account() {
  const passwd* account = getpwuid(geteuid());
  if (account == nullptr) throw core::Error::because(core::failure::user_not_found, "Your uid has no account");
  return account->pw_name;
}

}  // namespace factord::factorctl
