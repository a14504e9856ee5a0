// SPDX-License-Identifier: Apache-2.0
// Runs whole command lines against a bus that answers what a test wants and remembers what it was asked; standard
// input, output and error are memory files, or a terminal for the input.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ipc/value.hpp"

namespace factord::tests {

struct Call {
  std::string interface;
  std::string method;
  ipc::Values arguments;
};

struct Run {
  int status = 0;
  std::string data;  // standard output
  std::string talk;  // standard error
};

enum class Input { pipe, terminal };

class Stage {
 public:
  using Answer = std::function<ipc::Values(const ipc::Values& arguments)>;

  // An answer may throw. A method without one answers UnknownMethod.
  std::map<std::string, Answer> answers;
  std::map<std::string, std::string> properties;
  std::vector<ipc::Values> told;  // what comes as signals to whoever follows
  bool restarts = false;          // the daemon, after these
  std::string input;
  Input kind_of_input = Input::pipe;

  std::vector<Call> calls;
  std::vector<std::string> opened;  // the addresses of the buses that were asked for

  Run run(std::vector<std::string> words);

  // The one call that was made.
  const Call& only_call() const;
};

// What was handed over by descriptor, where it is sealed as the daemon wants it.
std::string handed_over(const ipc::Value& value);

ipc::Dict details();
Stage::Answer always(ipc::Values values);
Stage::Answer failing(std::string code, std::string message);

// Equal as JSON, in whatever order the members stand.
bool same_json(const std::string& a, const std::string& b);

}  // namespace factord::tests
