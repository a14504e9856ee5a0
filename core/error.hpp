// SPDX-License-Identifier: Apache-2.0
// The one exception of factord. A layer throws it where an operation cannot go on; it is caught at the door, at the
// worker's job wrapper and in the mains, and logged once, at the door. Decisions (a code is wrong, a signature does
// not verify) are values, not exceptions, until the use case turns them into one of the failures below.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace factord::core {

// The canonical google.rpc codes, by their numbers.
enum class Code : int {
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

// CamelCase as in org.factord1.Error.<Code>: "NotFound".
std::string_view name(Code code);

// One row of core/failure.hpp: a reason that callers may rely on. `id` is the stable handle.
struct Failure {
  Code code;
  std::string_view id;
  std::string_view text;
};

class Error : public std::exception {
 public:
  // `cause` is for the system log alone; it never reaches the wire.
  explicit Error(const Failure& failure, std::string cause = {});
  // As above with a text of its own, where the caller is told what exactly was wrong (an argument's name, a limit).
  static Error because(const Failure& failure, std::string text, std::string cause = {});

  Code code() const { return code_; }
  const std::string& id() const { return id_; }
  const std::string& text() const { return text_; }
  const std::string& cause() const { return cause_; }
  // The message on the wire: "<text> (<id>)".
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Error(Code code, std::string_view id, std::string text, std::string cause);

  Code code_;
  std::string id_;
  std::string text_;
  std::string cause_;
  std::string message_;
};

}  // namespace factord::core
