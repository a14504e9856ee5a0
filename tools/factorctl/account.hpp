// SPDX-License-Identifier: Apache-2.0
// The Unix account that this process runs as, and how root leaves it for somebody else's. One thread.
#pragma once

#include <string>

namespace factord::factorctl {

// From here on the process is that user's, with its uid, gid and groups, and there is no way back. Nothing happens
// where it is that user's already. Throws core::Error: no_permission where that takes root, user_not_found where there
// is no such account.
void become(const std::string& user);

// The name of the account that this process runs as. Throws core::Error (user_not_found) where it has none.
std::string own_account();

}  // namespace factord::factorctl
