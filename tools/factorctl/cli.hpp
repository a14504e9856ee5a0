// SPDX-License-Identifier: Apache-2.0
// The command line: parsed, run, and turned into an exit status.
#pragma once

#include "tools/factorctl/session.hpp"

namespace factord::factorctl {

// Exit status: 0, the canonical code of the error, or 64 for a command line that is not understood. Errors are told on
// `console`: as JSON among the data where --json stands, else as one line of talk. Throws only where the console
// itself cannot be written.
int run(int argc, const char* const* argv, const Console& console, const OpenBus& open);

}  // namespace factord::factorctl
