// SPDX-License-Identifier: Apache-2.0
// Answers that lie at the bus because whoever asked does not read them. dbus-daemon keeps them, counts them against
// factord, and reads nothing more from factord once 127 MiB are lying about: callers that ask and never read could
// silence the daemon for all. So what each connection was sent is counted, the bus is asked now and then how much of it
// still lies there, and whoever leaves much of it is not answered until that is read. How much is much depends on what
// all leave together: whoever reads is served whatever others do.
// Owned by the door; loop thread. Remembers connections that were sent something and, as far as is known, have not read
// it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ipc/post.hpp"

namespace factord::ipc {

class Backlog {
 public:
  // Bytes that sd-bus's own answers, errors and most of ours stay below.
  static constexpr std::uint64_t usual_answer = 1u << 10;

  struct Bounds {
    std::uint64_t of_all = 40u << 20;         // bytes; the outbox has the rest of what the bus bears
    std::uint64_t noticed = 128u << 10;       // so much was sent since the bus was asked last
    std::uint64_t noticed_late = 512u << 10;  // the same, while little lies about
    std::uint32_t questions = 16;             // that are open at a time; the bus lets a connection have 128
    std::size_t remembered = 256;             // beyond it one that is remembered is asked about for each new one
  };
  explicit Backlog(Post& post) : Backlog(post, Bounds{}) {}
  Backlog(Post& post, const Bounds& bounds) : post_(post), bounds_(bounds) {}

  enum class Verdict : std::uint8_t { answer, refuse, ignore };
  // A call has come, whose answer will have about so many bytes. One third of what may lie about is any connection's to
  // leave; up to a half it is told that it must read, beyond that nothing: the bus lets a connection wait for 128
  // answers, and nobody who reads gets that far.
  Verdict on_call(std::string_view connection, std::uint64_t bytes);
  // An answer is larger than that.
  void add(std::string_view connection, std::uint64_t bytes);
  // It has left the bus. Of those of which nobody says so it is found out in time.
  void left(const std::string& connection);

 private:
  struct Reader {
    std::uint64_t unread = 0;       // at most
    std::uint64_t since_asked = 0;  // sent since the last question
    bool asking = false;
  };
  using Readers = std::map<std::string, Reader, std::less<>>;

  Readers::iterator entry(std::string_view connection);
  void charge(Readers::iterator reader, std::uint64_t bytes);
  std::uint64_t noticed() const;
  bool little_lies_about() const;
  void ask(Readers::iterator reader);
  void ask_next();
  void answered(const std::string& connection, Post::Unread said);
  void set_unread(Reader& reader, std::uint64_t bytes);

  Post& post_;
  Bounds bounds_;
  Readers readers_;
  std::uint64_t unread_ = 0;  // of all
  std::uint32_t asking_ = 0;
  std::string asked_last_;               // in turn, by ask_next()
  std::unique_ptr<Post::Watch> goings_;  // while there is much that they may leave behind
};

}  // namespace factord::ipc
