// SPDX-License-Identifier: Apache-2.0
// The rows of the table that are about recovery and registration codes.
#pragma once

#include <vector>

#include "daemon/recovery_codes.hpp"
#include "daemon/registration_codes.hpp"
#include "ipc/method.hpp"

namespace factord::daemon {

// The rows refer to what they are given, which must outlive them.
std::vector<ipc::Method> code_methods(const RecoveryCodes& recovery, const RegistrationCodes& registration);

// Has a registration code stand in for the permission in both steps of every registration of the table.
void let_codes_stand_in(std::vector<ipc::Method>& table, const RegistrationCodes& registration);

}  // namespace factord::daemon
