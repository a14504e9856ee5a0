// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <array>
#include <utility>

namespace factord::core {

std::string_view name(Code code) {
  static constexpr std::array<std::string_view, 17> names = {
      "Ok",       "Cancelled",      "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return names.at(static_cast<std::size_t>(code));
}

Error::Error(const Failure& failure, std::string cause)
    : Error(failure.code, failure.id, std::string(failure.text), std::move(cause)) {}

Error Error::because(const Failure& failure, std::string text, std::string cause) {
  return {failure.code, failure.id, std::move(text), std::move(cause)};
}

Error::Error(Code code, std::string_view id, std::string text, std::string cause)
    : code_(code), id_(id), text_(std::move(text)), cause_(std::move(cause)), message_(text_ + " (" + id_ + ")") {}

}  // namespace factord::core
