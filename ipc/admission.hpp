// SPDX-License-Identifier: Apache-2.0
// How many calls of one connection, and of one uid over all its connections, may be under way at once. Each of them
// holds its message, its file descriptors and its place in a queue; without bounds one user could fill them all.
// Root is not limited. Owned by the door; loop thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "ipc/caller.hpp"

namespace factord::ipc {

struct Limits {
  std::uint32_t requests_per_connection = 64;
  std::uint32_t requests_per_uid = 256;
  std::uint32_t subscriptions_per_connection = 64;
};

class Admission {
 public:
  // `limits` may change at any time; it outlives the admission.
  explicit Admission(const Limits& limits) : limits_(limits) {}

  // A call's place; given back when it is dropped. Throws Error (quota), naming the limit, where there is none.
  class Ticket {
   public:
    Ticket(Admission& admission, const Caller& caller);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    Admission& admission_;
    std::string connection_;
    uid_t uid_;
  };

 private:
  void require_room(const Caller& caller) const;

  const Limits& limits_;
  std::map<std::string, std::uint32_t, std::less<>> of_connection_;
  std::map<uid_t, std::uint32_t> of_uid_;
};

}  // namespace factord::ipc
