// SPDX-License-Identifier: Apache-2.0
// Reads a secret that a caller hands in by file descriptor: from a FIFO or from a memfd that nobody can change any
// more; to its end, at most 4096 bytes, within 5 seconds, without ever blocking the loop.
#pragma once

#include <exception>
#include <functional>

#include "core/secret.hpp"
#include "ipc/value.hpp"

struct sd_event;

namespace factord::ipc {

// Either the secret, or why there is none: Error (bad_argument, timed_out; unavailable where the loop ends before the
// pipe).
using SecretRead = std::function<void(core::Secret, std::exception_ptr)>;

// `name` is the argument's, for the error. Calls `done` once, on the loop thread, maybe before it returns.
void read_secret(sd_event* loop, SharedFd fd, const std::string& name, SecretRead done);

}  // namespace factord::ipc
