// SPDX-License-Identifier: Apache-2.0
// How a command ended, as the mirrored google.rpc.Status: rebuilt from an error's D-Bus name and message, which carry
// all of it. Stateless.
#pragma once

#include <exception>

#include "core/error.hpp"
#include "ipc/client.hpp"
#include "status.pb.h"

namespace factord::factorctl {

inline constexpr int usage_error = 64;  // EX_USAGE of sysexits.h

// factord's own names give their code and, from "<text> (<ID>)", the detail. Names of the bus give the nearest code and
// no detail.
zitadel::v1::Status status_of(const ipc::RemoteError& error);
zitadel::v1::Status status_of(const core::Error& error);
// Any exception that a command ends with.
zitadel::v1::Status status_of(std::exception_ptr thrown);

core::Code code_of(std::string_view error_name);

}  // namespace factord::factorctl
