// SPDX-License-Identifier: Apache-2.0
// A bus for the tests of who is sent signals: it keeps what was sent, and answers when the test says so.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ipc/bus.hpp"
#include "ipc/post.hpp"

namespace factord::tests {

struct PostOffice final : ipc::Post {
  using Outcome = Unread::Outcome;
  std::vector<std::pair<std::string, ipc::Values>> sent;
  std::vector<std::pair<std::string, std::function<void(Unread)>>> questions;
  std::function<void(const std::string&)> gone;  // set while somebody watches

  void emit_to(const std::string& name, const ipc::Member&, const ipc::Values& values) override {
    sent.emplace_back(name, values);
  }
  void ask_unread(const std::string& name, std::function<void(Unread)> answer) override {
    questions.emplace_back(name, std::move(answer));
  }

  struct Watched final : Watch {
    explicit Watched(PostOffice& office) : office_(office) {}
    ~Watched() override { office_.gone = nullptr; }
    PostOffice& office_;
  };
  std::unique_ptr<Watch> watch_goings(std::function<void(const std::string&)> told) override {
    gone = std::move(told);
    return std::make_unique<Watched>(*this);
  }

  void leave(const std::string& name) {
    if (const auto told = gone) told(name);
  }
  // Answers every question that is open; gives how many there were.
  std::size_t answer(std::uint64_t bytes = 0, Outcome outcome = Outcome::told, std::uint32_t fds = 0) {
    const auto open = std::exchange(questions, {});
    for (const auto& [name, tell] : open) tell({outcome, bytes, fds});
    return open.size();
  }
  std::size_t count(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::count(sent, name, &std::pair<std::string, ipc::Values>::first));
  }
};

}  // namespace factord::tests
