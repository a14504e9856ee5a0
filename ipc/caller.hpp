// SPDX-License-Identifier: Apache-2.0
// Who calls: the uid and groups behind each unique name, asked of the bus once and kept until that connection leaves.
// Owned by main; loop thread.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ipc/bus.hpp"

namespace factord::ipc {

struct Caller {
  std::string unique_name;
  Credentials credentials;
  bool gone = false;  // has left the bus since

  uid_t uid() const { return credentials.uid; }
};

class Callers {
 public:
  // `gone` is told of each remembered caller that leaves.
  Callers(Bus& bus, std::function<void(const std::string& unique_name)> gone) : bus_(bus), gone_(std::move(gone)) {}

  // Null where the bus has not told yet. Counts as use.
  std::shared_ptr<const Caller> known(const std::string& unique_name);
  using Answer = std::function<void(std::shared_ptr<const Caller>)>;
  // Answers at once where the caller is known, else when the bus has told; with null where it cannot tell.
  void identify(const std::string& unique_name, Answer answer);

 private:
  struct Entry {
    std::shared_ptr<Caller> caller;  // null until the bus has answered
    std::vector<Answer> waiting;
    std::unique_ptr<Bus::Watch> watch;
    std::list<std::string>::iterator used;
  };
  void answered(const std::string& unique_name, std::optional<Credentials> credentials);
  void forget(const std::string& unique_name);
  void make_room();

  Bus& bus_;
  std::function<void(const std::string& unique_name)> gone_;
  std::unordered_map<std::string, Entry> entries_;
  std::list<std::string> least_recent_first_;
};

}  // namespace factord::ipc
