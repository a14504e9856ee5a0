// SPDX-License-Identifier: Apache-2.0
// The calls into OpenSSL and libsodium that can fail, as the program under test makes them: this program defines them
// itself and hands them on, unless one was told to fail. One thread at a time.
#pragma once

#include <string>
#include <vector>

namespace factord::tests {

class FailingCall {
 public:
  // While this lives, every call of the function of that name fails. Throws std::invalid_argument for a name that is
  // not in failing_calls().
  explicit FailingCall(const std::string& name);
  ~FailingCall();
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;

  static bool happened();  // since the last one began
};

const std::vector<std::string>& failing_calls();

}  // namespace factord::tests
