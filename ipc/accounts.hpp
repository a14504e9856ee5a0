// SPDX-License-Identifier: Apache-2.0
// The machine's Unix accounts, as the door needs them. Answers come on the loop thread, at once where they are cached.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace factord::ipc {

class Accounts {
 public:
  virtual ~Accounts() = default;

  enum class Outcome { found, none, no_answer };  // no_answer: the name service took too long or failed
  struct Account {
    Outcome outcome = Outcome::no_answer;
    std::string name;
    uid_t uid = static_cast<uid_t>(-1);
  };
  using Answer = std::function<void(const Account&)>;

  // What need not be asked; null where it must be. Good until the next call of any of these.
  virtual const Account* known_by_name(const std::string&) { return nullptr; }
  virtual const Account* known_by_uid(uid_t) { return nullptr; }

  virtual void by_name(const std::string& name, Answer answer) = 0;
  virtual void by_uid(uid_t uid, Answer answer) = 0;
};

}  // namespace factord::ipc
