// SPDX-License-Identifier: Apache-2.0
// OpenSSL's MAC functions as the program under test calls them: this program defines them itself, counts the calls, and
// hands them on to OpenSSL unless one is told to fail, whichever thread calls.
#pragma once

#include <cstdint>
#include <vector>

namespace factord::tests {

enum class MacCall { fetch, make_context, set_parameters, init, update, final, end_context, end_fetched };

class MacCalls {
 public:
  // Counts from 0; nothing fails.
  MacCalls();
  ~MacCalls();
  MacCalls(const MacCalls&) = delete;
  MacCalls& operator=(const MacCalls&) = delete;

  // The n-th call from now on fails, counted from 1.
  static void fail(MacCall call, int nth = 1);
  static int count(MacCall call);
  // What the last init() with a key was given.
  static std::vector<std::uint8_t> last_key();
};

}  // namespace factord::tests
