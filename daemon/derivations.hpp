// SPDX-License-Identifier: Apache-2.0
// Room for the derivations of keys from codes, which are slow on purpose and take megabytes each: a few run at a time,
// some may wait, and whoever comes then is refused before anything is charged. One uid may have some of them, and the
// fewer the more others have, so that another still finds room. Root is bound by the whole alone.
// Owned by the service; loop thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>

namespace factord::daemon {

class Derivations {
 public:
  static constexpr std::uint32_t at_once = 2;
  static constexpr std::uint32_t of_all = at_once + 16;
  static constexpr std::uint32_t of_uid = 6;

  // One derivation's place, given back when it is dropped. Outlived by the derivations.
  class Place {
   public:
    Place(Derivations& derivations, uid_t uid);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Derivations& derivations_;
    uid_t uid_;
  };

  // Throws Error (quota), naming the limit.
  std::shared_ptr<const Place> admit(uid_t uid);

 private:
  std::map<uid_t, std::uint32_t> of_uid_;
  std::uint32_t all_ = 0;
};

}  // namespace factord::daemon
