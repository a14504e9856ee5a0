// SPDX-License-Identifier: Apache-2.0
// Who may have a question open at an authority next. The bus lets a connection wait for 128 answers and no more, and a
// prompt may stay open for minutes: without turns, one user could take all of them. Pure; owned by who asks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace factord::ipc {

class Turns {
 public:
  using Number = std::uint64_t;

  Turns(std::uint32_t places, std::uint32_t places_of_one) : places_(places), places_of_one_(places_of_one) {}

  // Gets in that user's line.
  void wait(uid_t uid, Number number);
  // Leaves the line without having had a turn.
  void leave(uid_t uid, Number number);

  // The next in turn takes a place, user after user; nothing where all places are taken or nobody may have one.
  std::optional<Number> next();
  void give_back(uid_t uid);

 private:
  struct Line {
    std::deque<Number> waiting;
    std::uint32_t taken = 0;
  };
  using Lines = std::map<uid_t, Line>;
  Lines::iterator ready_after(uid_t uid);
  void forget_if_idle(Lines::iterator line);

  std::uint32_t places_;
  std::uint32_t places_of_one_;
  std::uint32_t taken_ = 0;
  Lines lines_;
  uid_t served_last_ = 0;
};

}  // namespace factord::ipc
