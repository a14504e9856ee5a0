// SPDX-License-Identifier: Apache-2.0
// The system log: structured entries to journald where stderr is connected to it, plain lines on stderr elsewhere.
// Callers put ids, uids and names of methods into fields; secrets and texts from outside have no place here.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace factord::core {

enum class Severity : int { error = 3, warning = 4, notice = 5, info = 6 };

// Keys in upper case, as journald wants them: {"FACTORD_METHOD", "RemovePasskey"}.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// May be called from any thread.
void log(Severity severity, std::string_view text, LogFields fields = {});

}  // namespace factord::core
