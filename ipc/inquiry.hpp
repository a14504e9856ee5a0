// SPDX-License-Identifier: Apache-2.0
// Which method a question about one's own rights (Admin.ExplainAccess) is about. Pure; loop thread.
#pragma once

#include <vector>

#include "ipc/method.hpp"

namespace factord::ipc {

// The row that the argument `method` names, bare or with its interface. Throws Error (bad_argument) where there is
// none, or where that method takes no user or no organization and one is given.
const Method& inquired(const std::vector<Method>& methods, const Call& call);

}  // namespace factord::ipc
