// SPDX-License-Identifier: Apache-2.0
#include "ipc/turns.hpp"

#include <algorithm>

namespace factord::ipc {

void Turns::wait(uid_t uid, Number number) { lines_[uid].waiting.push_back(number); }

void Turns::leave(uid_t uid, Number number) {
  const auto line = lines_.find(uid);
  if (line == lines_.end()) return;
  std::erase(line->second.waiting, number);
  forget_if_idle(line);
}

std::optional<Turns::Number> Turns::next() {
  if (taken_ >= places_) return std::nullopt;
  const auto line = ready_after(served_last_);
  if (line == lines_.end()) return std::nullopt;
  const Number number = line->second.waiting.front();
  line->second.waiting.pop_front();
  ++line->second.taken;
  ++taken_;
  served_last_ = line->first;
  return number;
}

void Turns::give_back(uid_t uid) {
  const auto line = lines_.find(uid);
  if (line == lines_.end() || line->second.taken == 0) return;
  --line->second.taken;
  --taken_;
  forget_if_idle(line);
}

Turns::Lines::iterator Turns::ready_after(uid_t uid) {
  const auto ready = [this](const auto& line) {
    return !line.second.waiting.empty() && line.second.taken < places_of_one_;
  };
  const auto start = lines_.upper_bound(uid);
  const auto found = std::find_if(start, lines_.end(), ready);
  if (found != lines_.end()) return found;
  const auto wrapped = std::find_if(lines_.begin(), start, ready);
  return wrapped == start ? lines_.end() : wrapped;
}

void Turns::forget_if_idle(Lines::iterator line) {
  if (line->second.waiting.empty() && line->second.taken == 0) lines_.erase(line);
}

}  // namespace factord::ipc
