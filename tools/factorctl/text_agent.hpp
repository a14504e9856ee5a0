// SPDX-License-Identifier: Apache-2.0
// polkit's own text agent (pkttyagent) beside the tool, so that who may not do something at once can be asked for a
// password on the terminal, as systemctl does it. Where a desktop's agent is there, that one asks. One thread.
#pragma once

#include <sys/types.h>

#include <string>

namespace factord::factorctl {

class TextAgent {
 public:
  // Returns once the agent can be asked, or has ended: without pkttyagent, polkit or a terminal nobody asks, and the
  // call that needs it is refused. `bus` as in Settings.
  explicit TextAgent(const std::string& bus);
  ~TextAgent();
  TextAgent(const TextAgent&) = delete;
  TextAgent& operator=(const TextAgent&) = delete;

 private:
  pid_t child_ = -1;
};

}  // namespace factord::factorctl
