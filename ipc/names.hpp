// SPDX-License-Identifier: Apache-2.0
// The names of the contract. Header only and without dependencies, so that a PAM module may include it.
#pragma once

namespace factord::ipc::names {

inline constexpr char service[] = "org.factord1";
inline constexpr char object[] = "/org/factord1";
inline constexpr char factors[] = "org.factord1.Factors";
inline constexpr char checks[] = "org.factord1.Checks";
inline constexpr char admin[] = "org.factord1.Admin";
inline constexpr char bench[] = "org.factord1.Bench";
inline constexpr char error_prefix[] = "org.factord1.Error.";

}  // namespace factord::ipc::names
