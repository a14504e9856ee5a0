// SPDX-License-Identifier: Apache-2.0
// The question before a user's last factor goes.
#pragma once

#include "tools/factorctl/nouns.hpp"

namespace factord::factorctl {

// Asks on a terminal where the factor is the only ready one; returns where it may go. Throws core::Error (cancelled)
// where the person says no. Without a terminal, or with --yes, it asks nothing. `what`: "remove".
void confirm_removal(Session& session, const Removal& removal, const std::string& what = "remove");

// org, and force where it was asked for.
ipc::Dict options_of(const Session& session, const Removal& removal);

}  // namespace factord::factorctl
