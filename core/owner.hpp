// SPDX-License-Identifier: Apache-2.0
// Whose data an operation may touch. Minted by the door alone, after it has judged the caller; the store opens rows
// only through an Owner. A use case that forgot to check could not even name another user's row.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

namespace factord::ipc {
class Visit;  // one call on its way through the door
}
namespace factord::tests {
struct Mint;  // tests mint without a door
}

namespace factord::core {

// An organization whose users a caller may list or add to.
class Organization {
 public:
  const std::string& id() const { return id_; }
  // The default organization holds the machine's Unix accounts and nobody else.
  bool is_default() const { return is_default_; }

 private:
  friend class ::factord::ipc::Visit;
  friend struct ::factord::tests::Mint;
  Organization(std::string id, bool is_default) : id_(std::move(id)), is_default_(is_default) {}

  std::string id_;
  bool is_default_;
};

class Owner {
 public:
  const Organization& organization() const { return organization_; }
  const std::string& user_id() const { return user_id_; }
  // Of the Unix account with that name; nothing for registered users, and for names that NSS does not (or no longer)
  // know.
  std::optional<uid_t> uid() const { return uid_; }

 private:
  friend class ::factord::ipc::Visit;
  friend struct ::factord::tests::Mint;
  Owner(Organization organization, std::string user_id, std::optional<uid_t> uid)
      : organization_(std::move(organization)), user_id_(std::move(user_id)), uid_(uid) {}

  Organization organization_;
  std::string user_id_;
  std::optional<uid_t> uid_;
};

}  // namespace factord::core
