// SPDX-License-Identifier: Apache-2.0
// Signals on their way to the connections that asked for them. The bus keeps what a connection does not read, counts it
// against the sender, and reads nothing more from factord once 127 MiB are lying about: one reader that stands still
// could silence the daemon for all. So the bus is asked now and then how far a reader has come, and whoever is too far
// behind is given up (docs/decisions/0006-unicast-signals.md).
// Owned by the subscriptions; loop thread. Nothing is queued here: memory does not grow with what is unread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ipc/bus.hpp"
#include "ipc/caller.hpp"
#include "ipc/post.hpp"

namespace factord::ipc {

class Outbox {
 public:
  // Of what is unread, in bytes.
  struct Bounds {
    std::uint64_t of_uid = 16u << 20;       // over all its connections; beyond it the one furthest behind is given up
    std::uint64_t left_by_uid = 32u << 20;  // of those that were given up; beyond it all that are behind go
    std::uint64_t of_all = 64u << 20;       // of everybody and all; likewise. The backlog of answers has 40 MiB
    std::uint64_t noticed = 64u << 10;      // so much was sent since the bus was asked last
    std::uint64_t spared = 128u << 10;      // who has less is not behind
  };
  // Called for a connection that has left the bus or is given up; never from within send().
  using Lost = std::function<void(const std::string& unique_name)>;

  Outbox(Post& post, Member signal, Lost lost);
  Outbox(Post& post, Member signal, Lost lost, const Bounds& bounds);

  // Before the first send() to a connection. It is remembered until it leaves, given up or not: what is unread must
  // not be forgotten by asking anew.
  void open(const Caller& reader);
  void send(const std::string& unique_name, const Values& values);
  // To be called after a round of send(): gives up who is too far behind.
  void settle();

 private:
  struct Reader {
    uid_t uid;
    std::uint64_t unread = 0;       // at most
    std::uint64_t since_asked = 0;  // sent since the last question
    bool asking = false;
    bool given_up = false;
  };
  using Readers = std::map<std::string, Reader, std::less<>>;
  struct OfUid {
    std::uint64_t unread = 0;  // by those who were not given up
    std::uint64_t left = 0;    // by those who were
    std::uint32_t readers = 0;
  };

  void ask(const std::string& unique_name, Reader& reader);
  void answered(const std::string& unique_name, Post::Unread unread);
  void set_unread(Reader& reader, std::uint64_t bytes);
  void set_given_up(Reader& reader, bool given_up);
  bool too_far_behind(const Reader& reader) const;
  Readers::iterator furthest_behind();
  void left(const std::string& unique_name);

  Post& post_;
  Member signal_;
  Lost lost_;
  Bounds bounds_;
  Readers readers_;
  std::map<uid_t, OfUid> of_uid_;
  std::uint64_t unread_ = 0;
  std::unique_ptr<Post::Watch> goings_;  // while there is a reader
};

}  // namespace factord::ipc
