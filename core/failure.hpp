// SPDX-License-Identifier: Apache-2.0
// Every reason for which a call may fail, with its stable id. Ids and texts of the mirrored API where it has one;
// FACTORD-* are our own. docs/errors.md lists them for callers.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace factord::core::failure {

inline constexpr Failure bad_argument{Code::invalid_argument, "FACTORD-Arg1", "Argument is invalid"};
inline constexpr Failure credential_unreadable{Code::invalid_argument, "WEBAU-sEr8c", "Error on parse credential data"};
inline constexpr Failure ceremony_failed{Code::invalid_argument, "WEBAU-3Vb9s", "Error on create credentials"};
inline constexpr Failure assertion_failed{Code::invalid_argument, "WEBAU-3M9si", "Error on validate login credentials"};
inline constexpr Failure wrong_code{Code::invalid_argument, "EVENT-8isk2", "Invalid code"};
inline constexpr Failure code_invalid{Code::invalid_argument, "COMMAND-Eeb2a", "Code is invalid"};

inline constexpr Failure webauthn_not_found{Code::not_found, "COMMAND-DAfb2", "WebAuthN Token could not be found"};
inline constexpr Failure webauthn_not_pending{Code::not_found, "WEBAU-5M9so", "WebAuthN Token could not be found"};
inline constexpr Failure totp_not_found{Code::not_found, "COMMAND-Hd9sd",
                                        "Multifactor OTP (OneTimePassword) doesn't exist"};
inline constexpr Failure totp_not_ready{Code::not_found, "COMMAND-3Mif9s",
                                        "Multifactor OTP (OneTimePassword) doesn't exist"};
inline constexpr Failure user_not_found{Code::not_found, "COMMAND-M9dsd", "User could not be found"};

inline constexpr Failure credential_known{Code::already_exists, "FACTORD-Cred1", "Credential is already registered"};
inline constexpr Failure user_exists{Code::already_exists, "FACTORD-User1", "User already exists"};

inline constexpr Failure no_permission{Code::permission_denied, "AUTH-AWfge", "No matching permissions found"};

inline constexpr Failure quota{Code::resource_exhausted, "FACTORD-Quo1", "Limit reached"};
inline constexpr Failure throttled{Code::resource_exhausted, "FACTORD-Thr1", "Too many attempts"};

inline constexpr Failure totp_already_ready{Code::failed_precondition, "COMMAND-qx4ls",
                                            "Multifactor OTP (OneTimePassword) is already set up"};
inline constexpr Failure last_factor{Code::failed_precondition, "FACTORD-Last1",
                                     "The last usable factor of a user is protected"};
inline constexpr Failure user_locked{Code::failed_precondition, "COMMAND-SF3fg", "User is locked"};
inline constexpr Failure no_credential{Code::failed_precondition, "WEBAU-4G8sw", "WebAuthN begin login failed"};
inline constexpr Failure clone_suspected{Code::failed_precondition, "WEBAU-4M90s", "Credentials may be cloned"};
inline constexpr Failure clock_untrusted{Code::failed_precondition, "FACTORD-Clk1", "Clock cannot be trusted"};
inline constexpr Failure binding_changed{Code::failed_precondition, "FACTORD-Bind1",
                                         "Account name and uid no longer belong together"};
inline constexpr Failure store_locked{Code::failed_precondition, "FACTORD-Key1", "Store is locked"};

inline constexpr Failure timed_out{Code::deadline_exceeded, "FACTORD-Time1", "Took too long"};
inline constexpr Failure internal{Code::internal, "FACTORD-Int1", "An internal error occurred"};
inline constexpr Failure unavailable{Code::unavailable, "FACTORD-Ava1", "Service is unavailable"};
inline constexpr Failure record_damaged{Code::data_loss, "FACTORD-Data1", "Stored record is damaged"};

// Names the limit as the configuration does.
inline Error limit_reached(std::string_view name, std::uint32_t limit) {
  return Error::because(quota, "Limit " + std::string(name) + "=" + std::to_string(limit) + " is reached");
}

}  // namespace factord::core::failure
