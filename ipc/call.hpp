// SPDX-License-Identifier: Apache-2.0
// A decoded and authorised call, as a use case sees it: made by the door, which keeps it until it has answered. Loop
// thread; a job of a worker may read it.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/owner.hpp"
#include "core/secret.hpp"
#include "ipc/challenges.hpp"
#include "ipc/value.hpp"

namespace factord::tests {
struct CallMint;  // tests of use cases make calls without a door
}

namespace factord::ipc {

// The accessors for arguments that the row does not have throw
// std::logic_error: a fault of the table, not of the caller.
class Call {
 public:
  const core::Owner& owner() const { return *owner_; }
  const core::Organization& organization() const { return *organization_; }
  uid_t caller() const { return caller_; }
  // The caller may, because it is about itself: it holds no permission for it.
  bool by_self() const { return by_self_; }
  // The name of the caller's connection, which no other ever has.
  const std::string& connection() const { return connection_; }
  // Of a method about one: what is answered. Null where there is none.
  const Challenge* challenge() const { return challenge_.get(); }
  // The caller presents a registration code (options code_id, code_fd), and may lack the permission: nothing must come
  // of the call, and nothing be told, unless the code is valid.
  bool by_code() const { return by_code_; }
  // Of such a caller: holds the permission to make codes, and may hear what is wrong with one.
  bool may_issue_codes() const { return may_issue_codes_; }

  const std::string& text(std::string_view name) const;
  std::uint32_t number(std::string_view name) const;
  // What stood behind an argument of type h: read to its end by the door.
  const core::Secret& secret(std::string_view name) const;
  bool has_secret(std::string_view name) const { return secrets_.contains(name); }  // an option of type h

  std::optional<std::string> option_text(std::string_view name) const;
  std::string option_text(std::string_view name, std::string_view otherwise) const;
  std::uint32_t option_number(std::string_view name, std::uint32_t otherwise) const;
  std::uint64_t option_wide(std::string_view name, std::uint64_t otherwise) const;
  bool option_flag(std::string_view name) const;    // false where it is not given
  Texts option_texts(std::string_view name) const;  // empty where it is not given

 private:
  friend class Visit;
  friend struct ::factord::tests::CallMint;
  Dict arguments_;  // options among them
  std::map<std::string, core::Secret, std::less<>> secrets_;
  std::optional<core::Owner> owner_;
  std::optional<core::Organization> organization_;
  uid_t caller_ = 0;
  bool by_self_ = false;
  std::string connection_;
  std::shared_ptr<const Challenge> challenge_;
  bool by_code_ = false;
  bool may_issue_codes_ = false;
};

}  // namespace factord::ipc
