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

// How much each has under way. Whoever has nothing is forgotten, but not at once: most come back with their next call.
template <typename Key>
class Counts {
 public:
  using Place = typename std::map<Key, std::uint32_t>::iterator;

  Place of(const Key& key) {
    const auto found = counts_.find(key);
    if (found != counts_.end()) return found;
    if (idle_ >= remembered) idle_ -= std::erase_if(counts_, [](const auto& entry) { return entry.second == 0; });
    const Place place = counts_.emplace(key, 0).first;
    ++idle_;
    return place;
  }
  void add(Place place) { idle_ -= place->second++ == 0; }
  void take_off(Place place) { idle_ += --place->second == 0; }

 private:
  static constexpr std::size_t remembered = 256;
  std::map<Key, std::uint32_t> counts_;
  std::size_t idle_ = 0;
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
    Counts<std::string>::Place connection_;
    Counts<uid_t>::Place uid_;
  };

 private:
  const Limits& limits_;
  Counts<std::string> connections_;
  Counts<uid_t> uids_;
};

}  // namespace factord::ipc
