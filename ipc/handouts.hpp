// SPDX-License-Identifier: Apache-2.0
// File descriptors that go out with answers, from the call that will bring one until its caller has taken it.
// dbus-daemon reads nothing more from factord while 64 of its descriptors wait to be read, so a few calls of one who
// never reads would silence the daemon for all. One uid may have some of them, and the fewer the more others have, so
// that another still finds one. Root is not limited.
// Owned by the door; loop thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "ipc/caller.hpp"
#include "ipc/post.hpp"

namespace factord::ipc {

class Handouts {
 public:
  static constexpr std::uint32_t of_uid = 16;
  static constexpr std::uint32_t of_all = 56;

  explicit Handouts(Post& post) : post_(post) {}

  // One descriptor's place; given back when it is dropped, or when the caller has read what was sent. Outlived by the
  // handouts.
  class Place {
   public:
    Place(Handouts& handouts, const Caller& caller);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // The answer has just been sent, with the descriptor.
    void sent();

   private:
    Handouts& handouts_;
    std::string connection_;
    uid_t uid_;
    bool sent_ = false;
  };

  // Throws Error (quota), naming the limit. Null for root.
  std::unique_ptr<Place> admit(const Caller& caller);

 private:
  struct Reader {
    uid_t uid;
    std::uint32_t unread = 0;       // at most
    std::uint32_t since_asked = 0;  // sent since the last question
    bool asking = false;
  };

  void take(uid_t uid);
  void give_back(uid_t uid, std::uint32_t count);
  void ask(const std::string& connection, Reader& reader);
  void answered(const std::string& connection, Post::Unread said);

  Post& post_;
  std::map<uid_t, std::uint32_t> of_uid_;
  std::uint32_t all_ = 0;
  std::map<std::string, Reader> readers_;  // who were sent some and, as far as is known, have not read them
};

}  // namespace factord::ipc
